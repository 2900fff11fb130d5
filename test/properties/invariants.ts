/** What holds in every cluster that was left alone for long enough. Pure: a state in, what is wrong with it out. */
import { controllerOf, keyOf, type AnyObject, type KubeObject } from '#common/kube/object';
import { matchesSelector, selects, type LabelSelector } from '#common/kinds/selector';
import type {
  DaemonSet,
  Deployment,
  Endpoints,
  EndpointSlice,
  Job,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  ResourceQuota,
  Service,
  StatefulSet,
} from '#common/kube/types';
import { countUsage, kindsOf } from '#main/sandbox/quota/quota-count';
import { quantityNumber } from '#common/kube/quantity';
import type { ClusterState } from './world';

type Invariant = (state: ClusterState, nowMs: number) => string[];

/** Every sentence that is not true of the state. */
export function broken(state: ClusterState, nowMs: number): string[] {
  return Object.entries(invariants).flatMap(([name, check]) => check(state, nowMs).map((what) => `${name}: ${what}`));
}

const objects = <T extends KubeObject>(state: ClusterState, kind: string): readonly T[] =>
  (state.get(kind) ?? []) as unknown as readonly T[];

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
const isActive = (pod: Pod): boolean => !hasEnded(pod) && !pod.metadata.deletionTimestamp;
const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
const ownedBy = (state: ClusterState, owner: KubeObject): Pod[] =>
  objects<Pod>(state, 'pods').filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid);

/** A quota of the namespace has nothing left: what is missing may be missing. */
function isExhausted(state: ClusterState, namespace: string | undefined): boolean {
  return objects<ResourceQuota>(state, 'resourcequotas').some(
    ({ metadata, spec, status }) =>
      metadata.namespace === namespace &&
      ['pods', 'requests.cpu'].some((name) => {
        const left = quantityNumber(spec.hard?.[name]) - quantityNumber(status?.used?.[name]);
        return left < (name === 'pods' ? 1 : 0.1);
      }),
  );
}

/** True when some namespace cannot have what it wants. */
export function isAnyExhausted(state: ClusterState): boolean {
  return objects(state, 'namespaces').some(({ metadata }) => isExhausted(state, metadata.name));
}

const says = (what: KubeObject, text: string): string => `${what.kind} ${keyOf(what)} ${text}`;

function unlike(what: KubeObject, facts: Record<string, [is: unknown, should: unknown]>): string[] {
  return Object.entries(facts)
    .filter(([, [is, should]]) => is !== should)
    .map(([name, [is, should]]) => says(what, `has ${name} ${String(is)}, should have ${String(should)}`));
}

const replicas = (state: ClusterState, owner: ReplicaSet | StatefulSet): string[] => {
  const pods = ownedBy(state, owner).filter(isActive);
  const wanted = owner.spec?.replicas ?? 1;
  const mayLack = pods.length < wanted && isExhausted(state, owner.metadata.namespace);
  return [
    ...(pods.length === wanted || mayLack ? [] : [says(owner, `has ${pods.length} Pods, wants ${wanted}`)]),
    ...unlike(owner, {
      'status.replicas': [owner.status?.replicas ?? 0, pods.length],
      'status.readyReplicas': [owner.status?.readyReplicas ?? 0, pods.filter(isReady).length],
      'status.observedGeneration': [owner.status?.observedGeneration, owner.metadata.generation],
    }),
  ];
};

