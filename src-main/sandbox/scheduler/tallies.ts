import type { Node, Pod } from '#common/kube/types';
import { affinityTermsOf, type StandingTerm } from './affinity-terms';

/** Which Pods count, on which nodes, and by what they are counted. */
export interface PodQuestion {
  /** The same for questions with the same answer. */
  key: string;
  counts: (pod: Pod) => boolean;
  /** Counts are by the value of this label of their nodes, by node name unless given. */
  topologyKey?: string;
  /** Nodes that count, with their domains; all unless given. Decided by labels, taints and name alone. */
  accepts?: (node: Node) => boolean;
}

/** A term of placed Pods, and how many of them hold it in each domain. */
export interface HeldTerm {
  readonly term: StandingTerm;
  readonly counts: ReadonlyMap<string, number>;
}

/** Questions whose answers are kept up to date; the one that was not asked for longest goes first. */
const MOST_QUESTIONS = 96;

type PodsByUid = ReadonlyMap<string, Pod>;

const NO_PODS: PodsByUid = new Map();

interface Answer extends PodQuestion {
  /** By domain; a domain that a node belongs to is there even when nothing counts in it. */
  counted: Map<string, number>;
  /** How many nodes a domain has. */
  sizes: Map<string, number>;
  /** The domain of each node that counts. */
  domains: Map<string, string>;
}

interface Held {
  term: StandingTerm;
  counts: Map<string, number>;
}

/** Where Pods are, with running counts for what is asked again and again. Pods on unknown nodes do not count. */
export class Tallies {
  readonly #nodes = new Map<string, { node: Node; pods: PodsByUid }>();
  readonly #answers = new Map<string, Answer>();
  readonly #held = new Map<string, Held>();
  readonly #claims = new Map<string, number>();

  /** `pods` is kept: it always holds the Pods of the node. */
  nodeCame(node: Node, pods: PodsByUid): void {
    this.#nodes.set(node.metadata.name, { node, pods });
    for (const answer of this.#answers.values()) includeNode(answer, node);
    for (const pod of pods.values()) this.#count(pod, node, 1);
  }

  /** The same node with other facts that decide nothing here. */
  nodeRefreshed(node: Node): void {
    const known = this.#nodes.get(node.metadata.name);
    if (known) known.node = node;
  }

  nodeLeft(node: Node): void {
    const { pods } = this.#nodes.get(node.metadata.name) ?? { pods: NO_PODS };
    for (const pod of pods.values()) this.#count(pod, node, -1);
    for (const answer of this.#answers.values()) excludeNode(answer, node);
    this.#nodes.delete(node.metadata.name);
  }

  podCame(pod: Pod, node: Node): void {
    this.#count(pod, node, 1);
  }

  podLeft(pod: Pod, node: Node): void {
    this.#count(pod, node, -1);
  }

  /** Terms of placed Pods about other Pods, the same term of many Pods as one. */
  get heldTerms(): Iterable<HeldTerm> {
    return this.#held.values();
  }

  /** How many placed Pods use the claim (`namespace/name`). */
  usersOf(claim: string): number {
    return this.#claims.get(claim) ?? 0;
  }

  /** How many Pods count in each domain. Every domain of a node that counts is named. */
  countsOf(question: PodQuestion): ReadonlyMap<string, number> {
    const known = this.#answers.get(question.key);
    const answer = known ?? this.#work(question);
    if (known) this.#answers.delete(question.key);
    this.#answers.set(question.key, answer);
    if (this.#answers.size > MOST_QUESTIONS) {
      const [oldest] = this.#answers.keys();
      if (oldest !== undefined) this.#answers.delete(oldest);
    }
    return answer.counted;
  }

  #work(question: PodQuestion): Answer {
    const answer: Answer = { ...question, counted: new Map(), sizes: new Map(), domains: new Map() };
    for (const { node, pods } of this.#nodes.values()) {
      includeNode(answer, node);
      for (const pod of pods.values()) countIn(answer, { pod, node }, 1);
    }
    return answer;
  }

  #count(pod: Pod, node: Node, sign: 1 | -1): void {
    for (const answer of this.#answers.values()) countIn(answer, { pod, node }, sign);
    for (const term of affinityTermsOf(pod).standing) this.#hold(term, node, sign);
    for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
      if (persistentVolumeClaim)
        step(this.#claims, `${pod.metadata.namespace}/${persistentVolumeClaim.claimName}`, sign);
    }
  }

  #hold(term: StandingTerm, node: Node, sign: 1 | -1): void {
    const domain = node.metadata.labels?.[term.topologyKey];
    if (domain === undefined) return;
    let held = this.#held.get(term.key);
    if (!held) this.#held.set(term.key, (held = { term, counts: new Map() }));
    step(held.counts, domain, sign);
    if (held.counts.size === 0) this.#held.delete(term.key);
  }
}

function domainOf({ topologyKey, accepts }: PodQuestion, node: Node): string | undefined {
  if (accepts && !accepts(node)) return undefined;
  return topologyKey === undefined ? node.metadata.name : node.metadata.labels?.[topologyKey];
}

function includeNode(answer: Answer, node: Node): void {
  const domain = domainOf(answer, node);
  if (domain === undefined) return;
  answer.domains.set(node.metadata.name, domain);
  answer.sizes.set(domain, (answer.sizes.get(domain) ?? 0) + 1);
  if (!answer.counted.has(domain)) answer.counted.set(domain, 0);
}

function excludeNode(answer: Answer, node: Node): void {
  const domain = answer.domains.get(node.metadata.name);
  if (domain === undefined) return;
  answer.domains.delete(node.metadata.name);
  step(answer.sizes, domain, -1);
  if (!answer.sizes.has(domain)) answer.counted.delete(domain);
}

function countIn(answer: Answer, { pod, node }: { pod: Pod; node: Node }, sign: 1 | -1): void {
  const domain = answer.domains.get(node.metadata.name);
  if (domain === undefined || !answer.counts(pod)) return;
  answer.counted.set(domain, (answer.counted.get(domain) ?? 0) + sign);
}

/** Counts up or down; what is at zero is not there. */
function step(counts: Map<string, number>, key: string, sign: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + sign;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
