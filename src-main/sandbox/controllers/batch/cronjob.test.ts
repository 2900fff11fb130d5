import { describe, expect, it } from 'vitest';
import { CronJobs, Jobs } from '#common/kube/resources';
import type { CronJob, Job } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { TestSandbox } from '#test/harness/test-sandbox';
import { controllerReference } from '../runtime/ownership';
import { cronJobController } from './cronjob';

const jobSpec: Job['spec'] = {
  template: { spec: { restartPolicy: 'Never', containers: [{ name: 'sum', image: 'busybox' }] } },
};
const tick = (spec: Partial<CronJob['spec']> = {}): Draft<CronJob> => ({
  metadata: { name: 'tick' },
  spec: { schedule: '* * * * *', jobTemplate: { spec: jobSpec }, ...spec },
});
const tickRef = { name: 'tick', namespace: 'default' };
const MINUTE = Date.UTC(2026, 0, 1) / 60_000;
const nameAt = (minute: number) => `tick-${MINUTE + minute}`;
const names = async (sandbox: TestSandbox) => (await sandbox.list(Jobs)).map(({ metadata }) => metadata.name).sort();

function open(): Promise<TestSandbox> {
  return TestSandbox.open({ controllers: [cronJobController] });
}

async function change(sandbox: TestSandbox, spec: Partial<CronJob['spec']>): Promise<void> {
  await sandbox.client.patch(CronJobs, tickRef, { type: 'merge', patch: { spec } });
  await sandbox.settle();
}

async function endJob(sandbox: TestSandbox, name: string, type: 'Complete' | 'Failed'): Promise<void> {
  const time = new Date(sandbox.clock.now()).toISOString().replace(/\.\d+/, '');
  const target = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const conditions = [target, type].map((one) => ({ type: one, status: 'True', lastTransitionTime: time }));
  const status = { startTime: time, conditions, ...(type === 'Complete' ? { completionTime: time } : {}) };
  await sandbox.client.patch(
    Jobs,
    { name, namespace: 'default' },
    { type: 'merge', patch: { status } },
    { subresource: 'status' },
  );
  await sandbox.settle();
}

