import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import type { Pod } from '#common/kube/types';

/** A Pod that has a node, or was given one a moment ago. */
export interface PlacedPod {
  readonly pod: Pod;
  readonly nodeName: string;
}

export interface PodQuestion {
  namespace: string;
  selector: LabelSelector | undefined;
  /** Whether Pods on their way out count. */
  leaving: boolean;
  /** Counts are by the value of this label of their nodes, by node name unless given. */
  topologyKey?: string;
}

/** Questions whose answers are kept up to date; the one that was not asked for longest goes first. */
const MOST_QUESTIONS = 128;

interface Answer extends PodQuestion {
  counts: Map<string, number>;
}

type DomainOf = (nodeName: string, topologyKey: string) => string | undefined;

/** Where Pods are, with running counts for the selectors that are asked for again and again. */
export class PlacedPods {
  readonly #byUid = new Map<string, PlacedPod>();
  readonly #choosy = new Map<string, PlacedPod>();
  readonly #answers = new Map<string, Answer>();
  readonly #domainOf: DomainOf;

  constructor(domainOf: DomainOf) {
    this.#domainOf = domainOf;
  }

  get(uid: string): PlacedPod | undefined {
    return this.#byUid.get(uid);
  }

  /** Pods that have a word in who else comes near them. */
  get choosy(): Iterable<PlacedPod> {
    return this.#choosy.values();
  }

  add(placed: PlacedPod): void {
    const { uid } = placed.pod.metadata;
    this.#byUid.set(uid, placed);
    const { affinity } = placed.pod.spec;
    if (affinity?.podAffinity || affinity?.podAntiAffinity) this.#choosy.set(uid, placed);
    this.#count(placed, 1);
  }

  remove(uid: string): PlacedPod | undefined {
    const placed = this.#byUid.get(uid);
    if (!placed) return undefined;
    this.#byUid.delete(uid);
    this.#choosy.delete(uid);
    this.#count(placed, -1);
    return placed;
  }

  /** Labels of nodes have changed: what was counted by them is counted anew when it is asked for. */
  forgetDomains(): void {
    for (const [key, { topologyKey }] of this.#answers) if (topologyKey !== undefined) this.#answers.delete(key);
  }

  /** How many matching Pods there are on each node, or in each domain; those without any are not named. */
  countsOf(question: PodQuestion): ReadonlyMap<string, number> {
    const key = JSON.stringify(question);
    const known = this.#answers.get(key);
    const answer = known ?? this.#work(question);
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_QUESTIONS && oldest !== undefined) this.#answers.delete(oldest);
    return answer.counts;
  }

  #work(question: PodQuestion): Answer {
    const answer: Answer = { ...question, counts: new Map() };
    for (const placed of this.#byUid.values()) this.#countIn(answer, placed, 1);
    return answer;
  }

  #count(placed: PlacedPod, sign: 1 | -1): void {
    for (const answer of this.#answers.values()) this.#countIn(answer, placed, sign);
  }

  #countIn(answer: Answer, { pod, nodeName }: PlacedPod, sign: 1 | -1): void {
    const { namespace, selector, leaving, topologyKey, counts } = answer;
    if (pod.metadata.namespace !== namespace || (!leaving && pod.metadata.deletionTimestamp)) return;
    if (!matchesSelector(selector, pod)) return;
    const place = topologyKey === undefined ? nodeName : this.#domainOf(nodeName, topologyKey);
    if (place === undefined) return;
    const count = (counts.get(place) ?? 0) + sign;
    if (count === 0) counts.delete(place);
    else counts.set(place, count);
  }
}
