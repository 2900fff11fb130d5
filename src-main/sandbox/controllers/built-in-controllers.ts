import { daemonSetController } from './apps/daemonset';
import { deploymentController } from './apps/deployment';
import { replicaSetController } from './apps/replicaset';
import { statefulSetController } from './apps/statefulset';
import { horizontalController } from './autoscaling/horizontal';
import { cronJobController } from './batch/cronjob';
import { jobController } from './batch/job';
import { ttlAfterFinishedController } from './batch/ttl-after-finished';
import { endpointsController } from './core/endpoints';
import { namespaceController } from './core/namespace';
import { nodeLifecycleController } from './core/node-lifecycle';
import { nodeIpamController } from './core/node-ipam';
import { nodeTtlController } from './core/node-ttl';
import { serviceLoadBalancerController } from './core/service-lb';
import { orphanedPodCollector, podGarbageCollector } from './core/pod-gc';
import { replicationController } from './core/replication';
import { resourceQuotaController } from './core/resource-quota';
import { rootCaController, serviceAccountController } from './core/service-account';
import { taintEvictionController } from './core/taint-eviction';
import { endpointSliceMirroringController } from './discovery/endpoint-slice-mirroring';
import { endpointSliceController } from './discovery/endpoint-slices';
import { ipAddressController } from './networking/ip-addresses';
import { serviceCidrController } from './networking/service-cidrs';
import { disruptionController } from './policy/disruption';
import { staleDisruptionController } from './policy/stale-disruption';
import { resourceClaimConsumers } from './resource/claim-consumers';
import { podResourceClaims } from './resource/pod-claims';
import { accessControllers, type ClusterKeys } from './access-controllers';
import type { Controller } from './runtime/define-controller';
import { storageControllers } from './storage/storage-controllers';

/** Every controller of a cluster but the garbage collector, which follows all kinds. `keys` are those of the cluster. */
export function builtInControllers(keys: ClusterKeys): Controller[] {
  return [
    serviceAccountController,
    rootCaController(keys.authority.certificate),
    nodeIpamController(),
    nodeLifecycleController(),
    nodeTtlController(),
    serviceLoadBalancerController(),
    serviceCidrController,
    ipAddressController(),
    deploymentController,
    replicaSetController,
    replicationController,
    statefulSetController,
    daemonSetController(),
    jobController(),
    ttlAfterFinishedController,
    cronJobController,
    horizontalController(),
    endpointsController(),
    endpointSliceController(),
    endpointSliceMirroringController(),
    namespaceController,
    resourceQuotaController(),
    taintEvictionController(),
    orphanedPodCollector(),
    podGarbageCollector(),
    disruptionController,
    staleDisruptionController,
    ...storageControllers(),
    podResourceClaims,
    resourceClaimConsumers,
    ...accessControllers(keys),
  ];
}
