/** What the rules of a profile say of one Pod and a node, as the node is and as it would be. */
import type { Pod } from '#common/kube/types';
import type { ClusterView } from './cluster-view';
import type { LocalVerdict } from './local-verdicts';
import { ImaginedNode, type KnownNode } from './node-state';
import type { ImaginedRule, PodRule, Rejection } from './plugin';
import type { ActivePlugin, Profile } from './profile';

/** A plugin that looks further than one node, as it applies to this Pod. */
export interface WideRule {
  active: ActivePlugin;
  rule: PodRule;
}

export const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0;

export class PodRules {
  readonly pod: Pod;
  readonly view: ClusterView;
  readonly profile: Profile;
  readonly wide: readonly WideRule[];
  /** No node will do, whichever it is. */
  readonly hopeless: Rejection | undefined;
  /** Only these nodes are looked at, and who says so. */
  readonly only: ReadonlySet<string> | undefined;
  readonly narrowing: string | undefined;
  readonly verdictOf: (state: KnownNode) => LocalVerdict;
  readonly #filters: readonly PodRule[];

  constructor(pod: Pod, view: ClusterView, profile: Profile) {
    this.pod = pod;
    this.view = view;
    this.profile = profile;
    this.verdictOf = profile.local.of(pod);
    const wide: WideRule[] = [];
    for (const active of profile.wide) {
      const rule = active.plugin.forPod?.(pod, view);
      if (!rule) continue;
      wide.push({ active, rule });
      if (active.filters && rule.hopeless) {
        this.hopeless = rule.hopeless;
        break;
      }
    }
    this.wide = wide;
    this.#filters = wide.flatMap(({ active, rule }) => (active.filters && rule.filter ? [rule] : []));
    const narrow = wide.find(({ active, rule }) => active.filters && rule.only);
    this.only = narrow?.rule.only;
    this.narrowing = narrow?.active.plugin.name;
  }

  /** Undefined when the Pod may go to the node, also once those are there who wait for it and matter as much. */
  rejectionOf(state: KnownNode, verdict: LocalVerdict): Rejection | undefined {
    const awaited = this.#awaited(state.node.metadata.name);
    if (awaited) {
      const imagined = new ImaginedPlace(this, state);
      const rejection = imagined.rejectionBeside(awaited);
      if (rejection) return rejection;
    }
    return verdict.rejection ?? this.#wideRejection(state);
  }

  /** The node, to be changed in thought. */
  imagine(state: KnownNode): ImaginedPlace {
    return new ImaginedPlace(this, state);
  }

  imaginedRules(): ImaginedRule[] {
    return this.#filters.map((rule) => rule.imagine?.() ?? unchanging(rule));
  }

  /** Pods nominated for the node that this one must not push aside. */
  #awaited(nodeName: string): readonly Pod[] | undefined {
    const { nominations } = this.view;
    if (nominations.isEmpty) return undefined;
    const { uid } = this.pod.metadata;
    const awaited = [...nominations.on(nodeName).values()].filter(
      (other) => other.metadata.uid !== uid && priorityOf(other) >= priorityOf(this.pod),
    );
    return awaited.length > 0 ? awaited : undefined;
  }

  /** As `rejectionOf`, of a node that is only imagined. */
  rejectionAt(place: ImaginedPlace): Rejection | undefined {
    const awaited = this.#awaited(place.nodeName);
    const rejection = awaited && place.rejectionBeside(awaited);
    return rejection ?? place.rejection();
  }

  #wideRejection(state: KnownNode): Rejection | undefined {
    for (const rule of this.#filters) {
      const rejection = rule.filter?.(state);
      if (rejection) return rejection;
    }
    return undefined;
  }
}

function unchanging(rule: PodRule): ImaginedRule {
  return { filter: (state) => rule.filter?.(state), change: () => undefined };
}

/** One node and the rules about it, with Pods coming and leaving in thought. */
export class ImaginedPlace {
  readonly #rules: PodRules;
  readonly #state: ImaginedNode;
  readonly #wide: readonly ImaginedRule[];

  constructor(rules: PodRules, state: KnownNode) {
    this.#rules = rules;
    this.#state = new ImaginedNode(state);
    this.#wide = rules.imaginedRules();
  }

  get nodeName(): string {
    return this.#state.node.metadata.name;
  }

  add(pod: Pod): void {
    this.#state.add(pod);
    for (const rule of this.#wide) rule.change(pod, this.#state.node, 1);
  }

  remove(pod: Pod): void {
    this.#state.remove(pod);
    for (const rule of this.#wide) rule.change(pod, this.#state.node, -1);
  }

  rejection(): Rejection | undefined {
    const { profile, pod } = this.#rules;
    const local = profile.local.rejectionOf(pod, this.#state);
    if (local) return local;
    for (const rule of this.#wide) {
      const rejection = rule.filter(this.#state);
      if (rejection) return rejection;
    }
    return undefined;
  }

  /** What would be said were these Pods there too. */
  rejectionBeside(others: readonly Pod[]): Rejection | undefined {
    for (const other of others) this.add(other);
    const rejection = this.rejection();
    for (const other of others) this.remove(other);
    return rejection;
  }
}