const invariants: Readonly<Record<string, Invariant>> = {
  'ReplicaSets have the Pods they want': (state) =>
    objects<ReplicaSet>(state, 'replicasets.apps').flatMap((set) => replicas(state, set)),

  'Deployments have come to their end': (state) =>
    objects<Deployment>(state, 'deployments.apps').flatMap((deployment) => {
      const sets = objects<ReplicaSet>(state, 'replicasets.apps').filter(
        (set) => controllerOf(set)?.uid === deployment.metadata.uid,
      );
      const wanted = deployment.spec?.replicas ?? 1;
      const sizes = sets.map(({ spec }) => spec?.replicas ?? 0).filter((size) => size > 0);
      const sum = sizes.reduce((total, size) => total + size, 0);
      const isStuck = isExhausted(state, deployment.metadata.namespace);
      const facts = unlike(deployment, {
        'status.observedGeneration': [deployment.status?.observedGeneration, deployment.metadata.generation],
        'a sum of ReplicaSets of': [sum, wanted],
        'ReplicaSets in use': [sizes.length, wanted > 0 ? 1 : 0],
        'status.availableReplicas': [deployment.status?.availableReplicas ?? 0, wanted],
      });
      return isStuck ? [] : facts;
    }),

  'StatefulSets have each of their ordinals once': (state) =>
    objects<StatefulSet>(state, 'statefulsets.apps').flatMap((set) => {
      const names = ownedBy(state, set)
        .filter(isActive)
        .map(({ metadata }) => metadata.name);
      const wanted = Array.from({ length: set.spec?.replicas ?? 1 }, (_, at) => `${set.metadata.name}-${at}`);
      if (isExhausted(state, set.metadata.namespace)) return [];
      const [is, should] = [names.toSorted().join(), wanted.toSorted().join()];
      return [...replicas(state, set), ...(is === should ? [] : [says(set, `has Pods ${is}, wants ${should}`)])];
    }),

  'DaemonSets have one Pod on every Node': (state) =>
    objects<DaemonSet>(state, 'daemonsets.apps').flatMap((set) => {
      if (isExhausted(state, set.metadata.namespace)) return [];
      const pods = ownedBy(state, set).filter(isActive);
      const nodes = objects<Node>(state, 'nodes').map(({ metadata }) => metadata.name);
      const [is, should] = [pods.map(({ spec }) => spec.nodeName), nodes].map((names) => names.toSorted().join());
      return [
        ...(is === should ? [] : [says(set, `has Pods on ${is}, should on ${should}`)]),
        ...unlike(set, {
          'status.numberReady': [set.status?.numberReady ?? 0, pods.filter(isReady).length],
          'status.desiredNumberScheduled': [set.status?.desiredNumberScheduled ?? 0, nodes.length],
        }),
      ];
    }),

  'Jobs have ended': (state) =>
    objects<Job>(state, 'jobs.batch').flatMap((job) => {
      const ended = job.status?.conditions?.some(
        ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
      );
      if (!ended && !isExhausted(state, job.metadata.namespace)) return [says(job, 'has not ended')];
      const active = ownedBy(state, job).filter(isActive).length;
      return ended && active > 0 ? [says(job, `has ended with ${active} active Pods`)] : [];
    }),

  'Pods run': (state) =>
    objects<Pod>(state, 'pods')
      .filter((pod) => !hasEnded(pod) && (pod.status?.phase !== 'Running' || !isReady(pod)))
      .filter((pod) => !waitsForClaim(state, pod))
      .map((pod) => says(pod, `is ${pod.status?.phase}, ${pod.spec.nodeName ? `on ${pod.spec.nodeName}` : 'nowhere'}`)),

  'Pods are on Nodes that exist': (state) => {
    const nodes = new Set(objects<Node>(state, 'nodes').map(({ metadata }) => metadata.name));
    return objects<Pod>(state, 'pods')
      .filter(({ spec }) => spec.nodeName && !nodes.has(spec.nodeName))
      .map((pod) => says(pod, `is on ${pod.spec.nodeName}, which does not exist`));
  },

  'Addresses of Pods are their own': (state) =>
    shared(objects<Pod>(state, 'pods').filter(isActive), ({ status }) => status?.podIP),

  'Blocks of Nodes are their own': (state) => shared(objects<Node>(state, 'nodes'), ({ spec }) => spec.podCIDR),

  'Addresses of Services are their own': (state) => [
    ...shared(objects<Service>(state, 'services'), ({ spec }) => (spec.clusterIP === 'None' ? '' : spec.clusterIP)),
    ...shared(objects<Service>(state, 'services'), ({ status }) => status?.loadBalancer?.ingress?.[0]?.ip),
  ],

  'Cluster IPs are noted': (state) => {
    const noted = objects(state, 'ipaddresses.networking.k8s.io').map(({ metadata }) => metadata.name);
    const used = objects<Service>(state, 'services').flatMap(({ spec }) => spec.clusterIPs ?? []);
    const [is, should] = [noted, used.filter((ip) => ip !== 'None')].map((ips) => ips.toSorted().join());
    return is === should ? [] : [`IPAddresses are ${is}, should be ${should}`];
  },

  'Balanced Services have an address': (state) =>
    objects<Service>(state, 'services')
      .filter(({ spec, status }) => spec.type === 'LoadBalancer' && !status?.loadBalancer?.ingress?.length)
      .map((service) => says(service, 'has no address of a load balancer')),

  'Owners exist': (state) => {
    const uids = new Set([...state.values()].flatMap((all) => all.map(({ metadata }) => metadata.uid)));
    return [...state.values()].flat().flatMap((object) => {
      const owners = object.metadata.ownerReferences ?? [];
      const isLeft = owners.length > 0 && owners.every(({ uid }) => !uids.has(uid));
      return isLeft ? [says(object, `belongs to ${owners[0]?.kind} ${owners[0]?.name}, which does not exist`)] : [];
    });
  },

  'Nothing is on its way out': (state) =>
    [...state.values()]
      .flat()
      .filter((object) => object.metadata.deletionTimestamp && !isUsedClaim(state, object))
      .map((object) => says(object, `is being deleted, held by ${object.metadata.finalizers?.join() ?? 'nothing'}`)),

  'Namespaced objects are in Namespaces that exist': (state) => {
    const names = new Set(objects(state, 'namespaces').map(({ metadata }) => metadata.name));
    return [...state.values()]
      .flat()
      .filter(({ metadata }) => metadata.namespace && !names.has(metadata.namespace))
      .map((object) => says(object, 'is in a Namespace that does not exist'));
  },

  'Endpoints are the ready Pods': (state) =>
    objects<Service>(state, 'services').flatMap((service) => {
      if (!service.spec.selector) return [];
      const pods = objects<Pod>(state, 'pods').filter(
        (pod) =>
          pod.metadata.namespace === service.metadata.namespace && isActive(pod) && selects(service.spec.selector, pod),
      );
      const should = pods.filter(isReady).map(({ status }) => status?.podIP ?? '');
      const slices = objects<EndpointSlice>(state, 'endpointslices.discovery.k8s.io').filter(
        (slice) => controllerOf(slice)?.uid === service.metadata.uid,
      );
      const inSlices = slices.flatMap(({ endpoints }) =>
        (endpoints ?? []).filter(({ conditions }) => conditions?.ready).flatMap(({ addresses }) => addresses),
      );
      const endpoints = objects<Endpoints>(state, 'endpoints').find((one) => keyOf(one) === keyOf(service));
      const inSubsets = (endpoints?.subsets ?? []).flatMap(({ addresses }) => (addresses ?? []).map(({ ip }) => ip));
      const text = (ips: readonly string[]) => ips.toSorted().join();
      return unlike(service, {
        slices: [text(inSlices), text(should)],
        endpoints: [text(inSubsets), text(should)],
      });
    }),

  'Endpoints have their Services': (state) => {
    const services = new Set(objects<Service>(state, 'services').map(keyOf));
    return objects<Endpoints>(state, 'endpoints')
      .filter((one) => !services.has(keyOf(one)))
      .map((one) => says(one, 'has no Service'));
  },

  'Quotas say what is used': (state, nowMs) =>
    objects<ResourceQuota>(state, 'resourcequotas').flatMap((quota) => {
      const own = new Map(
        [...kindsOf(quota.spec.hard ?? {})].map((kind): [string, AnyObject[]] => [
          kind,
          (state.get(kind) ?? []).filter(({ metadata }) => metadata.namespace === quota.metadata.namespace),
        ]),
      );
      const { used } = countUsage(quota, own, nowMs);
      return unlike(
        quota,
        Object.fromEntries(Object.keys(used).map((name) => [name, [quota.status?.used?.[name], used[name]]])),
      );
    }),

  'Budgets say what is healthy': (state) =>
    objects<PodDisruptionBudget>(state, 'poddisruptionbudgets.policy').flatMap((budget) => {
      const pods = objects<Pod>(state, 'pods').filter(
        (pod) =>
          pod.metadata.namespace === budget.metadata.namespace &&
          matchesSelector(budget.spec.selector as LabelSelector, pod),
      );
      const healthy = pods.filter((pod) => !pod.metadata.deletionTimestamp && isReady(pod)).length;
      return unlike(budget, {
        'status.currentHealthy': [budget.status?.currentHealthy ?? 0, healthy],
        'status.observedGeneration': [budget.status?.observedGeneration, budget.metadata.generation],
        disruptedPods: [Object.keys(budget.status?.disruptedPods ?? {}).join(), ''],
      });
    }),

  'Claims and volumes are bound one to one': (state) => {
    const volumes = objects<PersistentVolume>(state, 'persistentvolumes');
    const claims = objects<PersistentVolumeClaim>(state, 'persistentvolumeclaims');
    return [
      ...claims.flatMap((claim) => {
        const volume = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
        const isMutual = volume?.spec?.claimRef?.uid === claim.metadata.uid;
        return claim.status?.phase === 'Bound' && isMutual ? [] : [says(claim, `is ${claim.status?.phase}`)];
      }),
      ...volumes
        .filter(({ spec }) => !claims.some(({ metadata }) => metadata.uid === spec?.claimRef?.uid))
        .map((volume) => says(volume, 'is left without a claim')),
      ...shared(claims, ({ spec }) => spec.volumeName),
    ];
  },

  'Nodes are ready and free of taints': (state) =>
    objects<Node>(state, 'nodes').flatMap((node) => {
      const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
      const taints = (node.spec.taints ?? []).map(({ key }) => key).join();
      return unlike(node, { Ready: [ready, 'True'], taints: [taints, ''] });
    }),
};

