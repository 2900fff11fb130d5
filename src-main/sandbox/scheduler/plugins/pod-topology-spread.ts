import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import { acceptsNode } from '#common/kube/node-selection';
import type { Node, Pod, TopologySpreadConstraint } from '#common/kube/types';
import type { ClusterView } from '../cluster-view';
import type { NodeState } from '../node-state';
import {
  maxOf,
  minOf,
  resolvable,
  unresolvable,
  type ImaginedRule,
  type PodRule,
  type Rejection,
  type SchedulerPlugin,
} from '../plugin';
import type { PodQuestion } from '../tallies';
import { toleratesNode } from './taint-toleration';

export interface PodTopologySpreadArgs {
  /** `System` spreads Pods of one controller or Service over nodes and zones where they say nothing themselves. */
  defaultingType?: 'System' | 'List';
  defaultConstraints?: readonly TopologySpreadConstraint[];
}

const NAME = 'PodTopologySpread';
const HOSTNAME = 'kubernetes.io/hostname';
const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { maxSkew: 3, topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway' },
  { maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
];

const UNEVEN = "node(s) didn't match pod topology spread constraints";
const TOO_UNEVEN = resolvable(NAME, UNEVEN);
const UNLABELLED = unresolvable(NAME, `${UNEVEN} (missing required label)`);

/** Keeps Pods that belong together evenly spread over nodes, zones or other domains. */
export function podTopologySpread({
  defaultingType = 'System',
  defaultConstraints = [],
}: PodTopologySpreadArgs = {}): SchedulerPlugin {
  const isSystem = defaultingType === 'System';
  const defaults = isSystem ? SYSTEM_DEFAULTS : defaultConstraints;
  return {
    name: NAME,
    forPod(pod, view) {
      const all = constraintsOf(pod, () => view.companions(pod), defaults);
      const hard = all.filter(({ isHard }) => isHard);
      const soft = all.filter(({ isHard }) => !isHard);
      const needsAllKeys = !isSystem || !!pod.spec.topologySpreadConstraints?.length;
      const ground = { pod, view };
      if (all.length === 0) return undefined;
      return {
        ...(hard.length > 0 ? filterOf(hard, ground) : {}),
        ...(soft.length > 0 ? { score: crowding(soft, { ...ground, needsAllKeys }) } : {}),
      };
    },
    hints: {
      'Pod/Add': (pod, { after }) =>
        !!after && isNear(pod, after) && ownConstraints(pod).some((one) => counts(one, after)),
      'Pod/Delete': (pod, { before }) =>
        !!before && isNear(pod, before) && ownConstraints(pod).some((one) => counts(one, before)),
      'Pod/UpdateLabel': (pod, { before, after }) =>
        !!before &&
        !!after &&
        isNear(pod, after) &&
        ownConstraints(pod).some((one) => counts(one, before) !== counts(one, after)),
      'Pod/UpdateToleration': (pod, { after }) =>
        after?.metadata.uid === pod.metadata.uid && ownConstraints(pod).some(({ heedsTaints }) => heedsTaints),
      'Node/Add': (pod, { after }) => !!after && hasKeys(after, ownConstraints(pod)),
      'Node/Delete': (pod, { before }) => !!before && hasKeys(before, ownConstraints(pod)),
      'Node/UpdateLabel': regroups,
      'Node/UpdateTaint': regroups,
    },
  };
}

interface Constraint {
  topologyKey: string;
  maxSkew: number;
  minDomains: number;
  isHard: boolean;
  selector: LabelSelector | undefined;
  heedsAffinity: boolean;
  heedsTaints: boolean;
}

interface Ground {
  pod: Pod;
  view: ClusterView;
}

function constraintsOf(
  pod: Pod,
  companions: () => LabelSelector | undefined,
  defaults: readonly TopologySpreadConstraint[],
): Constraint[] {
  const own = pod.spec.topologySpreadConstraints ?? [];
  if (own.length > 0) return own.map((constraint) => constraintOf(pod, constraint));
  const selector = defaults.length > 0 ? companions() : undefined;
  return selector ? defaults.map((constraint) => ({ ...constraintOf(pod, constraint), selector })) : [];
}

const ownConstraints = (pod: Pod): Constraint[] =>
  constraintsOf(pod, () => undefined, []).filter(({ isHard }) => isHard);

function constraintOf(pod: Pod, constraint: TopologySpreadConstraint): Constraint {
  const { topologyKey, maxSkew, minDomains = 1, whenUnsatisfiable, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  return {
    topologyKey,
    maxSkew,
    minDomains,
    isHard: whenUnsatisfiable === 'DoNotSchedule',
    selector: withLabelsOf(pod, constraint),
    heedsAffinity: (nodeAffinityPolicy ?? 'Honor') === 'Honor',
    heedsTaints: nodeTaintsPolicy === 'Honor',
  };
}

/** `matchLabelKeys` take the Pod's own values: Pods of one revision are spread among themselves. */
function withLabelsOf({ metadata }: Pod, { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint) {
  const own: NonNullable<LabelSelector['matchExpressions']> = matchLabelKeys.flatMap((key) => {
    const value = metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }];
  });
  if (!labelSelector || own.length === 0) return labelSelector;
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] };
}

