/** When a CronJob runs, as kube-controller-manager decides it. */
import type { CronJob } from '#common/kube/types';
import type { CronSchedule } from '#common/kube/cron/cron-schedule';
import { nextTime } from '#common/kube/cron/next-time';
import { TimeZone } from '#common/kube/cron/time-zone';

/** From more missed runs than this people are told of them. */
const MANY_MISSED = 100;
/** A run is started a moment after its time, so that clocks that go apart a little have all passed it. */
const GRACE_MS = 100;
const NEVER = 'time difference between two schedules is less than 1 second';

/** The run that is due; nothing when none is. */
export interface RunPlan {
  dueMs?: number;
  /** So many runs were missed that something must be wrong. */
  hasMissedMany?: true;
  /** Why the schedule, well formed as it is, never comes. */
  invalid?: string;
}

/** A plan is made with a schedule that was read before. */
export interface Timetable {
  schedule: CronSchedule;
  nowMs: number;
}

/**
 * Runs before the starting deadline are not looked for, so none is ever found too late: that is why kube-controller-manager's
 * MissSchedule is never seen, there nor here.
 */
export function planRun(cronJob: CronJob, { schedule, nowMs }: Timetable): RunPlan {
  const deadlineMs = (cronJob.spec.startingDeadlineSeconds ?? Infinity) * 1000;
  const since = Math.max(lastRun(cronJob), nowMs - deadlineMs);
  const { recentMs, missed, invalid } = latestRun(cronJob, { schedule, nowMs }, since);
  if (invalid !== undefined) return { invalid };
  if (recentMs === undefined) return {};
  return { dueMs: recentMs, ...(missed > MANY_MISSED ? { hasMissedMany: true } : {}) };
}

/** Milliseconds until the CronJob is to be looked at again; undefined when its schedule never comes again. */
export function untilNextRun(cronJob: CronJob, { schedule, nowMs }: Timetable): number | undefined {
  const since = lastRun(cronJob);
  const { recentMs, missed, invalid } = latestRun(cronJob, { schedule, nowMs }, since);
  const from = recentMs ?? (missed === 0 && invalid === undefined ? since : nowMs);
  const next = nextTime(schedule, from, zoneOf(cronJob));
  return next === undefined ? undefined : next + GRACE_MS - nowMs;
}

interface LatestRun {
  /** The latest time of the schedule that has come. */
  recentMs?: number;
  /** About so many times have come: the first gap is taken for all. */
  missed: number;
  invalid?: string;
}

function latestRun(cronJob: CronJob, { schedule, nowMs }: Timetable, since: number): LatestRun {
  const zone = zoneOf(cronJob);
  const first = nextTime(schedule, since, zone);
  if (first === undefined) return { missed: 0, invalid: NEVER };
  if (nowMs < first) return { missed: 0 };
  const second = nextTime(schedule, first, zone);
  if (second === undefined) return { missed: 0, invalid: NEVER };
  if (nowMs < second) return { missed: 0, recentMs: first };
  const gapMs = second - first;
  const missed = Math.floor((nowMs - first) / gapMs) + 1;
  // From two gaps before the last on, the schedule itself tells: gaps may differ, as those of `30 6-16/4 * * 1-5`.
  let recentMs: number | undefined;
  let at = nextTime(schedule, first + (missed - 2) * gapMs, zone);
  while (at !== undefined && at <= nowMs) {
    recentMs = at;
    at = nextTime(schedule, at, zone);
  }
  return { missed, ...(recentMs === undefined ? {} : { recentMs }) };
}

function lastRun({ status, metadata }: CronJob): number {
  return Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
}

const zoneOf = ({ spec }: CronJob): string => spec.timeZone ?? 'UTC';

/** RFC 3339 in the zone of the CronJob, as the annotation of its Jobs has it. */
export function scheduledTimestamp(cronJob: CronJob, atMs: number): string {
  const offsetMs = TimeZone.of(zoneOf(cronJob)).offsetMs(atMs);
  const wall = new Date(atMs + offsetMs).toISOString().slice(0, 19);
  if (offsetMs === 0) return `${wall}Z`;
  const size = new Date(Math.abs(offsetMs)).toISOString().slice(11, 16);
  return `${wall}${offsetMs < 0 ? '-' : '+'}${size}`;
}