/** A claim that was deleted stays for as long as a Pod uses it. */
function isUsedClaim(state: ClusterState, { kind, metadata }: KubeObject): boolean {
  if (kind !== 'PersistentVolumeClaim') return false;
  return objects<Pod>(state, 'pods').some(
    (pod) =>
      pod.metadata.namespace === metadata.namespace &&
      pod.spec.volumes?.some(({ persistentVolumeClaim: claim }) => claim?.claimName === metadata.name),
  );
}

/** A Pod whose claim was deleted under it waits for good; nobody makes the claim again. */
function waitsForClaim(state: ClusterState, { metadata, spec }: Pod): boolean {
  const claims = new Set(objects<PersistentVolumeClaim>(state, 'persistentvolumeclaims').map(keyOf));
  return (spec.volumes ?? []).some(
    ({ persistentVolumeClaim: claim }) => claim && !claims.has(`${metadata.namespace}/${claim.claimName}`),
  );
}

function shared<T extends KubeObject>(all: readonly T[], valueOf: (object: T) => string | undefined): string[] {
  const holders = new Map<string, T>();
  return all.flatMap((object) => {
    const value = valueOf(object);
    if (!value) return [];
    const other = holders.get(value);
    holders.set(value, object);
    return other ? [says(object, `shares ${value} with ${keyOf(other)}`)] : [];
  });
}
