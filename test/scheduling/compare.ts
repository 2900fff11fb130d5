/** What the sandbox's scheduler makes of each case, held against what the real one did. */
import { randomInt, seededRandom } from '#common/base/random';
import {
  CSINodes,
  Nodes,
  Namespaces,
  PersistentVolumeClaims,
  PersistentVolumes,
  PodDisruptionBudgets,
  Pods,
  ReplicaSets,
  Services,
  StorageClasses,
} from '#common/kube/resources';
import type { Pod, ReplicaSet, Service } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import { AttemptLog } from '#main/sandbox/scheduler/attempts';
import { companionSelector } from '#main/sandbox/scheduler/companions';
import { profilesOf } from '#main/sandbox/scheduler/configuration';
import { decide, type Decision, type Refusal } from '#main/sandbox/scheduler/cycle';
import { Profile } from '#main/sandbox/scheduler/profile';
import { StaticView } from '#test/harness/static-view';
import type { SchedulingCase } from './cases';
import { furnish } from './furnish';
import type { Outcome } from './outcome';
import { NAMESPACES } from './pods';
import { configuration } from './profiles';

export interface Difference {
  pod: string;
  /** `message`, `node`, `scores`, `nominated`, `victims` … */
  what: string;
  expected: unknown;
  found: unknown;
}

/** Lots are drawn this often to see every node that a tie may end on. */
const LOTS = 24;

/** Nothing where our scheduler decides as the recorded one did, or as it might have in a tie. */
export async function compareCase(
  client: KubeClient,
  one: SchedulingCase,
  expected: readonly Outcome[],
): Promise<Difference[]> {
  await furnish(client, one);
  const view = await look(client);
  const differences: Difference[] = [];
  for (const [at, draft] of one.pending.entries()) {
    const recorded = expected[at];
    if (!recorded) return [{ pod: draft.metadata.name!, what: 'recording', expected: 'one', found: 'none' }];
    const pod = await client.create(Pods, draft);
    differences.push(...compare(pod, recorded, { view, seed: at }));
    follow(pod, recorded, view);
  }
  await clear(client);
  return differences;
}

/** The cluster as the API server shows it. */
async function look(client: KubeClient): Promise<StaticView> {
  const list = async <T extends Parameters<KubeClient['list']>[0]>(resource: T) =>
    (await client.list(resource)).items as never[];
  const pods: Pod[] = await list(Pods);
  const services: Service[] = await list(Services);
  const replicaSets: ReplicaSet[] = await list(ReplicaSets);
  return new StaticView({
    nodes: await list(Nodes),
    namespaces: await list(Namespaces),
    claims: await list(PersistentVolumeClaims),
    volumes: await list(PersistentVolumes),
    classes: await list(StorageClasses),
    csiNodes: await list(CSINodes),
    budgets: await list(PodDisruptionBudgets),
    placed: pods.map((pod) => [pod, pod.spec.nodeName ?? ''] as const),
    companions: (pod) => {
      const near = <T extends Service | ReplicaSet>(all: T[]) =>
        all.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
      const selectorOf = (_kind: string, name: string) =>
        near(replicaSets).find(({ metadata }) => metadata.name === name)?.spec.selector;
      return companionSelector(pod, { services: near(services), selectorOf });
    },
  });
}

interface Ground {
  view: StaticView;
  seed: number;
}

function decisions(pod: Pod, { view, seed }: Ground): { profile: Profile; all: Decision[] } {
  const settings = profilesOf(configuration).find(({ schedulerName }) => schedulerName === pod.spec.schedulerName);
  const random = seededRandom(seed);
  const profile = new Profile(settings!, random);
  const all = Array.from({ length: LOTS }, () =>
    decide(pod, view, { profile, cursor: { start: randomInt(random, Math.max(1, view.nodes.length)) } }),
  );
  return { profile, all };
}

