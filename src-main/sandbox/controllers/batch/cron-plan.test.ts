import { describe, expect, it } from 'vitest';
import { parseCronSchedule } from '#common/kube/cron/cron-schedule';
import type { CronJob, Job } from '#common/kube/types';
import { planHistory } from './cron-history';
import { planRun, scheduledTimestamp, untilNextRun } from './cron-plan';

interface Given {
  schedule?: string;
  made?: string;
  last?: string;
  deadline?: number;
  zone?: string;
}

const cronJob = ({ schedule = '* * * * *', made = '2026-01-01T00:00:00Z', last, deadline, zone }: Given = {}) =>
  ({
    metadata: { name: 'tick', creationTimestamp: made },
    spec: {
      schedule,
      ...(deadline === undefined ? {} : { startingDeadlineSeconds: deadline }),
      ...(zone ? { timeZone: zone } : {}),
    },
    status: last ? { lastScheduleTime: last } : {},
  }) as CronJob;

const timetable = (given: Given, now: string) => ({
  schedule: parseCronSchedule(given.schedule ?? '* * * * *'),
  nowMs: Date.parse(now),
});

const NEVER = 'time difference between two schedules is less than 1 second';

describe('planRun', () => {
  const plan = (given: Given, now: string) => {
    const { dueMs, ...rest } = planRun(cronJob(given), timetable(given, now));
    return { ...(dueMs === undefined ? {} : { due: new Date(dueMs).toISOString().slice(0, 19) }), ...rest };
  };

  it.each<[string, Given, string, object]>([
    ['before the first time', {}, '2026-01-01T00:00:59.999Z', {}],
    ['at the first time', {}, '2026-01-01T00:01:00Z', { due: '2026-01-01T00:01:00' }],
    ['the latest of a few', {}, '2026-01-01T00:05:30Z', { due: '2026-01-01T00:05:00' }],
    ['a hundred are no crowd', {}, '2026-01-01T01:40:30Z', { due: '2026-01-01T01:40:00' }],
    ['the latest of 101', {}, '2026-01-01T01:41:00Z', { due: '2026-01-01T01:41:00', hasMissedMany: true }],
    ['a year of minutes', {}, '2027-01-01T00:00:30Z', { due: '2027-01-01T00:00:00', hasMissedMany: true }],
    ['after the last run', { last: '2026-01-01T03:00:00Z' }, '2026-01-01T03:00:59Z', {}],
    ['many since long before its deadline', { deadline: 120 }, '2026-01-01T09:00:30Z', { due: '2026-01-01T09:00:00' }],
    ['none within its deadline', { schedule: '0 * * * *', deadline: 200 }, '2026-01-01T05:10:00Z', {}],
    [
      'just within its deadline',
      { schedule: '0 * * * *', deadline: 601 },
      '2026-01-01T05:10:00Z',
      { due: '2026-01-01T05:00:00' },
    ],
    ['a deadline of nothing', { deadline: 0 }, '2026-01-01T05:10:00Z', {}],
    [
      'an interval from when it was made',
      { schedule: '@every 90s', made: '2026-01-01T00:00:07Z' },
      '2026-01-01T00:05:00Z',
      { due: '2026-01-01T00:04:37' },
    ],
    ['gaps that differ', { schedule: '30 6-16/4 * * 1-5' }, '2026-01-05T15:00:00Z', { due: '2026-01-05T14:30:00' }],
    [
      'gaps that differ, counted by the first',
      { schedule: '30 6-16/4 * * 1-5', made: '2025-12-01T00:00:00Z' },
      '2026-01-05T15:00:00Z',
      { due: '2026-01-05T14:30:00', hasMissedMany: true },
    ],
    ['a day that never is', { schedule: '59 23 31 2 *' }, '2026-01-01T05:10:00Z', { invalid: NEVER }],
    [
      'by the clock of a zone',
      { schedule: '30 5 * * *', zone: 'Asia/Kolkata' },
      '2026-01-02T01:00:00Z',
      { due: '2026-01-02T00:00:00' },
    ],
  ])('%s', (_, given, now, expected) => {
    expect(plan(given, now)).toEqual(expected);
  });
});

describe('untilNextRun', () => {
  it.each<[string, Given, string, number | undefined]>([
    ['a moment after the next time', {}, '2026-01-01T00:00:30Z', 30_100],
    ['after one that was missed', {}, '2026-01-01T00:01:30Z', 30_100],
    ['after many that were missed', {}, '2026-02-01T00:01:30Z', 30_100],
    ['deadlines do not count', { schedule: '0 * * * *', deadline: 10 }, '2026-01-01T05:10:00Z', 3_000_100],
    [
      'an interval, from the last run',
      { schedule: '@every 1h', last: '2026-01-01T05:00:05Z' },
      '2026-01-01T05:10:00Z',
      3_005_100,
    ],
    ['never', { schedule: '0 0 31 2 *' }, '2026-01-01T05:10:00Z', undefined],
  ])('%s', (_, given, now, expected) => {
    expect(untilNextRun(cronJob(given), timetable(given, now))).toBe(expected);
  });
});

describe('scheduledTimestamp', () => {
  it.each([
    [undefined, '2026-01-01T00:00:00Z'],
    ['Europe/London', '2026-01-01T00:00:00Z'],
    ['Asia/Kolkata', '2026-01-01T05:30:00+05:30'],
    ['America/St_Johns', '2025-12-31T20:30:00-03:30'],
  ])('in %s', (zone, expected) => {
    const given = zone === undefined ? {} : { zone };
    expect(scheduledTimestamp(cronJob(given), Date.parse('2026-01-01T00:00:00Z'))).toBe(expected);
  });
});

describe('planHistory', () => {
  const job = (name: string, type: string, startTime?: string) =>
    ({
      metadata: { name },
      status: { ...(startTime ? { startTime } : {}), conditions: [{ type, status: 'True' }] },
    }) as Job;
  const jobs = [
    job('never-started', 'Failed'),
    job('new', 'Complete', '2026-01-01T00:03:00Z'),
    job('old-b', 'Complete', '2026-01-01T00:01:00Z'),
    job('old-a', 'Complete', '2026-01-01T00:01:00Z'),
    job('failed', 'Failed', '2026-01-01T00:01:00Z'),
    job('running', 'Suspended', '2026-01-01T00:00:00Z'),
  ];

  it.each([
    ['within the limits', { successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 2 }, []],
    [
      'oldest first, of one second by name',
      { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 2 },
      ['old-a', 'old-b'],
    ],
    ['what never started last', { successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 }, ['failed']],
    [
      'no history',
      { successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 },
      ['old-a', 'old-b', 'new', 'failed', 'never-started'],
    ],
    ['no limits', {}, []],
  ])('%s', (_, spec, expected) => {
    expect(planHistory({ spec } as CronJob, jobs).map(({ metadata }) => metadata.name)).toEqual(expected);
  });
});
