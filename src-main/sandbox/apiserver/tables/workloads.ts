/** Columns of what runs Pods. */
import type { TableRowCondition } from '#common/kube/object';
import { humanDuration } from '#common/kinds/duration';
import { epochOf } from '#common/kinds/epoch';
import { podSummary } from '#common/kinds/pod-status';
import { formatLabels, formatSelector } from '#common/kinds/selector';
import type {
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  LabelSelector,
  Pod,
  PodDisruptionBudget,
  PodSpec,
  PodTemplate,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '#common/kube/types';
import { age } from './age';
import { AGE, column, NAME, NONE, wide } from './column';
import { definePrinter, type Printer } from './printer';

const CONTAINERS = [wide('Containers'), wide('Images')];
const WORKLOAD = [...CONTAINERS, wide('Selector')];

function containersOf(spec: PodSpec | undefined): [names: string, images: string] {
  const containers = spec?.containers ?? [];
  return [containers.map(({ name }) => name).join(','), containers.map(({ image = '' }) => image).join(',')];
}

const selectorOf = (selector: LabelSelector | undefined): string => formatSelector(selector as never);

const podCells = definePrinter<Pod>(
  [
    NAME,
    column('Ready'),
    column('Status'),
    column('Restarts'),
    AGE,
    wide('IP'),
    wide('Node'),
    wide('Nominated Node'),
    wide('Readiness Gates'),
  ],
  (pod, now) => {
    const { reason, ready, total, restarts, lastRestart } = podSummary(pod);
    const since = restarts > 0 && lastRestart ? ` (${humanDuration(now - lastRestart)} ago)` : '';
    return [
      pod.metadata.name,
      `${ready}/${total}`,
      reason,
      `${restarts}${since}`,
      age(pod.metadata.creationTimestamp, now),
      pod.status?.podIPs?.[0]?.ip || NONE,
      pod.spec.nodeName || NONE,
      pod.status?.nominatedNodeName || NONE,
      readinessGates(pod),
    ];
  },
);

const completed = (reason: string, message: string): TableRowCondition[] => [
  { type: 'Completed', status: 'True', reason, message },
];
const SUCCEEDED = completed('Succeeded', 'The pod has completed successfully.');
const FAILED = completed('Failed', 'The pod failed.');

const pods: Printer = {
  ...podCells,
  conditions(object) {
    const phase = (object as unknown as Pod).status?.phase;
    if (phase === 'Succeeded') return SUCCEEDED;
    return phase === 'Failed' ? FAILED : undefined;
  },
};

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) =>
    status?.conditions?.some((condition) => condition.type === conditionType && condition.status === 'True'),
  );
  return `${open.length}/${gates.length}`;
}

const deployments = definePrinter<Deployment>(
  [NAME, column('Ready'), column('Up-to-date'), column('Available'), AGE, ...WORKLOAD],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    age(metadata.creationTimestamp, now),
    ...containersOf(spec.template?.spec),
    selectorOf(spec.selector),
  ],
);

const COUNTED = [NAME, column('Desired', 'integer'), column('Current', 'integer'), column('Ready', 'integer')];

const replicaSets = definePrinter<ReplicaSet>([...COUNTED, AGE, ...WORKLOAD], ({ metadata, spec, status }, now) => [
  metadata.name,
  spec.replicas ?? 0,
  status?.replicas ?? 0,
  status?.readyReplicas ?? 0,
  age(metadata.creationTimestamp, now),
  ...containersOf(spec.template?.spec),
  selectorOf(spec.selector),
]);

const replicationControllers = definePrinter<ReplicationController>(
  [...COUNTED, AGE, ...WORKLOAD],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age(metadata.creationTimestamp, now),
    ...containersOf(spec.template?.spec),
    formatLabels(spec.selector),
  ],
);

const daemonSets = definePrinter<DaemonSet>(
  [
    ...COUNTED,
    column('Up-to-date', 'integer'),
    column('Available', 'integer'),
    column('Node Selector'),
    AGE,
    ...WORKLOAD,
  ],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    formatLabels(spec.template.spec?.nodeSelector),
    age(metadata.creationTimestamp, now),
    ...containersOf(spec.template.spec),
    selectorOf(spec.selector),
  ],
);

const statefulSets = definePrinter<StatefulSet>(
  [NAME, column('Ready'), AGE, ...CONTAINERS],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    age(metadata.creationTimestamp, now),
    ...containersOf(spec.template.spec),
  ],
);

const jobs = definePrinter<Job>(
  [NAME, column('Status'), column('Completions'), column('Duration'), AGE, ...WORKLOAD],
  (job, now) => [
    job.metadata.name,
    jobStatus(job),
    completions(job),
    jobDuration(job, now),
    age(job.metadata.creationTimestamp, now),
    ...containersOf(job.spec.template.spec),
    selectorOf(job.spec.selector),
  ],
);

function jobStatus({ metadata, status }: Job): string {
  const has = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  return (spec.parallelism ?? 1) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job, now: number): string {
  const started = epochOf(status?.startTime);
  return started === null ? '' : humanDuration((epochOf(status?.completionTime) ?? now) - started);
}

const cronJobs = definePrinter<CronJob>(
  [
    NAME,
    column('Schedule'),
    column('Timezone'),
    column('Suspend', 'boolean'),
    column('Active', 'integer'),
    column('Last Schedule'),
    AGE,
    ...WORKLOAD,
  ],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    spec.schedule,
    spec.timeZone ?? NONE,
    spec.suspend ? 'True' : 'False',
    status?.active?.length ?? 0,
    status?.lastScheduleTime ? age(status.lastScheduleTime, now) : NONE,
    age(metadata.creationTimestamp, now),
    ...containersOf(spec.jobTemplate.spec?.template.spec),
    selectorOf(spec.jobTemplate.spec?.selector),
  ],
);

const podDisruptionBudgets = definePrinter<PodDisruptionBudget>(
  [NAME, column('Min Available'), column('Max Unavailable'), column('Allowed Disruptions', 'integer'), AGE],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    String(spec.minAvailable ?? 'N/A'),
    String(spec.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    age(metadata.creationTimestamp, now),
  ],
);

const podTemplates = definePrinter<PodTemplate>(
  [NAME, column('Containers'), column('Images'), column('Pod Labels')],
  ({ metadata, template }) => [
    metadata.name,
    ...containersOf(template?.spec),
    formatLabels(template?.metadata?.labels),
  ],
);

const controllerRevisions = definePrinter<ControllerRevision>(
  [NAME, column('Controller'), column('Revision'), AGE],
  ({ metadata, revision }, now) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    const [group = ''] = owner?.apiVersion.includes('/') ? owner.apiVersion.split('/') : [''];
    const kind = owner ? `${owner.kind.toLowerCase()}${group ? `.${group}` : ''}/${owner.name}` : NONE;
    return [metadata.name, kind, revision, age(metadata.creationTimestamp, now)];
  },
);

export const workloadPrinters: Readonly<Record<string, Printer>> = {
  pods,
  podtemplates: podTemplates,
  replicationcontrollers: replicationControllers,
  'deployments.apps': deployments,
  'replicasets.apps': replicaSets,
  'daemonsets.apps': daemonSets,
  'statefulsets.apps': statefulSets,
  'controllerrevisions.apps': controllerRevisions,
  'jobs.batch': jobs,
  'cronjobs.batch': cronJobs,
  'poddisruptionbudgets.policy': podDisruptionBudgets,
};
