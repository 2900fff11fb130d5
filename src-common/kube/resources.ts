/** Every resource of Kubernetes 1.36 by its plural. Written by scripts/schema/generate.mjs; change that instead. */
import { resource, type Resource } from './resource';
import type * as types from './types';

export const Bindings = resource<types.Binding>({ plural: 'bindings', kind: 'Binding' });
export const ComponentStatuses = resource<types.ComponentStatus>({
  plural: 'componentstatuses',
  kind: 'ComponentStatus',
  namespaced: false,
});
export const ConfigMaps = resource<types.ConfigMap>({ plural: 'configmaps', kind: 'ConfigMap' });
export const Endpoints = resource<types.Endpoints>({ plural: 'endpoints', kind: 'Endpoints' });
export const Events = resource<types.Event>({ plural: 'events', kind: 'Event' });
export const LimitRanges = resource<types.LimitRange>({ plural: 'limitranges', kind: 'LimitRange' });
export const Namespaces = resource<types.Namespace>({ plural: 'namespaces', kind: 'Namespace', namespaced: false });
export const Nodes = resource<types.Node>({ plural: 'nodes', kind: 'Node', namespaced: false });
export const PersistentVolumeClaims = resource<types.PersistentVolumeClaim>({
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
});
export const PersistentVolumes = resource<types.PersistentVolume>({
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
});
export const Pods = resource<types.Pod>({ plural: 'pods', kind: 'Pod' });
export const PodTemplates = resource<types.PodTemplate>({ plural: 'podtemplates', kind: 'PodTemplate' });
export const ReplicationControllers = resource<types.ReplicationController>({
  plural: 'replicationcontrollers',
  kind: 'ReplicationController',
});
export const ResourceQuotas = resource<types.ResourceQuota>({ plural: 'resourcequotas', kind: 'ResourceQuota' });
export const Secrets = resource<types.Secret>({ plural: 'secrets', kind: 'Secret' });
export const ServiceAccounts = resource<types.ServiceAccount>({ plural: 'serviceaccounts', kind: 'ServiceAccount' });
export const Services = resource<types.Service>({ plural: 'services', kind: 'Service' });
export const APIServices = resource<types.APIService>({
  group: 'apiregistration.k8s.io',
  plural: 'apiservices',
  kind: 'APIService',
  namespaced: false,
});
export const ControllerRevisions = resource<types.ControllerRevision>({
  group: 'apps',
  plural: 'controllerrevisions',
  kind: 'ControllerRevision',
});
export const DaemonSets = resource<types.DaemonSet>({ group: 'apps', plural: 'daemonsets', kind: 'DaemonSet' });
export const Deployments = resource<types.Deployment>({ group: 'apps', plural: 'deployments', kind: 'Deployment' });
export const ReplicaSets = resource<types.ReplicaSet>({ group: 'apps', plural: 'replicasets', kind: 'ReplicaSet' });
export const StatefulSets = resource<types.StatefulSet>({ group: 'apps', plural: 'statefulsets', kind: 'StatefulSet' });
export const EventsV1Events = resource<types.EventsV1Event>({
  group: 'events.k8s.io',
  plural: 'events',
  kind: 'Event',
});
export const SelfSubjectReviews = resource<types.SelfSubjectReview>({
  group: 'authentication.k8s.io',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
});
export const TokenReviews = resource<types.TokenReview>({
  group: 'authentication.k8s.io',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
});
export const LocalSubjectAccessReviews = resource<types.LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  plural: 'localsubjectaccessreviews',
  kind: 'LocalSubjectAccessReview',
});
export const SelfSubjectAccessReviews = resource<types.SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
});
export const SelfSubjectRulesReviews = resource<types.SelfSubjectRulesReview>({
  group: 'authorization.k8s.io',
  plural: 'selfsubjectrulesreviews',
  kind: 'SelfSubjectRulesReview',
  namespaced: false,
});
export const SubjectAccessReviews = resource<types.SubjectAccessReview>({
  group: 'authorization.k8s.io',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
});
export const HorizontalPodAutoscalers = resource<types.HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
});
export const HorizontalPodAutoscalersV1 = resource<types.HorizontalPodAutoscalerV1>({
  group: 'autoscaling',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
});
export const CronJobs = resource<types.CronJob>({ group: 'batch', plural: 'cronjobs', kind: 'CronJob' });
export const Jobs = resource<types.Job>({ group: 'batch', plural: 'jobs', kind: 'Job' });
export const CertificateSigningRequests = resource<types.CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  plural: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  namespaced: false,
});
export const IngressClasses = resource<types.IngressClass>({
  group: 'networking.k8s.io',
  plural: 'ingressclasses',
  kind: 'IngressClass',
  namespaced: false,
});
export const Ingresses = resource<types.Ingress>({ group: 'networking.k8s.io', plural: 'ingresses', kind: 'Ingress' });
export const IPAddresses = resource<types.IPAddress>({
  group: 'networking.k8s.io',
  plural: 'ipaddresses',
  kind: 'IPAddress',
  namespaced: false,
});
export const NetworkPolicies = resource<types.NetworkPolicy>({
  group: 'networking.k8s.io',
  plural: 'networkpolicies',
  kind: 'NetworkPolicy',
});
export const ServiceCIDRs = resource<types.ServiceCIDR>({
  group: 'networking.k8s.io',
  plural: 'servicecidrs',
  kind: 'ServiceCIDR',
  namespaced: false,
});
export const PodDisruptionBudgets = resource<types.PodDisruptionBudget>({
  group: 'policy',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
});
export const ClusterRoleBindings = resource<types.ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
});
export const ClusterRoles = resource<types.ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  plural: 'clusterroles',
  kind: 'ClusterRole',
  namespaced: false,
});
export const RoleBindings = resource<types.RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  plural: 'rolebindings',
  kind: 'RoleBinding',
});
export const Roles = resource<types.Role>({ group: 'rbac.authorization.k8s.io', plural: 'roles', kind: 'Role' });
export const CSIDrivers = resource<types.CSIDriver>({
  group: 'storage.k8s.io',
  plural: 'csidrivers',
  kind: 'CSIDriver',
  namespaced: false,
});
export const CSINodes = resource<types.CSINode>({
  group: 'storage.k8s.io',
  plural: 'csinodes',
  kind: 'CSINode',
  namespaced: false,
});
export const CSIStorageCapacities = resource<types.CSIStorageCapacity>({
  group: 'storage.k8s.io',
  plural: 'csistoragecapacities',
  kind: 'CSIStorageCapacity',
});
export const StorageClasses = resource<types.StorageClass>({
  group: 'storage.k8s.io',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
});
export const VolumeAttachments = resource<types.VolumeAttachment>({
  group: 'storage.k8s.io',
  plural: 'volumeattachments',
  kind: 'VolumeAttachment',
  namespaced: false,
});
export const VolumeAttributesClasses = resource<types.VolumeAttributesClass>({
  group: 'storage.k8s.io',
  plural: 'volumeattributesclasses',
  kind: 'VolumeAttributesClass',
  namespaced: false,
});
export const MutatingAdmissionPolicies = resource<types.MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  plural: 'mutatingadmissionpolicies',
  kind: 'MutatingAdmissionPolicy',
  namespaced: false,
});
export const MutatingAdmissionPolicyBindings = resource<types.MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  plural: 'mutatingadmissionpolicybindings',
  kind: 'MutatingAdmissionPolicyBinding',
  namespaced: false,
});
export const MutatingWebhookConfigurations = resource<types.MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
});
export const ValidatingAdmissionPolicies = resource<types.ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  plural: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
});
export const ValidatingAdmissionPolicyBindings = resource<types.ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  plural: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
  namespaced: false,
});
export const ValidatingWebhookConfigurations = resource<types.ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
});
export const CustomResourceDefinitions = resource<types.CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
});
export const PriorityClasses = resource<types.PriorityClass>({
  group: 'scheduling.k8s.io',
  plural: 'priorityclasses',
  kind: 'PriorityClass',
  namespaced: false,
});
export const Leases = resource<types.Lease>({ group: 'coordination.k8s.io', plural: 'leases', kind: 'Lease' });
export const RuntimeClasses = resource<types.RuntimeClass>({
  group: 'node.k8s.io',
  plural: 'runtimeclasses',
  kind: 'RuntimeClass',
  namespaced: false,
});
export const EndpointSlices = resource<types.EndpointSlice>({
  group: 'discovery.k8s.io',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
});
export const DeviceClasses = resource<types.DeviceClass>({
  group: 'resource.k8s.io',
  plural: 'deviceclasses',
  kind: 'DeviceClass',
  namespaced: false,
});
export const ResourceClaims = resource<types.ResourceV1ResourceClaim>({
  group: 'resource.k8s.io',
  plural: 'resourceclaims',
  kind: 'ResourceClaim',
});
export const ResourceClaimTemplates = resource<types.ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  plural: 'resourceclaimtemplates',
  kind: 'ResourceClaimTemplate',
});
export const ResourceSlices = resource<types.ResourceSlice>({
  group: 'resource.k8s.io',
  plural: 'resourceslices',
  kind: 'ResourceSlice',
  namespaced: false,
});
export const FlowSchemas = resource<types.FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  plural: 'flowschemas',
  kind: 'FlowSchema',
  namespaced: false,
});
export const PriorityLevelConfigurations = resource<types.PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  plural: 'prioritylevelconfigurations',
  kind: 'PriorityLevelConfiguration',
  namespaced: false,
});
export const NodeMetricses = resource<types.NodeMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'nodes',
  kind: 'NodeMetrics',
  namespaced: false,
});
export const PodMetricses = resource<types.PodMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  kind: 'PodMetrics',
});

