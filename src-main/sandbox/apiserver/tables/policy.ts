/** Columns of roles, autoscalers, certificates and the extension points of the API. */
import { humanDuration } from '#common/kinds/duration';
import type {
  APIService,
  CertificateSigningRequest,
  ClusterRoleBinding,
  CSIDriver,
  CSINode,
  DeviceClass,
  FlowSchema,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  MetricSpec,
  MetricStatus,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ParamKind,
  PriorityLevelConfiguration,
  ResourceV1ResourceClaim,
  RoleBinding,
  Subject,
  ValidatingAdmissionPolicy,
} from '#common/kube/types';
import type { AnyObject } from '#common/kube/object';
import { autoscalerFromV1 } from '#main/sandbox/registry/autoscaling/horizontalpodautoscaler-v1';
import { age } from './age';
import { AGE, column, CREATED, NAME, NONE, wide } from './column';
import { definePrinter, type Printer } from './printer';

const bindings = definePrinter<RoleBinding | ClusterRoleBinding>(
  [NAME, column('Role'), AGE, wide('Users'), wide('Groups'), wide('ServiceAccounts')],
  ({ metadata, roleRef, subjects = [] }, now) => [
    metadata.name,
    `${roleRef.kind}/${roleRef.name}`,
    age(metadata.creationTimestamp, now),
    names(subjects, 'User'),
    names(subjects, 'Group'),
    names(subjects, 'ServiceAccount'),
  ],
);

function names(subjects: readonly Subject[], kind: string): string {
  const some = subjects.filter((subject) => subject.kind === kind);
  return some.map(({ namespace, name }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name)).join(', ');
}

const HPA_COLUMNS = [
  NAME,
  column('Reference'),
  column('Targets'),
  column('MinPods'),
  column('MaxPods'),
  column('Replicas'),
  AGE,
];

