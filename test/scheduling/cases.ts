/** Small clusters, drawn from a seed, and Pods that want a place in them. */
import type {
  CSINode,
  Node,
  NodeStatus,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PodSpec,
  ReplicaSet,
  Service,
  StorageClass,
  Taint,
} from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { Draws } from './draws';
import { APPS, containersOf, NAMESPACES, pendingPod, placedPod } from './pods';
import { storageOf } from './storage';

export interface SchedulingCase {
  name: string;
  nodes: { node: Draft<Node>; status: NodeStatus }[];
  classes: Draft<StorageClass>[];
  volumes: Draft<PersistentVolume>[];
  claims: Draft<PersistentVolumeClaim>[];
  csiNodes: Draft<CSINode>[];
  services: Draft<Service>[];
  replicaSets: Draft<ReplicaSet>[];
  budgets: { budget: Draft<PodDisruptionBudget>; disruptionsAllowed: number }[];
  /** Already on their nodes; `startedMinutesAgo` orders them. */
  placed: { pod: Draft<Pod>; startedMinutesAgo: number; isLeaving: boolean }[];
  pending: Draft<Pod>[];
}

/** What a case is about; everything else is there too, but less often. */
export const THEMES = ['plain', 'selection', 'together', 'spread', 'volumes', 'preemption', 'ports', 'mixed'] as const;
export type Theme = (typeof THEMES)[number];

export const ZONES = ['east', 'west', 'north'];
export const IMAGES = [
  'example.com/web:v1',
  'example.com/db:v2',
  'example.com/cache',
  'docker.io/library/busybox:1.36',
];
/** An image has one size, wherever it lies. */
const IMAGE_MB = Object.fromEntries(IMAGES.map((image, at) => [image, [12, 180, 640, 905][at]!]));
export const TAINTS: readonly Taint[] = [
  { key: 'dedicated', value: 'db', effect: 'NoSchedule' },
  { key: 'gpu', effect: 'NoSchedule' },
  { key: 'old', value: 'yes', effect: 'PreferNoSchedule' },
  { key: 'slow', effect: 'PreferNoSchedule' },
  { key: 'leaving', value: 'soon', effect: 'NoExecute' },
];

/** How many clusters are compared. */
export const CASES = 500;

export const caseNames = (count = CASES): string[] => Array.from({ length: count }, (_one, at) => `c${at}`);

export interface CaseGround {
  draws: Draws;
  theme: Theme;
  name: string;
  nodeNames: readonly string[];
}

export function generateCase(index: number): SchedulingCase {
  const draws = new Draws(7919 * (index + 1));
  const theme = THEMES[index % THEMES.length]!;
  const name = `c${index}`;
  const nodeNames = Array.from({ length: draws.int(theme === 'volumes' ? 2 : 3, 12) }, (_one, at) => `${name}-n${at}`);
  const ground = { draws, theme, name, nodeNames };
  const nodes = nodeNames.map((nodeName) => nodeOf(nodeName, ground));
  const replicaSets = draws.chance(0.5) ? [replicaSetOf(name, draws)] : [];
  const { users, pod: claiming, ...storage } = storageOf(ground);
  const isCrowded = theme === 'preemption';
  const pending = Array.from({ length: draws.int(isCrowded ? 2 : 1, 3) }, (_one, at) =>
    pendingPod(`${name}-p${at}`, ground),
  );
  for (const pod of pending) if (replicaSets[0] && draws.chance(0.4)) adopt(pod, replicaSets[0]);
  if (claiming) pending.push(claiming);
  return {
    name,
    nodes,
    ...storage,
    services: draws.some(APPS, 0.3).map((app) => serviceOf(`${name}-${app}`, app, draws.one(NAMESPACES))),
    replicaSets,
    budgets: isCrowded ? draws.some(APPS, 0.7).map((app) => budgetOf(`${name}-${app}`, app, draws)) : [],
    placed: [...nodeNames.flatMap((nodeName) => placedOn(nodeName, ground)), ...users],
    pending,
  };
}

