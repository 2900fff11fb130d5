/** Every stored kind of the release, with the rules of those that have some of their own. */
import { resourceId } from '#common/kube/resource';
import { mutatingBindingStrategy, mutatingPolicyStrategy } from './admissionregistration/mutating-policy';
import { validatingBindingStrategy, validatingPolicyStrategy } from './admissionregistration/validating-policy';
import { mutatingWebhooksStrategy, validatingWebhooksStrategy } from './admissionregistration/webhook-configurations';
import { apiServiceStrategy, type ApiServiceListener } from './apiregistration/apiservice';
import { signingRequestStrategy } from './certificates/signing-request';
import { controllerRevisionStrategy } from './apps/controllerrevision';
import { daemonSetStrategy } from './apps/daemonset';
import { deploymentStrategy } from './apps/deployment';
import { replicaSetStrategy } from './apps/replicaset';
import { statefulSetStrategy } from './apps/statefulset';
import { jobStrategy } from './batch/job';
import { horizontalPodAutoscalerStrategy } from './autoscaling/horizontalpodautoscaler';
import { cronJobStrategy } from './batch/cronjob';
import { leaseStrategy } from './coordination/lease';
import { configMapStrategy } from './core/configmap';
import { endpointsStrategy } from './core/endpoints';
import { eventStrategy } from './core/event';
import { limitRangeStrategy } from './core/limitrange';
import { namespaceStrategy } from './core/namespace';
import { nodeStrategy } from './core/node';
import { persistentVolumeStrategy } from './core/persistentvolume';
import { persistentVolumeClaimStrategy } from './core/persistentvolumeclaim';
import { podStrategy } from './core/pod';
import { podTemplateStrategy } from './core/podtemplate';
import { replicationControllerStrategy } from './core/replicationcontroller';
import { resourceQuotaStrategy } from './core/resourcequota';
import { secretStrategy } from './core/secret';
import { serviceStrategy } from './core/service';
import { ServiceAddresses } from './core/service-addresses';
import type { ServiceRange } from './core/service-range';
import { endpointSliceStrategy } from './discovery/endpointslice';
import { flowSchemaStrategy } from './flowcontrol/flow-schema';
import { priorityLevelStrategy } from './flowcontrol/priority-level';
import { rbacStrategies } from './rbac/rbac';
import { serviceAccountStrategy } from './core/serviceaccount';
import { ingressStrategy } from './networking/ingress';
import { ingressClassStrategy } from './networking/ingressclass';
import { ipAddressStrategy } from './networking/ipaddress';
import { networkPolicyStrategy } from './networking/networkpolicy';
import { serviceCidrStrategy } from './networking/servicecidr';
import { runtimeClassStrategy } from './node/runtimeclass';
import { podDisruptionBudgetStrategy } from './policy/poddisruptionbudget';
import { priorityClassStrategy } from './scheduling/priorityclass';
import { csiDriverStrategy } from './storage/csidriver';
import { csiNodeStrategy } from './storage/csinode';
import { csiStorageCapacityStrategy } from './storage/csistoragecapacity';
import { storageClassStrategy } from './storage/storageclass';
import { volumeAttachmentStrategy } from './storage/volumeattachment';
import { volumeAttributesClassStrategy } from './storage/volumeattributesclass';
import { defaultStrategy, storedResources } from './default-strategies';
import type { Strategy } from './strategy';

export interface StrategyOptions {
  /** Where Services get their addresses from. */
  serviceRange: ServiceRange;
  /** Priority levels came or went: FlowSchemas are to be looked at again. */
  priorityLevelsChanged(): void;
  apiServices: ApiServiceListener;
}

export function allStrategies(options: StrategyOptions): Strategy[] {
  const own = new Map(ownStrategies(options).map((strategy) => [resourceId(strategy.resource), strategy]));
  return storedResources().map((resource) => ({ ...defaultStrategy(resource), ...own.get(resourceId(resource)) }));
}

function ownStrategies({ serviceRange, priorityLevelsChanged, apiServices }: StrategyOptions): Strategy[] {
  return [
    apiServiceStrategy(apiServices),
    configMapStrategy,
    controllerRevisionStrategy,
    cronJobStrategy,
    csiDriverStrategy,
    csiNodeStrategy,
    csiStorageCapacityStrategy,
    daemonSetStrategy,
    deploymentStrategy,
    endpointSliceStrategy,
    endpointsStrategy,
    eventStrategy,
    flowSchemaStrategy,
    jobStrategy,
    horizontalPodAutoscalerStrategy,
    ingressClassStrategy,
    ingressStrategy,
    ipAddressStrategy,
    leaseStrategy,
    limitRangeStrategy,
    mutatingBindingStrategy,
    mutatingPolicyStrategy,
    mutatingWebhooksStrategy,
    namespaceStrategy,
    networkPolicyStrategy,
    nodeStrategy,
    persistentVolumeClaimStrategy,
    persistentVolumeStrategy,
    podDisruptionBudgetStrategy,
    podStrategy,
    priorityLevelStrategy(priorityLevelsChanged),
    ...rbacStrategies,
    signingRequestStrategy,
    replicaSetStrategy,
    serviceStrategy(new ServiceAddresses(serviceRange)),
    podTemplateStrategy,
    priorityClassStrategy,
    replicationControllerStrategy,
    resourceQuotaStrategy,
    runtimeClassStrategy,
    secretStrategy,
    serviceAccountStrategy,
    serviceCidrStrategy,
    statefulSetStrategy,
    storageClassStrategy,
    validatingBindingStrategy,
    validatingPolicyStrategy,
    validatingWebhooksStrategy,
    volumeAttachmentStrategy,
    volumeAttributesClassStrategy,
  ];
}