const counts = ({ selector }: Constraint, pod: Pod): boolean => matchesSelector(selector, pod);

function hasKeys({ metadata: { labels = {} } }: Node, constraints: readonly Constraint[]): boolean {
  return constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined);
}

/** Which Pods are counted for the constraint, on nodes that have the keys of all `siblings` and are not left out by its policies. */
function question(constraint: Constraint, pod: Pod, siblings: readonly Constraint[]): PodQuestion {
  const { topologyKey, selector, heedsAffinity, heedsTaints } = constraint;
  const { nodeSelector, affinity, tolerations } = pod.spec;
  const required = heedsAffinity ? affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution : undefined;
  const picky = heedsAffinity && (nodeSelector || required);
  const keys = siblings.map((sibling) => sibling.topologyKey);
  const { namespace = '' } = pod.metadata;
  return {
    key: JSON.stringify([
      NAME,
      topologyKey,
      namespace,
      selector,
      keys,
      picky && [nodeSelector, required],
      heedsTaints && (tolerations ?? []),
    ]),
    topologyKey,
    counts: countable(namespace, selector),
    accepts: (node) =>
      hasKeys(node, siblings) && (!picky || acceptsNode(pod.spec, node)) && (!heedsTaints || toleratesNode(pod, node)),
  };
}

/** Pods on their way out do not count, nor does anybody for a selector that would mean everybody. */
function countable(namespace: string, selector: LabelSelector | undefined): (pod: Pod) => boolean {
  if (!selector || isEmpty(selector)) return () => false;
  return ({ metadata }) =>
    metadata.namespace === namespace && !metadata.deletionTimestamp && matchesSelector(selector, { metadata });
}

const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;

interface Domains {
  constraint: Constraint;
  counts: ReadonlyMap<string, number>;
  /** 1 when the Pod counts among those that are spread. */
  self: number;
  accepts: (node: Node) => boolean;
}

function filterOf(hard: readonly Constraint[], { pod, view }: Ground): Pick<PodRule, 'filter' | 'imagine'> {
  const domains = hard.map((constraint): Domains => {
    const asked = question(constraint, pod, hard);
    const counted = view.tallies.countsOf(asked);
    return {
      constraint,
      counts: counted,
      self: counts(constraint, pod) ? 1 : 0,
      accepts: asked.accepts ?? (() => true),
    };
  });
  const floors = domains.map((one) => floorOf(one.constraint, one.counts));
  return {
    filter: ({ node }) => firstUneven(node, domains, floors),
    imagine: () => imagined(domains, pod),
  };
}

/** The emptiest domain's count; nothing when there are fewer domains than there should be. */
function floorOf({ minDomains }: Constraint, counted: ReadonlyMap<string, number>): number {
  if (counted.size < minDomains) return 0;
  let least = Infinity;
  for (const count of counted.values()) if (count < least) least = count;
  return least;
}

function firstUneven(
  { metadata: { labels } }: Node,
  domains: readonly Domains[],
  floors: readonly number[],
): Rejection | undefined {
  for (const [at, { constraint, counts: counted, self }] of domains.entries()) {
    const domain = labels?.[constraint.topologyKey];
    if (domain === undefined) return UNLABELLED;
    if ((counted.get(domain) ?? 0) + self - (floors[at] ?? 0) > constraint.maxSkew) return TOO_UNEVEN;
  }
  return undefined;
}