/** All of the above, in the order in which discovery lists their groups. */
export const builtInResources: readonly Resource[] = [
  Bindings,
  ComponentStatuses,
  ConfigMaps,
  Endpoints,
  Events,
  LimitRanges,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  PodTemplates,
  ReplicationControllers,
  ResourceQuotas,
  Secrets,
  ServiceAccounts,
  Services,
  APIServices,
  ControllerRevisions,
  DaemonSets,
  Deployments,
  ReplicaSets,
  StatefulSets,
  EventsV1Events,
  SelfSubjectReviews,
  TokenReviews,
  LocalSubjectAccessReviews,
  SelfSubjectAccessReviews,
  SelfSubjectRulesReviews,
  SubjectAccessReviews,
  HorizontalPodAutoscalers,
  HorizontalPodAutoscalersV1,
  CronJobs,
  Jobs,
  CertificateSigningRequests,
  IngressClasses,
  Ingresses,
  IPAddresses,
  NetworkPolicies,
  ServiceCIDRs,
  PodDisruptionBudgets,
  ClusterRoleBindings,
  ClusterRoles,
  RoleBindings,
  Roles,
  CSIDrivers,
  CSINodes,
  CSIStorageCapacities,
  StorageClasses,
  VolumeAttachments,
  VolumeAttributesClasses,
  MutatingAdmissionPolicies,
  MutatingAdmissionPolicyBindings,
  MutatingWebhookConfigurations,
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
  ValidatingWebhookConfigurations,
  CustomResourceDefinitions,
  PriorityClasses,
  Leases,
  RuntimeClasses,
  EndpointSlices,
  DeviceClasses,
  ResourceClaims,
  ResourceClaimTemplates,
  ResourceSlices,
  FlowSchemas,
  PriorityLevelConfigurations,
  NodeMetricses,
  PodMetricses,
];
