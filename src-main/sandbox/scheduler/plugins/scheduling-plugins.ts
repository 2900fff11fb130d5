import type { SchedulerPlugin } from '../plugin';
import { dynamicResources } from './dynamic-resources';
import { imageLocality } from './image-locality';
import { interPodAffinity, type InterPodAffinityArgs } from './inter-pod-affinity';
import { nodeAffinity, type NodeAffinityArgs } from './node-affinity';
import { nodeName } from './node-name';
import { nodePorts } from './node-ports';
import {
  nodeResourcesBalancedAllocation,
  nodeResourcesFit,
  type BalancedAllocationArgs,
  type NodeResourcesFitArgs,
} from './node-resources';
import { nodeUnschedulable } from './node-unschedulable';
import { nodeVolumeLimits } from './node-volume-limits';
import { podTopologySpread, type PodTopologySpreadArgs } from './pod-topology-spread';
import type { ResourceWeight, ScoringStrategy } from './resource-scores';
import { taintToleration } from './taint-toleration';
import { volumeBinding } from './volume-binding';
import { volumeRestrictions } from './volume-restrictions';
import { volumeZone } from './volume-zone';

const CPU_AND_MEMORY: readonly ResourceWeight[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** Makes each plugin from its arguments in a configuration (`NodeAffinityArgs` and its like); what they leave out is the default. */
export const pluginFactories = {
  NodeUnschedulable: () => nodeUnschedulable,
  NodeName: () => nodeName,
  TaintToleration: () => taintToleration,
  NodeAffinity: (args: NodeAffinityArgs) => nodeAffinity(args),
  NodePorts: () => nodePorts,
  NodeResourcesFit: ({ scoringStrategy, ...args }: Partial<NodeResourcesFitArgs>) =>
    nodeResourcesFit({ ...args, scoringStrategy: strategyOf(scoringStrategy) }),
  VolumeRestrictions: () => volumeRestrictions,
  NodeVolumeLimits: () => nodeVolumeLimits,
  VolumeBinding: () => volumeBinding,
  VolumeZone: () => volumeZone,
  PodTopologySpread: (args: PodTopologySpreadArgs) => podTopologySpread(args),
  InterPodAffinity: (args: InterPodAffinityArgs) => interPodAffinity(args),
  DynamicResources: () => dynamicResources,
  NodeResourcesBalancedAllocation: ({ resources }: Partial<BalancedAllocationArgs>) =>
    nodeResourcesBalancedAllocation({ resources: weighted(resources) }),
  ImageLocality: () => imageLocality,
} satisfies Record<string, (args: never) => SchedulerPlugin>;

export type PluginName = keyof typeof pluginFactories;

function strategyOf(strategy: Partial<ScoringStrategy> = {}): ScoringStrategy {
  return { type: 'LeastAllocated', ...strategy, resources: weighted(strategy.resources) };
}

function weighted(resources: readonly ResourceWeight[] = []): readonly ResourceWeight[] {
  if (resources.length === 0) return CPU_AND_MEMORY;
  return resources.map(({ name, weight }) => ({ name, weight: weight || 1 }));
}
