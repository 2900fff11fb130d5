/** What is done to a cluster in a property test: writes as people make them, and faults. */
import { randomInt, type Random } from '#common/base/random';
import { controllerOf, type KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import {
  ConfigMaps,
  DaemonSets,
  Deployments,
  Jobs,
  Leases,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PodDisruptionBudgets,
  Pods,
  ReplicaSets,
  ResourceQuotas,
  Services,
  StatefulSets,
  StorageClasses,
} from '#common/kube/resources';
import { ApiStatusError } from '#common/kube/status-error';
import { isRenewedContinuously } from '#common/kinds/node-lease';
import type { PodTemplateSpec } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { OUTCOME } from '#test/harness/pretend-kubelet';
import type { World } from './world';

/** One step; its numbers choose among what is there when it is done, so that it still means something without others. */
export interface Step {
  kind: StepKind;
  numbers: readonly number[];
  /** How much of the cluster's time passes after it. */
  waitMs: number;
}

export type StepKind = keyof typeof actions;

const NAMESPACES = ['alpha', 'beta'];
const NAMES = ['red', 'green', 'blue'];
const IMAGES = ['nginx:1', 'nginx:2', 'nginx:3'];
const PROPAGATIONS = ['Background', 'Foreground', 'Orphan'] as const;
const WAITS = [0, 20, 300, 2000, 7000, 30_000, 90_000, 400_000];

const NUMBERS = 4;
const NUMBER_BOUND = 1000;

export function randomSteps(random: Random, count: number): Step[] {
  const kinds = Object.entries(actions).flatMap(([kind, { weight }]) =>
    Array.from({ length: weight }, () => kind as StepKind),
  );
  return Array.from({ length: count }, () => ({
    kind: kinds[randomInt(random, kinds.length)] ?? 'advance',
    numbers: Array.from({ length: NUMBERS }, () => randomInt(random, NUMBER_BOUND)),
    waitMs: WAITS[randomInt(random, WAITS.length)] ?? 0,
  }));
}

/** Refusals are part of the game: what was not there, is there already or exceeds a quota. */
export async function perform(world: World, { kind, numbers, waitMs }: Step): Promise<void> {
  try {
    await actions[kind].run(world, choices(numbers));
  } catch (failure) {
    if (!(failure instanceof ApiStatusError) || (failure.status.code ?? 500) >= 500) throw failure;
  }
  await world.sandbox.advance(waitMs);
}

interface Choices {
  pick<T>(from: readonly T[]): T | undefined;
  upTo(bound: number): number;
}

function choices(numbers: readonly number[]): Choices {
  let at = 0;
  const next = () => numbers[at++ % numbers.length] ?? 0;
  return { pick: (from) => from[next() % Math.max(1, from.length)], upTo: (bound) => next() % (bound + 1) };
}

interface Action {
  weight: number;
  run(world: World, choices: Choices): Promise<unknown>;
}

interface Place {
  namespace: string;
  name: string;
}

function place({ pick }: Choices): Place {
  return { namespace: pick(NAMESPACES) ?? 'alpha', name: pick(NAMES) ?? 'red' };
}

function template(app: string, image: string, more: Partial<PodTemplateSpec['spec']> = {}): PodTemplateSpec {
  const resources = { requests: { cpu: '100m' } };
  const spec = { containers: [{ name: 'main', image, resources }], terminationGracePeriodSeconds: 5, ...more };
  return { metadata: { labels: { app } }, spec };
}

async function create<T extends KubeObject>(
  { sandbox }: World,
  resource: TypedResource<T>,
  { name, namespace }: Place,
  body: object,
): Promise<unknown> {
  await sandbox.namespace(namespace);
  const draft = { metadata: { name, namespace }, ...body } as unknown as Draft<T>;
  return sandbox.client.create(resource, draft);
}

async function any<T extends KubeObject>(
  { sandbox }: World,
  resource: TypedResource<T>,
  { pick }: Choices,
  fits: (object: T) => boolean = () => true,
): Promise<T | undefined> {
  const { items } = await sandbox.client.list(resource);
  return pick(items.filter((item) => NAMESPACES.includes(item.metadata.namespace ?? 'alpha') && fits(item)));
}

async function patchAny<T extends KubeObject>(
  world: World,
  resource: TypedResource<T>,
  choices: Choices,
  patch: (object: T) => object,
): Promise<void> {
  const object = await any(world, resource, choices);
  if (object) await world.sandbox.client.patch(resource, object.metadata, { type: 'merge', patch: patch(object) });
}

async function removeAny<T extends KubeObject>(
  world: World,
  resource: TypedResource<T>,
  choices: Choices,
): Promise<void> {
  const object = await any(world, resource, choices);
  const propagationPolicy = choices.pick(PROPAGATIONS) ?? 'Background';
  if (object) await world.sandbox.client.remove(resource, object.metadata, { propagationPolicy });
}

async function nodesBy(world: World, isAlive: boolean): Promise<string[]> {
  const leases = await world.sandbox.list(Leases, 'kube-node-lease');
  const nodes = new Set((await world.sandbox.list(Nodes)).map(({ metadata }) => metadata.name));
  return leases
    .filter((lease) => nodes.has(lease.metadata.name) && isRenewedContinuously(lease) === isAlive)
    .map(({ metadata }) => metadata.name);
}

const scaled = (choices: Choices) => () => ({ spec: { replicas: choices.upTo(5) } });

const actions = {
  advance: { weight: 2, run: async () => undefined },

  createDeployment: {
    weight: 5,
    run: (world, choices) => {
      const at = place(choices);
      const app = `web-${at.name}`;
      const type = choices.upTo(3) === 0 ? 'Recreate' : 'RollingUpdate';
      const spec = {
        replicas: choices.upTo(4),
        selector: { matchLabels: { app } },
        template: template(app, 'nginx:1'),
      };
      return create(world, Deployments, at, { spec: { ...spec, strategy: { type } } });
    },
  },
  scaleDeployment: { weight: 4, run: (world, choices) => patchAny(world, Deployments, choices, scaled(choices)) },
  rollDeployment: {
    weight: 4,
    run: (world, choices) =>
      patchAny(world, Deployments, choices, ({ spec }) => ({
        spec: {
          template: { spec: { containers: [{ ...spec?.template.spec?.containers[0], image: choices.pick(IMAGES) }] } },
        },
      })),
  },
  pauseDeployment: {
    weight: 1,
    run: (world, choices) => patchAny(world, Deployments, choices, ({ spec }) => ({ spec: { paused: !spec?.paused } })),
  },
  removeDeployment: { weight: 2, run: (world, choices) => removeAny(world, Deployments, choices) },
  scaleReplicaSet: { weight: 1, run: (world, choices) => patchAny(world, ReplicaSets, choices, scaled(choices)) },
  removeReplicaSet: { weight: 1, run: (world, choices) => removeAny(world, ReplicaSets, choices) },

  createStatefulSet: {
    weight: 3,
    run: (world, choices) => {
      const at = place(choices);
      const app = `db-${at.name}`;
      const claim = {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      };
      const spec = { replicas: choices.upTo(3), serviceName: app, selector: { matchLabels: { app } } };
      const podManagementPolicy = choices.upTo(1) === 0 ? 'Parallel' : 'OrderedReady';
      const volumeClaimTemplates = choices.upTo(1) === 0 ? [claim] : [];
      const body = { ...spec, podManagementPolicy, volumeClaimTemplates, template: template(app, 'mysql:8') };
      return create(world, StatefulSets, at, { spec: body });
    },
  },
  scaleStatefulSet: { weight: 3, run: (world, choices) => patchAny(world, StatefulSets, choices, scaled(choices)) },
  removeStatefulSet: { weight: 1, run: (world, choices) => removeAny(world, StatefulSets, choices) },
  removeClaim: { weight: 1, run: (world, choices) => removeAny(world, PersistentVolumeClaims, choices) },

  createDaemonSet: {
    weight: 2,
    run: (world, choices) => {
      const at = place(choices);
      const app = `agent-${at.name}`;
      return create(world, DaemonSets, at, {
        spec: { selector: { matchLabels: { app } }, template: template(app, 'agent:1') },
      });
    },
  },
  removeDaemonSet: { weight: 1, run: (world, choices) => removeAny(world, DaemonSets, choices) },

  createJob: {
    weight: 3,
    run: (world, choices) => {
      const at = place(choices);
      const app = `job-${at.name}`;
      const pod = template(app, 'busybox', { restartPolicy: 'Never' });
      const outcome = choices.upTo(3) === 0 ? 'failed' : 'succeeded';
      const metadata = { ...pod.metadata, annotations: { [OUTCOME]: outcome } };
      const spec = { completions: 1 + choices.upTo(3), parallelism: 1 + choices.upTo(2), backoffLimit: 1 };
      const selection = { manualSelector: true, selector: { matchLabels: { app } } };
      return create(world, Jobs, at, { spec: { ...spec, ...selection, template: { ...pod, metadata } } });
    },
  },
  removeJob: { weight: 1, run: (world, choices) => removeAny(world, Jobs, choices) },

  createService: {
    weight: 3,
    run: (world, choices) => {
      const at = place(choices);
      const app = `${choices.pick(['web', 'db', 'agent'])}-${at.name}`;
      const type = choices.pick(['ClusterIP', 'NodePort', 'LoadBalancer']);
      return create(world, Services, at, { spec: { type, selector: { app }, ports: [{ port: 80 }] } });
    },
  },
  removeService: { weight: 1, run: (world, choices) => removeAny(world, Services, choices) },
  createBudget: {
    weight: 2,
    run: (world, choices) => {
      const at = place(choices);
      const selector = { matchLabels: { app: `${choices.pick(['web', 'db'])}-${at.name}` } };
      const amount = choices.pick([{ minAvailable: 1 }, { maxUnavailable: 1 }, { minAvailable: '50%' }]);
      return create(world, PodDisruptionBudgets, at, { spec: { selector, ...amount } });
    },
  },
  removeBudget: { weight: 1, run: (world, choices) => removeAny(world, PodDisruptionBudgets, choices) },
  createQuota: {
    weight: 1,
    run: (world, choices) => {
      const hard = { pods: String(3 + choices.upTo(12)), 'requests.cpu': '2', 'count/configmaps': '3' };
      return create(world, ResourceQuotas, place(choices), { spec: { hard } });
    },
  },
  removeQuota: { weight: 1, run: (world, choices) => removeAny(world, ResourceQuotas, choices) },
  createConfigMap: {
    weight: 1,
    run: (world, choices) => create(world, ConfigMaps, place(choices), { data: { a: 'b' } }),
  },
  removeNamespace: {
    weight: 1,
    run: ({ sandbox }, { pick }) => sandbox.client.remove(Namespaces, { name: pick(NAMESPACES) ?? 'alpha' }),
  },

  removePod: {
    weight: 3,
    run: async (world, choices) => {
      const pod = await any(world, Pods, choices);
      const grace = choices.upTo(2) === 0 ? { gracePeriodSeconds: 0 } : {};
      if (pod) await world.sandbox.client.remove(Pods, pod.metadata, grace);
    },
  },
  killPod: {
    weight: 3,
    run: async (world, choices) => {
      const pod = await any(world, Pods, choices, ({ status }) => status?.phase === 'Running');
      if (!pod) return;
      const patch = { status: { phase: 'Failed', reason: 'Evicted' } };
      await world.sandbox.client.patch(Pods, pod.metadata, { type: 'merge', patch }, { subresource: 'status' });
    },
  },
  evictPod: {
    weight: 3,
    run: async ({ sandbox, ...world }, choices) => {
      const pod = await any({ sandbox, ...world } as World, Pods, choices);
      if (!pod) return;
      const { name, namespace } = pod.metadata;
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
      await sandbox.client.createSubresource(Pods, pod.metadata, 'eviction', eviction);
    },
  },
  relabelPod: {
    weight: 1,
    // A Pod that left its StatefulSet keeps its name, and its place can never be filled again.
    run: async (world, choices) => {
      const pod = await any(world, Pods, choices, (one) => controllerOf(one)?.kind !== 'StatefulSet');
      const patch = { metadata: { labels: { app: 'astray' } } };
      if (pod) await world.sandbox.client.patch(Pods, pod.metadata, { type: 'merge', patch });
    },
  },

  loseNode: {
    weight: 3,
    run: async (world, { pick }) => {
      const name = pick(await nodesBy(world, true));
      if (name) await world.loseNode(name);
    },
  },
  returnNode: {
    weight: 3,
    run: async (world, { pick }) => {
      const name = pick(await nodesBy(world, false));
      if (name) await world.returnNode(name);
    },
  },
  addNode: { weight: 1, run: (world, { upTo }) => world.addNode(`node-${5 + upTo(2)}`) },
  removeNode: {
    weight: 1,
    run: async ({ sandbox }, { pick }) => {
      const nodes = await sandbox.list(Nodes);
      const name = nodes.length > 2 ? pick(nodes)?.metadata.name : undefined;
      if (name) await sandbox.client.remove(Nodes, { name });
    },
  },
  cordon: {
    weight: 2,
    run: async ({ sandbox }, { pick }) => {
      const node = pick(await sandbox.list(Nodes));
      const patch = { spec: { unschedulable: !node?.spec.unschedulable } };
      if (node) await sandbox.client.patch(Nodes, node.metadata, { type: 'merge', patch });
    },
  },
  taint: {
    weight: 1,
    run: async ({ sandbox }, { pick }) => {
      const node = pick(await sandbox.list(Nodes));
      if (!node) return;
      const others = (node.spec.taints ?? []).filter(({ key }) => key !== 'test/away');
      const away = { key: 'test/away', effect: pick(['NoExecute', 'NoSchedule']) ?? 'NoSchedule' };
      const taints = others.length < (node.spec.taints ?? []).length ? others : [...others, away];
      await sandbox.client.update(Nodes, { ...node, spec: { ...node.spec, taints } });
    },
  },
  restartControllers: { weight: 2, run: (world) => world.restartManager() },
} satisfies Record<string, Action>;

/** What every cluster starts with. */
export async function furnish({ sandbox }: World): Promise<void> {
  await sandbox.client.create(StorageClasses, {
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'rbd.csi.ceph.com',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  });
}

/** Nodes come back and take Pods again, paused rollouts go on: what is not right after that never will be. */
export async function heal(world: World): Promise<void> {
  const { sandbox } = world;
  for (const name of await nodesBy(world, false)) await world.returnNode(name);
  for (const node of await sandbox.list(Nodes)) {
    const taints = (node.spec.taints ?? []).filter(({ key }) => key !== 'test/away');
    const spec = { unschedulable: null, taints };
    await sandbox.client.patch(Nodes, node.metadata, { type: 'merge', patch: { spec } });
  }
  for (const { metadata } of (await sandbox.client.list(Deployments)).items) {
    await sandbox.client.patch(Deployments, metadata, { type: 'merge', patch: { spec: { paused: null } } });
  }
}
