/** How long one attempt waits for the storage system (the watch timeout of the CSI plugin). */
const TIMEOUT_MS = 120_000;
/** The waits between two attempts (exponentialbackoff of the operation executor). */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 122_000;

interface Try {
  waitMs: number;
  /** When this attempt began or is to begin. */
  fromMs: number;
}

/** Keeps count of the attempts to attach volumes: each ends with a failure or after two minutes, the next comes later and later. */
export class AttachTries {
  readonly #tries = new Map<string, Try>();

  /** Looks at the attempt under way; `isOver` when it ended just now without success. */
  step(name: string, hasFailed: boolean, nowMs: number): { isOver: boolean; againAfterMs: number } {
    const current = this.#tries.get(name) ?? { waitMs: FIRST_WAIT_MS, fromMs: nowMs };
    this.#tries.set(name, current);
    if (nowMs < current.fromMs) return { isOver: false, againAfterMs: current.fromMs - nowMs };
    const leftMs = hasFailed ? 0 : current.fromMs + TIMEOUT_MS - nowMs;
    if (leftMs > 0) return { isOver: false, againAfterMs: leftMs };
    const { waitMs } = current;
    this.#tries.set(name, { waitMs: Math.min(LONGEST_WAIT_MS, waitMs * 2), fromMs: nowMs + waitMs });
    return { isOver: true, againAfterMs: waitMs };
  }

  forget(name: string): void {
    this.#tries.delete(name);
  }
}
