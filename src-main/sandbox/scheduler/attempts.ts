import type { Pod } from '#common/kube/types';
import { weightedScore, type Decision, type Evaluation } from './cycle';
import type { Profile } from './profile';

/** What one attempt to place a Pod came to, node by node. */
export interface SchedulingAttempt {
  /** RFC 3339, UTC. */
  time: string;
  profile: string;
  /** The node chosen; absent when there was none. */
  node?: string;
  /** Why there was none. */
  message?: string;
  /** The node that is made free for the Pod, and who must leave it. */
  nominatedNode?: string;
  victims?: readonly string[];
  /** What every node was refused for before any was looked at. */
  refused?: { plugin: string; reasons: readonly string[] };
  /** In the order in which they were looked at, refused ones first; absent when it was forgotten to save memory. */
  nodes?: readonly NodeVerdict[];
}

export interface NodeVerdict {
  name: string;
  /** Who said no, and why. */
  plugin?: string;
  reasons?: readonly string[];
  /** Weighted scores by plugin; only where nodes were compared. */
  scores?: Readonly<Record<string, number>>;
  total?: number;
}

interface Kept {
  atMs: number;
  profile: Profile;
  decision: Decision;
  rows: number;
  isSlim: boolean;
}

/** Attempts kept of one Pod, the newest last. */
const PER_POD = 5;
/** Pods whose attempts are kept; who was tried longest ago goes first. */
const MOST_PODS = 4000;
/** Nodes that are remembered with their verdicts, over all attempts. */
const MOST_ROWS = 100_000;

/**
 * The latest attempts of the latest Pods. Keeps what the decision found out anyway, and puts it into words only for who
 * asks.
 */
export class AttemptLog {
  readonly #byUid = new Map<string, Kept[]>();
  /** With rows, the oldest first. */
  readonly #detailed = new Set<Kept>();
  #rows = 0;

  record(pod: Pod, profile: Profile, { atMs, decision }: { atMs: number; decision: Decision }): void {
    const { uid } = pod.metadata;
    const { candidates, rejections } = decision.evaluation;
    const kept: Kept = { atMs, profile, decision, rows: candidates.length + rejections.size, isSlim: false };
    const attempts = this.#byUid.get(uid) ?? [];
    this.#byUid.delete(uid);
    this.#byUid.set(uid, attempts);
    attempts.push(kept);
    this.#detailed.add(kept);
    this.#rows += kept.rows;
    if (attempts.length > PER_POD) this.#slim(attempts.shift());
    if (this.#byUid.size > MOST_PODS) this.#forgetOldest();
    for (const oldest of this.#detailed) {
      if (this.#rows <= MOST_ROWS || oldest === kept) break;
      this.#slim(oldest);
    }
  }

  forget(uid: string): void {
    for (const kept of this.#byUid.get(uid) ?? []) this.#slim(kept);
    this.#byUid.delete(uid);
  }

  /** Oldest first. */
  of(uid: string): SchedulingAttempt[] {
    return (this.#byUid.get(uid) ?? []).map(described);
  }

  #forgetOldest(): void {
    const [oldest] = this.#byUid.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  #slim(kept: Kept | undefined): void {
    if (!kept || !this.#detailed.delete(kept)) return;
    this.#rows -= kept.rows;
    kept.isSlim = true;
    const { hopeless } = kept.decision.evaluation;
    kept.decision = { ...kept.decision, evaluation: hopeless ? { ...FORGOTTEN, hopeless } : FORGOTTEN };
  }
}

const FORGOTTEN: Evaluation = { candidates: [], columns: [], totals: [], rejections: new Map() };

function described({ atMs, profile, decision, isSlim }: Kept): SchedulingAttempt {
  const { evaluation, nodeName } = decision;
  const { hopeless } = evaluation;
  const outcome =
    nodeName === undefined
      ? {
          message: decision.message,
          ...(decision.nominated ? { nominatedNode: decision.nominated } : {}),
          ...(decision.victims
            ? { victims: decision.victims.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`) }
            : {}),
        }
      : { node: nodeName };
  return {
    time: new Date(atMs).toISOString(),
    profile: profile.settings.schedulerName,
    ...outcome,
    ...(hopeless ? { refused: { plugin: hopeless.plugin, reasons: hopeless.reasons } } : {}),
    ...(isSlim ? {} : { nodes: verdictsOf(evaluation, profile) }),
  };
}

function verdictsOf(evaluation: Evaluation, profile: Profile): NodeVerdict[] {
  const { candidates, columns, totals, rejections } = evaluation;
  const refused = [...rejections].map(([name, { plugin, reasons }]): NodeVerdict => ({ name, plugin, reasons }));
  const fit = candidates.map(({ state, verdict }, at): NodeVerdict => {
    const { name } = state.node.metadata;
    if (candidates.length < 2) return { name };
    const scores: Record<string, number> = {};
    profile.local.scoring.forEach(({ plugin, weight }, index) => {
      if (!plugin.normalize) scores[plugin.name] = weight * (verdict.raw[index] ?? 0);
    });
    for (const column of columns) scores[column.plugin] = weightedScore(column, at);
    return { name, scores, total: totals[at] ?? 0 };
  });
  return [...refused, ...fit];
}
