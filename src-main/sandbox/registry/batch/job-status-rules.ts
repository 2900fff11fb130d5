/** What may be said of a Job's progress. Most rules look only at what an update changes. */
import type { Job, JobStatus } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { duplicateValue, invalidField, invalidValue, required, type FieldError } from '../field-errors';
import { checkNotNegative } from '../value-rules';
import { commonIndex, readIndexes } from './job-indexes';

export const isTrue = ({ conditions }: JobStatus, type: string): boolean => hasCondition(conditions, type, 'True');

function hasCondition(conditions: JobStatus['conditions'], type: string, status: string): boolean {
  return conditions?.some((one) => one.type === type && one.status === status) ?? false;
}

/** Two states of a Job, and what is different between them. */
class Change {
  readonly next: JobStatus;
  readonly before: JobStatus;
  readonly job: Job;

  constructor(next: Job, current: Job) {
    this.job = next;
    this.next = next.status ?? {};
    this.before = current.status ?? {};
  }

  of(...fields: (keyof JobStatus)[]): boolean {
    return fields.some((field) => !sameValue(this.next[field] ?? null, this.before[field] ?? null));
  }

  ofCount(field: 'active'): boolean {
    return (this.next[field] ?? 0) !== (this.before[field] ?? 0);
  }

  ofCondition(...types: string[]): boolean {
    return types.some((type) => isTrue(this.next, type) !== isTrue(this.before, type));
  }

  get ofEnd(): boolean {
    return isFinished(this.next) !== isFinished(this.before);
  }
}

const isFinished = (status: JobStatus): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed');

export function checkJobStatus(next: Job, current: Job, into: FieldError[]): void {
  const change = new Change(next, current);
  checkCounts(change.next, into);
  checkCompletion(change, into);
  checkCriteria(change, into);
  checkFinished(change, into);
  checkIndexes(change, into);
  checkRest(change, into);
  checkHistory(change, into);
}

function checkCounts(status: JobStatus, into: FieldError[]): void {
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const)
    checkNotNegative(status[field], `status.${field}`, into);
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed'] as const)
    for (const [at, uid] of (status.uncountedTerminatedPods?.[list] ?? []).entries()) {
      const here = `status.uncountedTerminatedPods.${list}[${at}]`;
      if (uid === '') into.push(invalidValue(here, uid, 'must not be empty'));
      else if (seen.has(uid)) into.push(duplicateValue(here, uid));
      seen.add(uid);
    }
}

const refuseConditions = (into: FieldError[], text: string): void => {
  into.push(invalidField('status.conditions', text));
};

function checkCompletion(change: Change, into: FieldError[]): void {
  const { completionTime, startTime } = change.next;
  const isComplete = isTrue(change.next, 'Complete');
  const field = 'status.completionTime';
  if (isComplete && change.ofCondition('Complete', 'Failed') && isTrue(change.next, 'Failed'))
    refuseConditions(into, 'cannot set Complete=True and Failed=true conditions');
  if (isComplete && change.ofCondition('Complete', 'FailureTarget') && isTrue(change.next, 'FailureTarget'))
    refuseConditions(into, 'cannot set Complete=True and FailureTarget=true conditions');
  if (change.ofCondition('Complete') || change.of('completionTime')) {
    if (completionTime && !isComplete)
      into.push(
        invalidValue(field, completionTime, 'cannot set completionTime when there is no Complete=True condition'),
      );
    if (!completionTime && isComplete) into.push(required(field, 'completionTime is required for Complete jobs'));
  }
  const isEarly = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if (isEarly && change.of('startTime', 'completionTime'))
    into.push(invalidValue(field, completionTime, 'must be equal to or after `startTime`'));
}

function checkCriteria(change: Change, into: FieldError[]): void {
  const { next } = change;
  if ((change.ofCondition('Failed') || change.of('failedIndexes')) && isTrue(next, 'Failed'))
    if (!isTrue(next, 'FailureTarget'))
      refuseConditions(into, 'cannot set Failed=True condition without the FailureTarget=true condition');
  if (change.ofCondition('Complete', 'SuccessCriteriaMet') && isTrue(next, 'Complete'))
    if (!isTrue(next, 'SuccessCriteriaMet'))
      refuseConditions(into, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
}

function checkFinished(change: Change, into: FieldError[]): void {
  const { next, job } = change;
  if (!isFinished(next)) return;
  const { active = 0, startTime } = next;
  if ((change.ofEnd || change.ofCount('active')) && active > 0)
    into.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'));
  const isNothing = job.spec.suspend === true && job.spec.completions === 0;
  if ((change.ofEnd || change.of('startTime')) && !isNothing && !startTime)
    into.push(required('status.startTime', 'startTime is required for finished job'));
  checkCounted(change, into);
}

function checkCounted(change: Change, into: FieldError[]): void {
  const { uncountedTerminatedPods: uncounted } = change.next;
  const { succeeded = [], failed = [] } = uncounted ?? {};
  if ((change.ofEnd || change.of('uncountedTerminatedPods')) && succeeded.length + failed.length > 0) {
    const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null };
    into.push(invalidValue('status.uncountedTerminatedPods', shown, 'must be empty for finished job'));
  }
}