function autoscalerCells({ metadata, spec, status }: HorizontalPodAutoscaler, now: number): unknown[] {
  return [
    metadata.name,
    `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    targets(spec.metrics ?? [], status?.currentMetrics ?? []),
    String(spec.minReplicas ?? '<unset>'),
    spec.maxReplicas,
    status?.currentReplicas ?? 0,
    age(metadata.creationTimestamp, now),
  ];
}

const MOST_TARGETS = 2;

function targets(metrics: readonly MetricSpec[], current: readonly MetricStatus[]): string {
  if (metrics.length === 0) return NONE;
  const texts = metrics.slice(0, MOST_TARGETS).map((metric, at) => target(metric, current[at]));
  const more = metrics.length - MOST_TARGETS;
  return more > 0 ? `${texts.join(', ')} + ${more} more...` : texts.join(', ');
}

function target(metric: MetricSpec, status: MetricStatus | undefined): string {
  const name = metric.resource?.name ?? metric.containerResource?.name;
  const wanted = (metric.resource ?? metric.containerResource ?? metric.pods ?? metric.object ?? metric.external)
    ?.target;
  const found = status?.resource ?? status?.containerResource ?? status?.pods ?? status?.object ?? status?.external;
  const isPercent = wanted?.averageUtilization !== undefined;
  const goal = isPercent ? `${wanted.averageUtilization}%` : (wanted?.averageValue ?? wanted?.value ?? '<auto>');
  const value = isPercent
    ? percentage(found?.current.averageUtilization)
    : (found?.current.averageValue ?? found?.current.value ?? '<unknown>');
  const isOfAll = metric.object ?? metric.external;
  const average = isOfAll && wanted?.averageValue !== undefined ? ' (avg)' : '';
  return `${name ? `${name}: ` : ''}${value}/${goal}${average}`;
}

const percentage = (value: number | undefined): string => (value === undefined ? '<unknown>' : `${value}%`);

const autoscalers = definePrinter<HorizontalPodAutoscaler>(HPA_COLUMNS, autoscalerCells);
const autoscalersV1 = definePrinter<HorizontalPodAutoscalerV1>(HPA_COLUMNS, (object, now) =>
  autoscalerCells(autoscalerFromV1(object as unknown as AnyObject) as unknown as HorizontalPodAutoscaler, now),
);

const certificateRequests = definePrinter<CertificateSigningRequest>(
  [NAME, AGE, column('SignerName'), column('Requestor'), column('RequestedDuration'), column('Condition')],
  (request, now) => {
    const { metadata, spec } = request;
    return [
      metadata.name,
      age(metadata.creationTimestamp, now),
      spec.signerName,
      spec.username ?? '',
      spec.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
      certificateCondition(request),
    ];
  },
);

function certificateCondition({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => status?.conditions?.some((one) => one.type === type) ?? false;
  const words = ['Denied', 'Approved'].filter(has).slice(0, 1);
  if (words.length === 0) words.push('Pending');
  if (has('Failed')) words.push('Failed');
  if (status?.certificate) words.push('Issued');
  return words.join(',');
}

const webhooks = definePrinter<MutatingWebhookConfiguration>(
  [NAME, column('Webhooks', 'integer'), AGE],
  ({ metadata, webhooks: all = [] }, now) => [metadata.name, all.length, age(metadata.creationTimestamp, now)],
);

const paramKindOf = ({ paramKind }: { paramKind?: ParamKind } = {}): string =>
  paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>';

const admissionPolicies = definePrinter<ValidatingAdmissionPolicy>(
  [NAME, column('Validations', 'integer'), column('ParamKind'), AGE],
  ({ metadata, spec }, now) => [
    metadata.name,
    spec?.validations?.length ?? 0,
    paramKindOf(spec),
    age(metadata.creationTimestamp, now),
  ],
);

const mutatingPolicies = definePrinter<MutatingAdmissionPolicy>(
  [NAME, column('Mutations', 'integer'), column('ParamKind'), AGE],
  ({ metadata, spec }, now) => [
    metadata.name,
    spec?.mutations?.length ?? 0,
    paramKindOf(spec),
    age(metadata.creationTimestamp, now),
  ],
);

/** Of both kinds of policies. */
const admissionPolicyBindings = definePrinter<MutatingAdmissionPolicyBinding>(
  [NAME, column('PolicyName'), column('ParamRef'), AGE],
  ({ metadata, spec }, now) => {
    const { namespace = '*', name = '' } = spec?.paramRef ?? {};
    return [
      metadata.name,
      spec?.policyName ?? '',
      spec?.paramRef ? `${namespace}/${name}` : '<unset>',
      age(metadata.creationTimestamp, now),
    ];
  },
);

const apiServices = definePrinter<APIService>(
  [
    NAME,
    { ...column('Service'), description: 'The reference to the service that hosts this API endpoint.' },
    { ...column('Available'), description: 'Whether this service is available.' },
    CREATED,
  ],
  ({ metadata, spec, status }, now) => {
    const available = status?.conditions?.find(({ type }) => type === 'Available');
    const why = available && available.status !== 'True' ? ` (${available.reason})` : '';
    return [
      metadata.name,
      spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local',
      `${available?.status ?? 'Unknown'}${why}`,
      age(metadata.creationTimestamp, now),
    ];
  },
);

const csiNodes = definePrinter<CSINode>([NAME, column('Drivers', 'integer'), AGE], ({ metadata, spec }, now) => [
  metadata.name,
  spec.drivers?.length ?? 0,
  age(metadata.creationTimestamp, now),
]);

const csiDrivers = definePrinter<CSIDriver>(
  [
    NAME,
    column('AttachRequired', 'boolean'),
    column('PodInfoOnMount', 'boolean'),
    column('StorageCapacity', 'boolean'),
    column('TokenRequests'),
    column('RequiresRepublish', 'boolean'),
    column('Modes'),
    AGE,
  ],
  ({ metadata, spec }, now) => [
    metadata.name,
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    spec.tokenRequests?.map(({ audience }) => audience).join(',') || '<unset>',
    spec.requiresRepublish ?? false,
    spec.volumeLifecycleModes?.join(',') || NONE,
    age(metadata.creationTimestamp, now),
  ],
);

const flowSchemas = definePrinter<FlowSchema>(
  [
    NAME,
    column('PriorityLevel'),
    column('MatchingPrecedence'),
    column('DistinguisherMethod'),
    AGE,
    column('MissingPL'),
  ],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    spec?.priorityLevelConfiguration.name ?? '',
    spec?.matchingPrecedence ?? 0,
    spec?.distinguisherMethod?.type ?? NONE,
    age(metadata.creationTimestamp, now),
    status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  ],
  // In the order in which requests meet them.
  (left, right) => (left.spec?.matchingPrecedence ?? 0) - (right.spec?.matchingPrecedence ?? 0),
);

const priorityLevels = definePrinter<PriorityLevelConfiguration>(
  [
    NAME,
    column('Type'),
    column('NominalConcurrencyShares'),
    column('Queues'),
    column('HandSize'),
    column('QueueLengthLimit'),
    AGE,
  ],
  ({ metadata, spec }, now) => {
    const { nominalConcurrencyShares: shares, limitResponse } = spec?.limited ?? {};
    const { queues = NONE, handSize = NONE, queueLengthLimit = NONE } = limitResponse?.queuing ?? {};
    const created = age(metadata.creationTimestamp, now);
    return [metadata.name, spec?.type ?? '', shares ?? NONE, queues, handSize, queueLengthLimit, created];
  },
);

const deviceClasses = definePrinter<DeviceClass>([NAME, AGE], ({ metadata }, now) => [
  metadata.name,
  age(metadata.creationTimestamp, now),
]);

const resourceClaims = definePrinter<ResourceV1ResourceClaim>([NAME, column('State'), AGE], (claim, now) => [
  claim.metadata.name,
  claimState(claim),
  age(claim.metadata.creationTimestamp, now),
]);

function claimState({ metadata, status }: ResourceV1ResourceClaim): string {
  const states = metadata.deletionTimestamp ? ['deleted'] : [];
  if (status?.allocation) states.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []));
  else if (states.length === 0) states.push('pending');
  return states.join(',');
}

export const policyPrinters: Readonly<Record<string, Printer>> = {
  'rolebindings.rbac.authorization.k8s.io': bindings,
  'clusterrolebindings.rbac.authorization.k8s.io': bindings,
  'horizontalpodautoscalers.autoscaling/v2': autoscalers,
  'horizontalpodautoscalers.autoscaling/v1': autoscalersV1,
  'certificatesigningrequests.certificates.k8s.io': certificateRequests,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingadmissionpolicies.admissionregistration.k8s.io': admissionPolicies,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': admissionPolicyBindings,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': mutatingPolicies,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': admissionPolicyBindings,
  'apiservices.apiregistration.k8s.io': apiServices,
  'csinodes.storage.k8s.io': csiNodes,
  'csidrivers.storage.k8s.io': csiDrivers,
  'deviceclasses.resource.k8s.io': deviceClasses,
  'resourceclaims.resource.k8s.io': resourceClaims,
  'resourceclaimtemplates.resource.k8s.io': deviceClasses,
  'flowschemas.flowcontrol.apiserver.k8s.io': flowSchemas,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': priorityLevels,
};