function nodeOf(name: string, { draws, theme }: CaseGround): SchedulingCase['nodes'][0] {
  const isCrowded = theme === 'preemption';
  const zone = draws.maybe(0.9, () => draws.one(ZONES));
  const labels: Record<string, string> = {
    ...(draws.chance(0.92) ? { 'kubernetes.io/hostname': name } : {}),
    ...(zone
      ? { 'topology.kubernetes.io/zone': zone, 'topology.kubernetes.io/region': zone === 'north' ? 'r2' : 'r1' }
      : {}),
    ...(draws.chance(0.8) ? { disk: draws.one(['ssd', 'hdd']) } : {}),
    ...(draws.chance(0.6) ? { rank: String(draws.int(1, 9)) } : {}),
  };
  const taints = draws.some(TAINTS, isCrowded ? 0.03 : 0.12);
  const allocatable = {
    cpu: draws.one(isCrowded ? ['2', '3', '3500m'] : ['1', '2', '3500m', '4', '8', '16']),
    memory: draws.one(['1Gi', '2Gi', '4000Mi', '8Gi', '33Gi']),
    pods: String(draws.int(3, 20)),
    'ephemeral-storage': draws.one(['10Gi', '50G']),
    ...(draws.chance(0.3) ? { 'example.com/gpu': String(draws.int(0, 4)) } : {}),
    ...(draws.chance(0.2) ? { 'hugepages-2Mi': '64Mi' } : {}),
  };
  const images = draws.some(IMAGES, 0.35).map((image) => ({
    names: [image.includes(':') ? image : `${image}:latest`],
    sizeBytes: IMAGE_MB[image]! * 1_000_000,
  }));
  return {
    node: {
      metadata: { name, labels },
      spec: {
        ...(taints.length > 0 ? { taints } : {}),
        ...(draws.chance(isCrowded ? 0.02 : 0.08) ? { unschedulable: true } : {}),
      },
    },
    status: { capacity: allocatable, allocatable, images },
  };
}

function placedOn(nodeName: string, ground: CaseGround): SchedulingCase['placed'] {
  const { draws, theme } = ground;
  const count = draws.int(theme === 'preemption' ? 2 : 0, theme === 'preemption' ? 5 : 4);
  return Array.from({ length: count }, (_one, at) => ({
    pod: placedPod(`${nodeName}-x${at}`, nodeName, ground),
    // Never two alike: who started first is what decides between equals.
    startedMinutesAgo: 10 + at + 10 * draws.int(0, 400),
    isLeaving: draws.chance(0.04),
  }));
}

function serviceOf(name: string, app: string, namespace: string): Draft<Service> {
  return { metadata: { name, namespace }, spec: { selector: { app }, ports: [{ port: 80 }] } };
}

function replicaSetOf(name: string, draws: Draws): Draft<ReplicaSet> {
  const labels = { app: draws.one(APPS), team: 'one' };
  const spec: PodSpec = { containers: containersOf(draws) };
  return {
    metadata: { name, namespace: NAMESPACES[0]! },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels } as never, spec } },
  };
}

/** The owner's uid is filled in when it is known. */
function adopt(pod: Draft<Pod>, { metadata, spec }: Draft<ReplicaSet>): void {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: metadata.name!, uid: '', controller: true };
  pod.metadata = {
    ...pod.metadata,
    namespace: NAMESPACES[0]!,
    labels: { ...spec.selector.matchLabels },
    ownerReferences: [owner],
  };
}

function budgetOf(name: string, app: string, draws: Draws): SchedulingCase['budgets'][0] {
  const selector = { matchLabels: { app } };
  return {
    budget: { metadata: { name, namespace: draws.one(NAMESPACES) }, spec: { selector, minAvailable: 1 } },
    disruptionsAllowed: draws.int(0, 2),
  };
}
