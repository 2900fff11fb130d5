/** Every stored kind of the release, with the rules of those that have some of their own. */
import { resourceId } from '#common/kube/resource';
import { signingRequestStrategy } from './certificates/signing-request';
import { daemonSetStrategy } from './apps/daemonset';
import { deploymentStrategy } from './apps/deployment';
import { replicaSetStrategy } from './apps/replicaset';
import { statefulSetStrategy } from './apps/statefulset';
import { jobStrategy } from './batch/job';
import { eventStrategy } from './core/event';
import { namespaceStrategy } from './core/namespace';
import { nodeStrategy } from './core/node';
import { podStrategy } from './core/pod';
import { serviceStrategy } from './core/service';
import { ServiceAddresses } from './core/service-addresses';
import type { ServiceRange } from './core/service-range';
import { endpointSliceStrategy } from './discovery/endpointslice';
import { flowSchemaStrategy } from './flowcontrol/flow-schema';
import { priorityLevelStrategy } from './flowcontrol/priority-level';
import { rbacStrategies } from './rbac/rbac';
import { defaultStrategy, storedResources } from './default-strategies';
import type { Strategy } from './strategy';

export interface StrategyOptions {
  /** Where Services get their addresses from. */
  serviceRange: ServiceRange;
  /** Priority levels came or went: FlowSchemas are to be looked at again. */
  priorityLevelsChanged(): void;
}

export function allStrategies(options: StrategyOptions): Strategy[] {
  const own = new Map(ownStrategies(options).map((strategy) => [resourceId(strategy.resource), strategy]));
  return storedResources().map((resource) => ({ ...defaultStrategy(resource), ...own.get(resourceId(resource)) }));
}

function ownStrategies({ serviceRange, priorityLevelsChanged }: StrategyOptions): Strategy[] {
  return [
    daemonSetStrategy,
    deploymentStrategy,
    endpointSliceStrategy,
    eventStrategy,
    flowSchemaStrategy,
    jobStrategy,
    namespaceStrategy,
    nodeStrategy,
    podStrategy,
    priorityLevelStrategy(priorityLevelsChanged),
    ...rbacStrategies,
    signingRequestStrategy,
    replicaSetStrategy,
    serviceStrategy(new ServiceAddresses(serviceRange)),
    statefulSetStrategy,
  ];
}