function checkIndexes(change: Change, into: FieldError[]): void {
  const { completedIndexes = '', failedIndexes } = change.next;
  const { completions, backoffLimitPerIndex, completionMode } = change.job.spec;
  const [isCompletedNew, isFailedNew] = [change.of('completedIndexes'), change.of('failedIndexes')];
  const refuse = (field: 'completedIndexes' | 'failedIndexes', text: string): void => {
    into.push(invalidValue(`status.${field}`, change.next[field] ?? '', text));
  };
  const read = (field: 'completedIndexes' | 'failedIndexes'): void => {
    const { problem } = readIndexes(change.next[field] ?? '', completions ?? 0);
    if (problem) refuse(field, `error parsing ${field}: ${problem}`);
  };
  if (isCompletedNew && completions !== undefined) read('completedIndexes');
  const hasLimit = backoffLimitPerIndex !== undefined;
  if (isFailedNew && completions !== undefined && hasLimit && failedIndexes !== undefined) read('failedIndexes');
  if (isCompletedNew && completedIndexes !== '' && completionMode !== 'Indexed')
    refuse('completedIndexes', 'cannot set non-empty completedIndexes when non-indexed completion mode');
  if (isFailedNew && !hasLimit && failedIndexes !== undefined)
    refuse('failedIndexes', 'cannot set non-null failedIndexes when backoffLimitPerIndex is null');
  if ((!isFailedNew && !isCompletedNew) || completions === undefined || failedIndexes === undefined) return;
  const common = commonIndex(completedIndexes, failedIndexes, completions);
  if (common !== undefined) refuse('failedIndexes', `failedIndexes and completedIndexes overlap at index: ${common}`);
}

function checkRest(change: Change, into: FieldError[]): void {
  const { next, job } = change;
  const { terminating = 0, ready, active = 0 } = next;
  if ((change.ofEnd || change.of('terminating')) && terminating > 0 && isFinished(next))
    into.push(invalidValue('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  if ((change.of('ready') || change.ofCount('active')) && ready !== undefined && ready > active)
    into.push(invalidValue('status.ready', ready, 'cannot set more ready pods than active'));
  const isMet = isTrue(next, 'SuccessCriteriaMet');
  if (isMet && isTrue(next, 'Failed'))
    refuseConditions(into, 'cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (isMet && isTrue(next, 'FailureTarget'))
    refuseConditions(into, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  if (job.spec.successPolicy && !isMet && isTrue(next, 'Complete'))
    refuseConditions(into, 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
}

/** What has been reached is not taken back. */
function checkHistory(change: Change, into: FieldError[]): void {
  const { next, before, job } = change;
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (isTrue(before, type) && !isTrue(next, type))
      refuseConditions(into, `cannot disable the terminal ${type}=True condition`);
  const { completions, parallelism, completionMode } = job.spec;
  const mayShrink = completionMode === 'Indexed' && completions === parallelism;
  for (const field of ['failed', 'succeeded'] as const)
    if ((next[field] ?? 0) < (before[field] ?? 0) && !(field === 'succeeded' && mayShrink))
      into.push(invalidValue(`status.${field}`, next[field] ?? 0, `cannot decrease the ${field} counter`));
  checkTimes(change, into);
  const [isMet, wasMet] = [isTrue(next, 'SuccessCriteriaMet'), isTrue(before, 'SuccessCriteriaMet')];
  if (wasMet && !isMet) refuseConditions(into, 'cannot disable the SuccessCriteriaMet=True condition');
  if (isTrue(before, 'Complete') && !wasMet && isMet)
    refuseConditions(into, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
}

function checkTimes(change: Change, into: FieldError[]): void {
  const { next, before, job } = change;
  if (next.completionTime && before.completionTime && change.of('completionTime'))
    into.push(invalidValue('status.completionTime', next.completionTime, 'field is immutable'));
  const resumes =
    hasCondition(before.conditions, 'Suspended', 'True') && hasCondition(next.conditions, 'Suspended', 'False');
  if (before.startTime && change.of('startTime') && !resumes && !job.spec.suspend)
    into.push(
      invalidValue('status.startTime', next.startTime ?? null, 'field is immutable for unsuspended job once set'),
    );
}