function compare(pod: Pod, expected: Outcome, ground: Ground): Difference[] {
  const { profile, all } = decisions(pod, ground);
  const [first] = all;
  const say = (what: string, wanted: unknown, found: unknown): Difference[] =>
    JSON.stringify(wanted) === JSON.stringify(found) ? [] : [{ pod: expected.pod, what, expected: wanted, found }];
  if (!first) return [];
  if (first.nodeName !== undefined) {
    const nodes = new Set(all.map(({ nodeName }) => nodeName));
    const scores = scoresOf(pod, profile, first);
    return [
      ...(expected.node === undefined || !nodes.has(expected.node)
        ? say('node', expected.node ?? expected.message, [...nodes].sort())
        : []),
      ...(expected.node !== undefined ? say('scores', ordered(expected.scores), scores) : []),
    ];
  }
  const refusals = all as Refusal[];
  const same = refusals.find(({ nominated }) => (nominated || undefined) === expected.nominated) ?? (first as Refusal);
  return [
    ...say('message', expected.message ?? `a node: ${expected.node}`, same.message),
    ...say('reason', expected.reason, 'Unschedulable'),
    ...say('nominated', expected.nominated, same.nominated || undefined),
    ...say('victims', expected.victims, told(same)),
  ];
}

/** Who goes already is not told again. */
function told({ victims }: Refusal): string[] | undefined {
  const staying = victims?.filter(({ metadata }) => !metadata.deletionTimestamp);
  return staying?.map(({ metadata }) => metadata.name).sort();
}

type Scores = Record<string, Record<string, number>>;

/** In one order; plugins that give every node nothing are left out: whether such a one is asked at all is no difference. */
function ordered(scores: Outcome['scores']): Scores | undefined {
  if (!scores) return undefined;
  const silent = (plugin: string) => Object.values(scores).every((one) => !one[plugin]);
  const sorted = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
  const nodes = Object.entries(scores).map(([node, plugins]) => {
    const loud = Object.fromEntries(Object.entries(plugins).filter(([plugin]) => !silent(plugin)));
    return [node, sorted(loud)] as const;
  });
  return sorted(Object.fromEntries(nodes));
}

function scoresOf(pod: Pod, profile: Profile, decision: Decision): Scores | undefined {
  const log = new AttemptLog();
  log.record(pod, profile, { atMs: 0, decision });
  const nodes = log.of(pod.metadata.uid)[0]?.nodes ?? [];
  const scores = Object.fromEntries(nodes.flatMap(({ name, scores: own }) => (own ? [[name, own]] : [])));
  return Object.keys(scores).length > 0 ? ordered(scores) : undefined;
}

/** Goes on as the real one did: the next Pod meets what it met there. */
function follow(pod: Pod, { node, nominated, victims = [] }: Outcome, view: StaticView): void {
  if (node) view.states.place(pod, node);
  if (!nominated) return;
  view.nominations.set(pod, nominated);
  const deletionTimestamp = '2026-01-01T00:00:30Z';
  // All at once: placing one anew changes the list that it was found in.
  const going = view.nodes.flatMap(({ node: { metadata }, pods }) =>
    [...pods.values()].flatMap((pod) => (victims.includes(pod.metadata.name) ? [{ pod, on: metadata.name }] : [])),
  );
  for (const { pod: victim, on } of going)
    view.states.place({ ...victim, metadata: { ...victim.metadata, deletionTimestamp } }, on);
}

async function clear(client: KubeClient): Promise<void> {
  const remove = (path: string, query = {}) => client.request({ method: 'DELETE', path, query });
  for (const namespace of NAMESPACES) {
    for (const plural of ['pods', 'services', 'persistentvolumeclaims'])
      await remove(`/api/v1/namespaces/${namespace}/${plural}`, { gracePeriodSeconds: '0' });
    await remove(`/apis/apps/v1/namespaces/${namespace}/replicasets`);
    await remove(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`);
  }
  await remove('/apis/storage.k8s.io/v1/storageclasses');
  await remove('/apis/storage.k8s.io/v1/csinodes');
  await remove('/api/v1/nodes');
}
