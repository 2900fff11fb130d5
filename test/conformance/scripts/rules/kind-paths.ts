import type { KindPath } from './family';

const kind = (group: string, version: string, plural: string, name: string): KindPath => ({
  group,
  version,
  plural,
  kind: name,
});
const clusterKind = (group: string, version: string, plural: string, name: string): KindPath => ({
  ...kind(group, version, plural, name),
  namespaced: false,
});

export const CONFIG_MAP = kind('', 'v1', 'configmaps', 'ConfigMap');
export const SECRET = kind('', 'v1', 'secrets', 'Secret');
export const SERVICE_ACCOUNT = kind('', 'v1', 'serviceaccounts', 'ServiceAccount');
export const LIMIT_RANGE = kind('', 'v1', 'limitranges', 'LimitRange');
export const RESOURCE_QUOTA = kind('', 'v1', 'resourcequotas', 'ResourceQuota');
export const ENDPOINTS = kind('', 'v1', 'endpoints', 'Endpoints');
export const EVENT = kind('', 'v1', 'events', 'Event');
export const NEW_EVENT = kind('events.k8s.io', 'v1', 'events', 'Event');
export const NAMESPACE = clusterKind('', 'v1', 'namespaces', 'Namespace');
export const NODE = clusterKind('', 'v1', 'nodes', 'Node');
export const POD = kind('', 'v1', 'pods', 'Pod');
export const POD_TEMPLATE = kind('', 'v1', 'podtemplates', 'PodTemplate');
export const REPLICATION_CONTROLLER = kind('', 'v1', 'replicationcontrollers', 'ReplicationController');
export const SERVICE = kind('', 'v1', 'services', 'Service');
export const VOLUME = clusterKind('', 'v1', 'persistentvolumes', 'PersistentVolume');
export const CLAIM = kind('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim');
export const DEPLOYMENT = kind('apps', 'v1', 'deployments', 'Deployment');
export const REPLICA_SET = kind('apps', 'v1', 'replicasets', 'ReplicaSet');
export const STATEFUL_SET = kind('apps', 'v1', 'statefulsets', 'StatefulSet');
export const DAEMON_SET = kind('apps', 'v1', 'daemonsets', 'DaemonSet');
export const CONTROLLER_REVISION = kind('apps', 'v1', 'controllerrevisions', 'ControllerRevision');
export const JOB = kind('batch', 'v1', 'jobs', 'Job');
export const CRON_JOB = kind('batch', 'v1', 'cronjobs', 'CronJob');
export const AUTOSCALER = kind('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler');
export const OLD_AUTOSCALER = kind('autoscaling', 'v1', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler');
export const INGRESS = kind('networking.k8s.io', 'v1', 'ingresses', 'Ingress');
export const INGRESS_CLASS = clusterKind('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass');
export const NETWORK_POLICY = kind('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy');
export const IP_ADDRESS = clusterKind('networking.k8s.io', 'v1', 'ipaddresses', 'IPAddress');
export const SERVICE_CIDR = clusterKind('networking.k8s.io', 'v1', 'servicecidrs', 'ServiceCIDR');
export const BUDGET = kind('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget');
export const STORAGE_CLASS = clusterKind('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass');
export const ATTACHMENT = clusterKind('storage.k8s.io', 'v1', 'volumeattachments', 'VolumeAttachment');
export const CSI_DRIVER = clusterKind('storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver');
export const CSI_NODE = clusterKind('storage.k8s.io', 'v1', 'csinodes', 'CSINode');
export const CSI_CAPACITY = kind('storage.k8s.io', 'v1', 'csistoragecapacities', 'CSIStorageCapacity');
export const ATTRIBUTES_CLASS = clusterKind('storage.k8s.io', 'v1', 'volumeattributesclasses', 'VolumeAttributesClass');
export const PRIORITY_CLASS = clusterKind('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass');
export const LEASE = kind('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const ENDPOINT_SLICE = kind('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice');
export const RUNTIME_CLASS = clusterKind('node.k8s.io', 'v1', 'runtimeclasses', 'RuntimeClass');

const REGISTRATION = 'admissionregistration.k8s.io';
export const VALIDATING_WEBHOOKS = clusterKind(
  REGISTRATION,
  'v1',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
);
export const MUTATING_WEBHOOKS = clusterKind(
  REGISTRATION,
  'v1',
  'mutatingwebhookconfigurations',
  'MutatingWebhookConfiguration',
);
export const POLICY = clusterKind(REGISTRATION, 'v1', 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy');
export const POLICY_BINDING = clusterKind(
  REGISTRATION,
  'v1',
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
);
export const MUTATING_POLICY = clusterKind(REGISTRATION, 'v1', 'mutatingadmissionpolicies', 'MutatingAdmissionPolicy');
export const MUTATING_BINDING = clusterKind(
  REGISTRATION,
  'v1',
  'mutatingadmissionpolicybindings',
  'MutatingAdmissionPolicyBinding',
);
