/** Columns of nodes, namespaces, events, configuration and storage. */
import { eventCount, eventSource } from '#common/kinds/event';
import { nodeRoles } from '#common/kinds/node';
import type { AnyObject } from '#common/kube/object';
import type {
  ComponentStatus,
  ConfigMap,
  Event,
  Lease,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PriorityClass,
  ResourceQuota,
  RuntimeClass,
  Secret,
  ServiceAccount,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '#common/kube/types';
import { eventFromV1 } from '#main/sandbox/registry/core/event-v1';
import { age } from './age';
import { AGE, column, NAME, NONE, UNSET, wide } from './column';
import { definePrinter, type Printer } from './printer';

const nodes = definePrinter<Node>(
  [
    NAME,
    column('Status'),
    column('Roles'),
    AGE,
    column('Version'),
    wide('Internal-IP'),
    wide('External-IP'),
    wide('OS-Image'),
    wide('Kernel-Version'),
    wide('Container-Runtime'),
  ],
  (node, now) => {
    const { metadata, status } = node;
    const address = (type: string): string => status?.addresses?.find((one) => one.type === type)?.address ?? NONE;
    const info = status?.nodeInfo;
    const architecture = info?.architecture ? ` (${info.architecture})` : '';
    return [
      metadata.name,
      nodeStatus(node),
      nodeRoles(node) || NONE,
      age(metadata.creationTimestamp, now),
      info?.kubeletVersion ?? '',
      address('InternalIP'),
      address('ExternalIP'),
      info?.osImage || '<unknown>',
      (info?.kernelVersion || '<unknown>') + architecture,
      info?.containerRuntimeVersion || '<unknown>',
    ];
  },
);

function nodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

const namespaces = definePrinter<Namespace>([NAME, column('Status'), AGE], ({ metadata, status }, now) => [
  metadata.name,
  status?.phase ?? '',
  age(metadata.creationTimestamp, now),
]);

const EVENT_COLUMNS = [
  column('Last Seen'),
  column('Type'),
  column('Reason'),
  column('Object'),
  wide('Subobject'),
  wide('Source'),
  column('Message'),
  wide('First Seen'),
  wide('Count'),
  { ...NAME, priority: 1 },
];

function eventCells(event: Event, now: number): unknown[] {
  const { metadata, involvedObject: about, series } = event;
  const first = age(event.firstTimestamp ?? event.eventTime, now);
  const last = series ? age(series.lastObservedTime, now) : event.lastTimestamp ? age(event.lastTimestamp, now) : first;
  const kind = (about.kind ?? '').toLowerCase();
  return [
    last,
    event.type ?? '',
    event.reason ?? '',
    about.name ? `${kind}/${about.name}` : kind,
    about.fieldPath ?? '',
    eventSource(event),
    (event.message ?? '').trim(),
    first,
    eventCount(event),
    metadata.name,
  ];
}

const events = definePrinter<Event>(EVENT_COLUMNS, eventCells);
const eventsV1: Printer = {
  columns: EVENT_COLUMNS,
  cells: (object: AnyObject, now) => eventCells(eventFromV1(object) as unknown as Event, now),
};

const configMaps = definePrinter<ConfigMap>(
  [NAME, column('Data'), AGE],
  ({ metadata, data = {}, binaryData = {} }, now) => [
    metadata.name,
    Object.keys(data).length + Object.keys(binaryData).length,
    age(metadata.creationTimestamp, now),
  ],
);

const secrets = definePrinter<Secret>(
  [NAME, column('Type'), column('Data'), AGE],
  ({ metadata, type, data = {} }, now) => [
    metadata.name,
    type ?? '',
    Object.keys(data).length,
    age(metadata.creationTimestamp, now),
  ],
);

const serviceAccounts = definePrinter<ServiceAccount>([NAME, AGE], ({ metadata }, now) => [
  metadata.name,
  age(metadata.creationTimestamp, now),
]);

const leases = definePrinter<Lease>([NAME, column('Holder'), AGE], ({ metadata, spec }, now) => [
  metadata.name,
  spec?.holderIdentity ?? '',
  age(metadata.creationTimestamp, now),
]);

const componentStatuses = definePrinter<ComponentStatus>(
  [NAME, column('Status'), column('Message'), column('Error')],
  ({ metadata, conditions = [] }) => {
    const health = conditions.find(({ type }) => type === 'Healthy');
    const status = health?.status === 'True' ? 'Healthy' : health?.status === 'False' ? 'Unhealthy' : 'Unknown';
    return [metadata.name, status, health?.message ?? '', health?.error ?? ''];
  },
);

const resourceQuotas = definePrinter<ResourceQuota>(
  [NAME, column('Request'), column('Limit'), AGE],
  ({ metadata, status }, now) => {
    const names = Object.keys(status?.hard ?? {}).sort();
    const shown = (isLimit: boolean): string =>
      names
        .filter((name) => name.startsWith('limits') === isLimit)
        .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name]}`)
        .join(', ');
    return [metadata.name, shown(false), shown(true), age(metadata.creationTimestamp, now)];
  },
);

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** In the order in which people know them, each once. */
function accessModes(modes: readonly string[] | undefined): string {
  return Object.entries(MODES)
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

const persistentVolumes = definePrinter<PersistentVolume>(
  [
    NAME,
    column('Capacity'),
    column('Access Modes'),
    column('Reclaim Policy'),
    column('Status'),
    column('Claim'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    column('Reason'),
    AGE,
    wide('VolumeMode'),
  ],
  ({ metadata, spec, status }, now) => {
    const claim = spec?.claimRef;
    return [
      metadata.name,
      spec?.capacity?.['storage'] ?? '',
      accessModes(spec?.accessModes),
      spec?.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      claim ? `${claim.namespace}/${claim.name}` : '',
      storageClassOf(metadata.annotations, spec?.storageClassName),
      spec?.volumeAttributesClassName ?? UNSET,
      status?.reason ?? '',
      age(metadata.creationTimestamp, now),
      spec?.volumeMode ?? UNSET,
    ];
  },
);

const persistentVolumeClaims = definePrinter<PersistentVolumeClaim>(
  [
    NAME,
    column('Status'),
    column('Volume'),
    column('Capacity'),
    column('Access Modes'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    AGE,
    wide('VolumeMode'),
  ],
  ({ metadata, spec, status }, now) => {
    const isBound = Boolean(spec?.volumeName);
    return [
      metadata.name,
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      spec?.volumeName ?? '',
      isBound ? (status?.capacity?.['storage'] ?? '') : '',
      isBound ? accessModes(status?.accessModes) : '',
      storageClassOf(metadata.annotations, spec?.storageClassName),
      spec?.volumeAttributesClassName ?? UNSET,
      age(metadata.creationTimestamp, now),
      spec?.volumeMode ?? UNSET,
    ];
  },
);

/** Older objects name their class in an annotation. */
function storageClassOf(annotations: Record<string, string> | undefined, name = ''): string {
  return annotations?.['volume.beta.kubernetes.io/storage-class'] ?? name;
}

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const storageClasses = definePrinter<StorageClass>(
  [
    NAME,
    column('Provisioner'),
    column('ReclaimPolicy'),
    column('VolumeBindingMode'),
    column('AllowVolumeExpansion', 'string'),
    AGE,
  ],
  ({ metadata, provisioner, reclaimPolicy, volumeBindingMode, allowVolumeExpansion }, now) => {
    const isDefault = DEFAULT_CLASS.some((name) => metadata.annotations?.[name] === 'true');
    return [
      isDefault ? `${metadata.name} (default)` : metadata.name,
      provisioner,
      reclaimPolicy ?? 'Delete',
      volumeBindingMode ?? 'Immediate',
      allowVolumeExpansion ?? false,
      age(metadata.creationTimestamp, now),
    ];
  },
);

const volumeAttributesClasses = definePrinter<VolumeAttributesClass>(
  [NAME, column('DriverName'), AGE],
  ({ metadata, driverName }, now) => [metadata.name, driverName, age(metadata.creationTimestamp, now)],
);

const volumeAttachments = definePrinter<VolumeAttachment>(
  [NAME, { ...column('Attacher'), format: 'name' }, column('PV'), column('Node'), column('Attached', 'boolean'), AGE],
  ({ metadata, spec, status }, now) => [
    metadata.name,
    spec.attacher,
    spec.source.persistentVolumeName ?? '',
    spec.nodeName,
    status?.attached ?? false,
    age(metadata.creationTimestamp, now),
  ],
);

const priorityClasses = definePrinter<PriorityClass>(
  [NAME, column('Value', 'integer'), column('Global-Default', 'boolean'), AGE, column('PreemptionPolicy')],
  ({ metadata, value, globalDefault, preemptionPolicy }, now) => [
    metadata.name,
    value ?? 0,
    globalDefault ?? false,
    age(metadata.creationTimestamp, now),
    preemptionPolicy ?? 'PreemptLowerPriority',
  ],
);

const runtimeClasses = definePrinter<RuntimeClass>([NAME, column('Handler'), AGE], ({ metadata, handler }, now) => [
  metadata.name,
  handler,
  age(metadata.creationTimestamp, now),
]);

export const clusterPrinters: Readonly<Record<string, Printer>> = {
  nodes,
  namespaces,
  events,
  'events.events.k8s.io': eventsV1,
  configmaps: configMaps,
  secrets,
  serviceaccounts: serviceAccounts,
  componentstatuses: componentStatuses,
  resourcequotas: resourceQuotas,
  persistentvolumes: persistentVolumes,
  persistentvolumeclaims: persistentVolumeClaims,
  'leases.coordination.k8s.io': leases,
  'storageclasses.storage.k8s.io': storageClasses,
  'volumeattributesclasses.storage.k8s.io': volumeAttributesClasses,
  'volumeattachments.storage.k8s.io': volumeAttachments,
  'priorityclasses.scheduling.k8s.io': priorityClasses,
  'runtimeclasses.node.k8s.io': runtimeClasses,
};
