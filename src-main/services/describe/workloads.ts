import { controllerOf } from '#common/kube/object';
import { formatLabels, formatSelector } from '#common/kinds/selector';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Event,
  Job,
  JobSpec,
  Pod,
  ReplicaSet,
  StatefulSet,
} from '#common/kube/types';
import { humanDuration } from '#common/kinds/duration';
import { epochOf } from '#common/kinds/epoch';
import type { DescribeWriter } from './describe-writer';
import { writeEvents } from './events';
import { writeAnnotations, writeController, writeIdentity, writeLabels } from './metadata';
import { writePodTemplate } from './pod-template';
import { formatDate } from './times';

export interface WorkloadFacts {
  events: Event[] | undefined;
  now: number;
  /** The Pods its selector finds; undefined where they may not be read. */
  pods?: readonly Pod[] | undefined;
  /** Of a Deployment: the older ones, and the one of its present template. */
  replicaSets?: { old: readonly ReplicaSet[]; current: readonly ReplicaSet[] };
}

/** `2 Running / 0 Waiting / 0 Succeeded / 0 Failed`, of the Pods it controls. */
function podCounts(pods: readonly Pod[] | undefined, uid: string): string {
  const count = (phase: string) =>
    (pods ?? []).filter((pod) => controllerOf(pod)?.uid === uid && pod.status?.phase === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

interface ReasonedCondition {
  type: string;
  status: string;
  reason?: string;
}

function writeConditions(writer: DescribeWriter, conditions: readonly ReasonedCondition[] | undefined): void {
  if (!conditions?.length) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tReason');
  writer.line(1, '----\t------\t------');
  for (const { type, status, reason = '' } of conditions) writer.line(1, `${type} \t${status}\t${reason}`);
}

export function describeDeployment(writer: DescribeWriter, deployment: Deployment, facts: WorkloadFacts): void {
  const { metadata, spec, status = {} } = deployment;
  writer.field(0, 'Name', metadata.name);
  writer.field(0, 'Namespace', metadata.namespace);
  writer.field(0, 'CreationTimestamp', formatDate(metadata.creationTimestamp));
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.field(0, 'Selector', formatSelector(spec.selector));
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status;
  const present = `${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available`;
  writer.field(0, 'Replicas', `${spec.replicas ?? 1} desired | ${present} | ${unavailableReplicas} unavailable`);
  writer.field(0, 'StrategyType', spec.strategy?.type);
  writer.field(0, 'MinReadySeconds', spec.minReadySeconds, 0);
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling) {
    const { maxUnavailable = '<nil>', maxSurge = '<nil>' } = rolling;
    writer.field(0, 'RollingUpdateStrategy', `${maxUnavailable} max unavailable, ${maxSurge} max surge`);
  }
  writePodTemplate(writer, spec.template);
  writeConditions(writer, status.conditions);
  writeReplicaSets(writer, facts.replicaSets);
  writeEvents(writer, facts.events, facts.now);
}

function writeReplicaSets(writer: DescribeWriter, sets: WorkloadFacts['replicaSets']): void {
  if (!sets || (sets.old.length === 0 && sets.current.length === 0)) return;
  const text = (list: readonly ReplicaSet[]) =>
    list
      .map(
        ({ metadata, spec, status }) =>
          `${metadata.name} (${status?.replicas ?? 0}/${spec.replicas ?? 1} replicas created)`,
      )
      .join(', ') || '<none>';
  writer.field(0, 'OldReplicaSets', text(sets.old));
  writer.field(0, 'NewReplicaSet', text(sets.current));
}

export function describeReplicaSet(writer: DescribeWriter, replicaSet: ReplicaSet, facts: WorkloadFacts): void {
  const { metadata, spec, status } = replicaSet;
  writer.field(0, 'Name', metadata.name);
  writer.field(0, 'Namespace', metadata.namespace);
  writer.field(0, 'Selector', formatSelector(spec.selector));
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writeController(writer, replicaSet);
  writer.field(0, 'Replicas', `${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
  writer.field(0, 'Pods Status', podCounts(facts.pods, metadata.uid));
  writePodTemplate(writer, spec.template);
  writeConditions(writer, status?.conditions);
  writeEvents(writer, facts.events, facts.now);
}

export function describeStatefulSet(writer: DescribeWriter, statefulSet: StatefulSet, facts: WorkloadFacts): void {
  const { metadata, spec, status } = statefulSet;
  writer.field(0, 'Name', metadata.name);
  writer.field(0, 'Namespace', metadata.namespace);
  writer.field(0, 'CreationTimestamp', formatDate(metadata.creationTimestamp));
  writer.field(0, 'Selector', formatSelector(spec.selector));
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.field(0, 'Replicas', `${spec.replicas ?? 1} desired | ${status?.replicas ?? 0} total`);
  writer.field(0, 'Update Strategy', spec.updateStrategy?.type);
  const rolling = spec.updateStrategy?.rollingUpdate;
  if (rolling?.partition !== undefined) {
    writer.field(1, 'Partition', rolling.partition);
    if (rolling.maxUnavailable !== undefined) writer.field(1, 'MaxUnavailable', rolling.maxUnavailable);
  }
  writer.field(0, 'Pods Status', podCounts(facts.pods, metadata.uid));
  writePodTemplate(writer, spec.template);
  writeClaimTemplates(writer, spec.volumeClaimTemplates);
  writeEvents(writer, facts.events, facts.now);
}

function writeClaimTemplates(
  writer: DescribeWriter,
  templates: NonNullable<StatefulSet['spec']>['volumeClaimTemplates'],
): void {
  if (!templates?.length) {
    writer.field(0, 'Volume Claims', '<none>');
    return;
  }
  writer.line(0, 'Volume Claims:');
  for (const { metadata, spec } of templates) {
    writer.field(1, 'Name', metadata?.name);
    writer.field(1, 'StorageClass', spec.storageClassName);
    writeLabels(writer, 'Labels', metadata?.labels, '  ');
    writeLabels(writer, 'Annotations', metadata?.annotations, '  ');
    writer.field(1, 'Capacity', spec.resources?.requests?.storage, '<default>');
    writer.field(1, 'Access Modes', `[${(spec.accessModes ?? []).join(' ')}]`);
  }
}

export function describeDaemonSet(writer: DescribeWriter, daemonSet: DaemonSet, facts: WorkloadFacts): void {
  const { metadata, spec, status } = daemonSet;
  writer.field(0, 'Name', metadata.name);
  writer.field(0, 'Namespace', metadata.namespace);
  writer.field(0, 'Selector', formatSelector(spec.selector));
  writer.field(0, 'Node-Selector', formatLabels(spec.template.spec?.nodeSelector));
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `Desired Number of Nodes Scheduled: ${status?.desiredNumberScheduled ?? 0}`);
  writer.line(0, `Current Number of Nodes Scheduled: ${status?.currentNumberScheduled ?? 0}`);
  writer.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status?.updatedNumberScheduled ?? 0}`);
  writer.line(0, `Number of Nodes Scheduled with Available Pods: ${status?.numberAvailable ?? 0}`);
  writer.line(0, `Number of Nodes Misscheduled: ${status?.numberMisscheduled ?? 0}`);
  writer.field(0, 'Pods Status', podCounts(facts.pods, metadata.uid));
  writePodTemplate(writer, spec.template);
  writeEvents(writer, facts.events, facts.now);
}

export function describeJob(writer: DescribeWriter, job: Job, { events, now }: WorkloadFacts): void {
  const { spec, status } = job;
  writer.field(0, 'Name', job.metadata.name);
  writer.field(0, 'Namespace', job.metadata.namespace);
  writer.field(0, 'Selector', formatSelector(spec.selector));
  writeLabels(writer, 'Labels', job.metadata.labels);
  writeAnnotations(writer, 'Annotations', job.metadata.annotations);
  writeController(writer, job);
  writer.optional(0, 'Parallelism', spec.parallelism);
  writer.field(0, 'Completions', spec.completions, '<unset>');
  writer.optional(0, 'Completion Mode', spec.completionMode);
  writer.optional(0, 'Suspend', spec.suspend);
  writer.optional(0, 'Backoff Limit', spec.backoffLimit);
  writer.optional(0, 'TTL Seconds After Finished', spec.ttlSecondsAfterFinished);
  writeJobTimes(writer, job);
  const { active = 0, ready, succeeded = 0, failed = 0 } = status ?? {};
  const readyText = ready === undefined ? '' : ` (${ready} Ready)`;
  writer.field(0, 'Pods Statuses', `${active} Active${readyText} / ${succeeded} Succeeded / ${failed} Failed`);
  if (spec.completionMode === 'Indexed') writer.field(0, 'Completed Indexes', indexList(status?.completedIndexes));
  writePodTemplate(writer, spec.template);
  writeEvents(writer, events, now);
}

function writeJobTimes(writer: DescribeWriter, { spec, status }: Job): void {
  const { startTime, completionTime } = status ?? {};
  if (startTime) writer.field(0, 'Start Time', formatDate(startTime));
  if (completionTime) writer.field(0, 'Completed At', formatDate(completionTime));
  const [started, ended] = [epochOf(startTime), epochOf(completionTime)];
  if (started !== null && ended !== null) writer.field(0, 'Duration', humanDuration(ended - started));
  if (spec.activeDeadlineSeconds !== undefined) {
    writer.field(0, 'Active Deadline Seconds', `${spec.activeDeadlineSeconds}s`);
  }
}

/** Cut at the first comma after fifty characters. */
function indexList(indexes: string | undefined): string {
  if (!indexes) return '<none>';
  const comma = indexes.indexOf(',', 50);
  return comma < 0 ? indexes : `${indexes.slice(0, comma + 1)}...`;
}

export function describeCronJob(writer: DescribeWriter, cronJob: CronJob, { events, now }: WorkloadFacts): void {
  const { spec, status } = cronJob;
  const seconds = (value: number | undefined) => (value === undefined ? '<unset>' : `${value}s`);
  writeIdentity(writer, cronJob);
  writer.field(0, 'Schedule', spec.schedule);
  writer.field(0, 'Concurrency Policy', spec.concurrencyPolicy);
  writer.field(0, 'Suspend', spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False');
  writer.field(0, 'Successful Job History Limit', spec.successfulJobsHistoryLimit, '<unset>');
  writer.field(0, 'Failed Job History Limit', spec.failedJobsHistoryLimit, '<unset>');
  writer.field(0, 'Starting Deadline Seconds', seconds(spec.startingDeadlineSeconds));
  writeJobTemplate(writer, spec.jobTemplate.spec);
  writer.field(0, 'Last Schedule Time', status?.lastScheduleTime ? formatDate(status.lastScheduleTime) : '<unset>');
  writer.field(0, 'Active Jobs', (status?.active ?? []).map(({ name }) => name).join(', ') || undefined, '<none>');
  writeEvents(writer, events, now);
}

function writeJobTemplate(writer: DescribeWriter, job: JobSpec | undefined): void {
  writer.field(0, 'Selector', job?.selector && formatSelector(job.selector), '<unset>');
  writer.field(0, 'Parallelism', job?.parallelism, '<unset>');
  writer.field(0, 'Completions', job?.completions, '<unset>');
  if (job?.activeDeadlineSeconds !== undefined) {
    writer.field(0, 'Active Deadline Seconds', `${job.activeDeadlineSeconds}s`);
  }
  writePodTemplate(writer, job?.template);
}
