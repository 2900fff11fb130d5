import { describe, expect, it } from 'vitest';
import { Jobs, Pods } from '#common/kube/resources';
import type { Job, Pod } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { TestSandbox } from '#test/harness/test-sandbox';
import { jobController } from './job';
import { ttlAfterFinishedController } from './ttl-after-finished';

const sum = (spec: Partial<Job['spec']> = {}): Draft<Job> => ({
  metadata: { name: 'sum' },
  spec: {
    manualSelector: true,
    selector: { matchLabels: { job: 'sum' } },
    template: {
      metadata: { labels: { job: 'sum' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'sum', image: 'busybox' }] },
    },
    ...spec,
  },
});

async function end(sandbox: TestSandbox, pod: Pod, phase: 'Succeeded' | 'Failed'): Promise<void> {
  const { name, namespace } = pod.metadata;
  await sandbox.client.patch(
    Pods,
    { name, namespace },
    { type: 'merge', patch: { status: { phase } } },
    { subresource: 'status' },
  );
}

/** Ends every Pod that runs now. */
async function endAll(sandbox: TestSandbox, phase: 'Succeeded' | 'Failed'): Promise<void> {
  for (const pod of await sandbox.list(Pods)) if (pod.status?.phase === 'Pending') await end(sandbox, pod, phase);
  await sandbox.settle();
}

const words = ({ status }: Job) =>
  (status?.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`);

describe('job controller', () => {
  it('runs until enough Pods have succeeded, and counts each once', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [jobController()] });
    const made = await sandbox.create(Jobs, sum({ completions: 3, parallelism: 2 }));
    await sandbox.settle();
    expect((await sandbox.get(Jobs, 'sum')).status).toMatchObject({ active: 2, startTime: '2026-01-01T00:00:00Z' });
    await endAll(sandbox, 'Succeeded');
    expect((await sandbox.get(Jobs, 'sum')).status).toMatchObject({ active: 1, succeeded: 2 });
    await endAll(sandbox, 'Succeeded');
    const job = await sandbox.get(Jobs, 'sum');
    expect(job.status).toMatchObject({ succeeded: 3, uncountedTerminatedPods: {} });
    expect(job.status?.completionTime).toBeDefined();
    expect(words(job)).toEqual(['SuccessCriteriaMet True CompletionsReached', 'Complete True CompletionsReached']);
    const pods = await sandbox.podsOf(made);
    expect(pods.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
    expect((await sandbox.eventsAbout(made)).at(-1)).toBe('Completed: Job completed');
    expect(sandbox.reports).toEqual([]);
  });

  it('gives up after as many failures as it may have', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [jobController()] });
    const made = await sandbox.create(Jobs, sum({ backoffLimit: 1 }));
    await sandbox.settle();
    await endAll(sandbox, 'Failed');
    await sandbox.advance(11_000);
    await endAll(sandbox, 'Failed');
    const job = await sandbox.get(Jobs, 'sum');
    expect(job.status).toMatchObject({ failed: 2 });
    expect(words(job)).toEqual(['FailureTarget True BackoffLimitExceeded', 'Failed True BackoffLimitExceeded']);
    expect(await sandbox.eventsAbout(made)).toContain(
      'BackoffLimitExceeded: Job has reached the specified backoff limit',
    );
  });

  it('numbers the Pods of an indexed Job', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [jobController()] });
    await sandbox.create(Jobs, sum({ completionMode: 'Indexed', completions: 3, parallelism: 3 }));
    await sandbox.settle();
    const pods = await sandbox.list(Pods);
    expect(pods.map(({ spec }) => spec.hostname).sort()).toEqual(['sum-0', 'sum-1', 'sum-2']);
    await end(
      sandbox,
      pods.find(({ spec }) => spec.hostname === 'sum-1')!,
      'Succeeded',
    );
    await sandbox.settle();
    expect((await sandbox.get(Jobs, 'sum')).status).toMatchObject({ active: 2, succeeded: 1, completedIndexes: '1' });
  });

  it('holds its Pods back while suspended', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [jobController()] });
    await sandbox.create(Jobs, sum({ suspend: true }));
    await sandbox.settle();
    expect(await sandbox.list(Pods)).toEqual([]);
    expect(words(await sandbox.get(Jobs, 'sum'))).toEqual(['Suspended True JobSuspended']);
    await sandbox.client.patch(
      Jobs,
      { name: 'sum', namespace: 'default' },
      { type: 'merge', patch: { spec: { suspend: false } } },
    );
    await sandbox.settle();
    expect(await sandbox.list(Pods)).toHaveLength(1);
    expect(words(await sandbox.get(Jobs, 'sum'))).toEqual(['Suspended False JobResumed']);
  });

  it('goes some time after it has ended when it is told to', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [jobController(), ttlAfterFinishedController] });
    await sandbox.create(Jobs, sum({ ttlSecondsAfterFinished: 60 }));
    await sandbox.settle();
    await endAll(sandbox, 'Succeeded');
    await sandbox.advance(61_000);
    const [job] = await sandbox.list(Jobs);
    // Its Pods are the garbage collector's, which does not run here.
    expect(job?.metadata.deletionTimestamp).toBeDefined();
  });
});