function imagined(domains: readonly Domains[], pod: Pod): ImaginedRule {
  const copies = domains.map((one) => ({ ...one, counts: new Map(one.counts) }));
  let floors: number[] | undefined;
  return {
    filter({ node }) {
      floors ??= copies.map((one) => floorOf(one.constraint, one.counts));
      return firstUneven(node, copies, floors);
    },
    change(other, node, sign) {
      if (other.metadata.namespace !== pod.metadata.namespace) return;
      for (const { constraint, counts: counted, accepts } of copies) {
        if (!counts(constraint, other) || !accepts(node)) continue;
        const domain = node.metadata.labels?.[constraint.topologyKey] ?? '';
        counted.set(domain, (counted.get(domain) ?? 0) + sign);
        floors = undefined;
      }
    },
  };
}

interface ScoreGround extends Ground {
  /** Nodes without the keys of all constraints are the last choice. */
  needsAllKeys: boolean;
}

/** Fewer of its kind near by is better. Domains weigh more the more of them there are. */
function crowding(
  soft: readonly Constraint[],
  { pod, view, needsAllKeys }: ScoreGround,
): NonNullable<PodRule['score']> {
  return (candidates) => {
    const eligible = needsAllKeys ? candidates.filter(({ node }) => hasKeys(node, soft)) : candidates;
    const parts = soft.map((constraint) => {
      const { topologyKey, maxSkew } = constraint;
      const isHost = topologyKey === HOSTNAME;
      const siblings = needsAllKeys ? soft : [];
      const asked = isHost ? perNode(constraint, pod) : question(constraint, pod, siblings);
      const size = isHost ? eligible.length : domainCount(eligible, topologyKey);
      return {
        topologyKey,
        isHost,
        counted: view.tallies.countsOf(asked),
        factor: Math.log(size + 2),
        base: maxSkew - 1,
      };
    });
    const ignored = new Set(
      eligible.length === candidates.length ? [] : candidates.filter((one) => !eligible.includes(one)),
    );
    const raw = candidates.map((candidate) => {
      if (ignored.has(candidate)) return Number.NaN;
      const { labels, name } = candidate.node.metadata;
      let total = 0;
      for (const { topologyKey, isHost, counted, factor, base } of parts) {
        const domain = labels?.[topologyKey];
        if (domain !== undefined) total += (counted.get(isHost ? name : domain) ?? 0) * factor + base;
      }
      return Math.round(total);
    });
    return fewestFirst(raw);
  };
}

function perNode({ selector }: Constraint, { metadata: { namespace = '' } }: Pod): PodQuestion {
  return { key: JSON.stringify([NAME, namespace, selector]), counts: countable(namespace, selector) };
}

/** Nodes without the label are one domain more. */
function domainCount(candidates: readonly NodeState[], topologyKey: string): number {
  return new Set(candidates.map(({ node }) => node.metadata.labels?.[topologyKey] ?? '')).size;
}

/** The emptiest gets 100, the others the less the fuller they are; NaN gets nothing. */
function fewestFirst(scores: readonly number[]): readonly number[] {
  const known = scores.filter((score) => !Number.isNaN(score));
  const most = Math.max(0, maxOf(known));
  const least = minOf(known);
  return scores.map((score) => {
    if (Number.isNaN(score)) return 0;
    return most === 0 ? 100 : Math.trunc((100 * (most + least - score)) / most);
  });
}

/** Only Pods that have a node, or wait for one, change how evenly things are spread. */
function isNear(pod: Pod, other: Pod): boolean {
  if (pod.metadata.uid === other.metadata.uid) return true;
  const isThere = !!other.spec.nodeName || !!other.status?.nominatedNodeName;
  return isThere && other.metadata.namespace === pod.metadata.namespace;
}

function regroups(pod: Pod, { before, after }: { before: Node | undefined; after: Node | undefined }): boolean {
  if (!before || !after) return false;
  const constraints = ownConstraints(pod);
  const [had, has] = [hasKeys(before, constraints), hasKeys(after, constraints)];
  if (had !== has) return true;
  if (!has) return false;
  const values = ({ metadata }: Node) =>
    constraints.map(({ topologyKey }) => metadata.labels?.[topologyKey]).join('\n');
  return values(before) !== values(after) || JSON.stringify(before.spec.taints) !== JSON.stringify(after.spec.taints);
}