describe('cronjob controller', () => {
  it('starts a Job at each time of its schedule, each once', async () => {
    await using sandbox = await open();
    await sandbox.create(CronJobs, tick({ schedule: '*/5 * * * *' }));
    await sandbox.advance(11 * 60_000);
    expect(await names(sandbox)).toEqual([nameAt(5), nameAt(10)]);
    const { status } = await sandbox.get(CronJobs, 'tick');
    expect(status?.lastScheduleTime).toBe('2026-01-01T00:10:00Z');
    expect(status?.active).toHaveLength(2);
    expect(sandbox.reports).toEqual([]);
  });

  it('says of a schedule that never comes that it is none', async () => {
    await using sandbox = await open();
    const never = await sandbox.create(CronJobs, tick({ schedule: '59 23 31 2 *' }));
    await sandbox.settle();
    expect(await sandbox.eventsAbout(never)).toEqual([
      'InvalidSchedule: invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
    ]);
  });

  it('keeps no second Job beside the first where that is forbidden', async () => {
    await using sandbox = await open();
    await sandbox.create(CronJobs, tick({ concurrencyPolicy: 'Forbid' }));
    await sandbox.advance(5 * 60_000);
    expect(await names(sandbox)).toHaveLength(1);
  });

  it('starts the latest of many missed runs, and tells of them', async () => {
    await using sandbox = await open();
    const made = await sandbox.create(CronJobs, tick({ suspend: true }));
    await sandbox.advance(102 * 60_000 - 30_000);
    await change(sandbox, { suspend: false });
    expect(await names(sandbox)).toEqual([nameAt(101)]);
    expect(await sandbox.eventsAbout(made)).toEqual([
      'TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      `SuccessfulCreate: Created job ${nameAt(101)}`,
    ]);
  });

  it('starts nothing whose deadline has passed', async () => {
    await using sandbox = await open();
    const made = await sandbox.create(
      CronJobs,
      tick({ suspend: true, schedule: '0 * * * *', startingDeadlineSeconds: 60 }),
    );
    await sandbox.advance(62 * 60_000);
    await change(sandbox, { suspend: false });
    expect(await names(sandbox)).toEqual([]);
    expect(await sandbox.eventsAbout(made)).toEqual([]);
    await sandbox.advance(58 * 60_000 + 200);
    expect(await names(sandbox)).toEqual([nameAt(120)]);
  });

  it('waits with a new schedule until it first comes', async () => {
    await using sandbox = await open();
    await sandbox.create(CronJobs, tick({ schedule: '0 0 1 7 *' }));
    await sandbox.advance(150_000);
    await change(sandbox, { schedule: '* * * * *' });
    expect(await names(sandbox)).toEqual([]);
    await sandbox.advance(30_200);
    expect(await names(sandbox)).toEqual([nameAt(3)]);
  });

  it('counts an interval from the last run', async () => {
    await using sandbox = await open();
    await sandbox.create(CronJobs, tick({ schedule: '@every 90s' }));
    await sandbox.advance(271_000);
    expect(await names(sandbox)).toEqual([nameAt(1), nameAt(3), nameAt(4)]);
  });

  it('tells of Jobs that ended, went missing, or that it did not start', async () => {
    await using sandbox = await open();
    const made = await sandbox.create(CronJobs, tick({ failedJobsHistoryLimit: 0 }));
    await sandbox.advance(121_000);
    await change(sandbox, { suspend: true });
    await endJob(sandbox, nameAt(1), 'Failed');
    await sandbox.client.remove(Jobs, { name: nameAt(2), namespace: 'default' }, { propagationPolicy: 'Background' });
    await sandbox.settle();
    const ownerReferences = [controllerReference(CronJobs, made)];
    await sandbox.create(Jobs, { metadata: { name: 'stray', ownerReferences }, spec: jobSpec });
    await sandbox.settle();
    await endJob(sandbox, 'stray', 'Complete');
    expect(await sandbox.eventsAbout(made)).toEqual([
      `SuccessfulCreate: Created job ${nameAt(1)}`,
      `SuccessfulCreate: Created job ${nameAt(2)}`,
      `SuccessfulDelete: Deleted job ${nameAt(1)}`,
      `MissingJob: Active job went missing: ${nameAt(2)}`,
      'UnexpectedJob: Saw a job that the controller did not create or forgot: stray',
    ]);
    expect((await sandbox.get(CronJobs, 'tick')).status).toEqual({
      lastScheduleTime: '2026-01-01T00:02:00Z',
      lastSuccessfulTime: (await sandbox.get(Jobs, 'stray')).status?.completionTime,
    });
  });

  it('leaves a time whose name someone else has taken', async () => {
    await using sandbox = await open();
    const made = await sandbox.create(CronJobs, tick());
    await sandbox.create(Jobs, { metadata: { name: nameAt(1) }, spec: jobSpec });
    await sandbox.advance(61_000);
    expect((await sandbox.get(CronJobs, 'tick')).status).toEqual({});
    expect(await sandbox.eventsAbout(made)).toEqual([]);
  });

  it('takes up a Job that it made but did not note', async () => {
    await using sandbox = await open();
    const made = await sandbox.create(CronJobs, tick());
    const ownerReferences = [controllerReference(CronJobs, made)];
    await sandbox.create(Jobs, { metadata: { name: nameAt(1), ownerReferences }, spec: jobSpec });
    await sandbox.advance(60_200);
    const { status } = await sandbox.get(CronJobs, 'tick');
    expect(status?.active?.map(({ name }) => name)).toEqual([nameAt(1)]);
    expect(status?.lastScheduleTime).toBe('2026-01-01T00:01:00Z');
  });

  it('replaces what still runs', async () => {
    await using sandbox = await open();
    const made = await sandbox.create(CronJobs, tick({ concurrencyPolicy: 'Replace' }));
    await sandbox.advance(121_000);
    expect(await names(sandbox)).toEqual([nameAt(2)]);
    expect(await sandbox.eventsAbout(made)).toContain(`SuccessfulDelete: Deleted job ${nameAt(1)}`);
  });
});
