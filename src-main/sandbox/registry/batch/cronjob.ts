import { parseCronSchedule, ScheduleProblem } from '#common/kube/cron/cron-schedule';
import { isTimeZone } from '#common/kube/cron/time-zone';
import { CronJobs } from '#common/kube/resources';
import type { CronJobSpec } from '#common/kube/types';
import { hostnameWarnings } from '../core/pod-warnings';
import { invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkNotNegative, checkWord } from '../value-rules';
import { checkJobSpec, jobWarnings } from './job-rules';

/** The names of its Jobs have eleven letters more. */
const LONGEST_NAME = 52;
const POLICIES = ['Allow', 'Forbid', 'Replace'];

export const cronJobStrategy = defineStrategy({
  resource: CronJobs,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, undefined, into);
      if ((metadata.name ?? '').length > LONGEST_NAME)
        into.push(invalidValue('metadata.name', metadata.name, `must be no more than ${LONGEST_NAME} characters`));
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec, current.spec, into);
    },
  },
  warnings({ metadata, spec }, before) {
    if (before?.metadata.generation === metadata.generation) return [];
    const names = before ? [] : hostnameWarnings(metadata.name, 'Pod names and hostnames');
    const template = spec.jobTemplate.spec;
    return template ? [...names, ...jobWarnings(template, 'spec.jobTemplate.spec')] : names;
  },
});

function checkSpec(spec: CronJobSpec, current: CronJobSpec | undefined, into: FieldError[]): void {
  if (spec.schedule) checkSchedule(spec, current?.schedule.includes('TZ') ?? false, into);
  else into.push(required('spec.schedule'));
  checkNotNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', into);
  if (spec.timeZone !== undefined && spec.timeZone !== current?.timeZone) checkTimeZone(spec.timeZone, into);
  checkWord(spec.concurrencyPolicy, POLICIES, 'spec.concurrencyPolicy', into);
  const { selector, manualSelector, ...job } = spec.jobTemplate?.spec ?? NO_JOB;
  const here = 'spec.jobTemplate.spec';
  checkJobSpec(job, here, into);
  if (selector) into.push(invalidValue(`${here}.selector`, selector, '`selector` will be auto-generated'));
  if (manualSelector) into.push(notSupported(`${here}.manualSelector`, true, ['nil', 'false']));
  checkNotNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', into);
  checkNotNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', into);
}

const NO_JOB: NonNullable<CronJobSpec['jobTemplate']['spec']> = { template: {} };

function checkSchedule({ schedule, timeZone }: CronJobSpec, hadZone: boolean, into: FieldError[]): void {
  const field = 'spec.schedule';
  const problem = scheduleProblem(schedule);
  if (problem) into.push(invalidValue(field, schedule, problem));
  if (!schedule.includes('TZ')) return;
  if (!hadZone)
    into.push(invalidValue(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  else if (timeZone !== undefined)
    into.push(invalidValue(field, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
}

function scheduleProblem(schedule: string): string | undefined {
  try {
    parseCronSchedule(schedule);
    return undefined;
  } catch (problem) {
    if (problem instanceof ScheduleProblem) return problem.message;
    throw problem;
  }
}

const EXPLICIT = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
const partPattern = /^[A-Za-z.\-_0-9+]{1,14}$/;

function checkTimeZone(zone: string, into: FieldError[]): void {
  const field = 'spec.timeZone';
  const isOdd = (part: string) => part === '.' || part === '..' || part.startsWith('-') || !partPattern.test(part);
  if (zone === '') into.push(invalidValue(field, zone, 'timeZone must be nil or non-empty string'));
  else if (zone.split('/').some(isOdd)) into.push(invalidValue(field, zone, `unknown time zone ${zone}`));
  else if (zone.toLowerCase() === 'local') {
    into.push(invalidValue(field, zone, EXPLICIT));
    if (zone !== 'Local') into.push(invalidValue(field, zone, `unknown time zone ${zone}`));
  } else if (!isTimeZone(zone)) into.push(invalidValue(field, zone, `unknown time zone ${zone}`));
}
