import { sleep, type Clock } from '#common/base/clock';
import type { Forward, ForwardRequest } from '#common/contract/forwards';
import { follow } from '#main/base/pulse';
import type { ClusterSessions } from '#main/session/session';
import { RunningForward } from './forward';

/** Byte counts change with every packet; more often than this nobody reads them. */
const PACE_MS = 250;

/** The local ports that lead into clusters. They outlive the window that opened them. */
export class Forwards implements AsyncDisposable {
  readonly #sessions: ClusterSessions;
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningForward>();
  readonly #listeners = new Set<() => void>();
  #lastId = 0;

  constructor(sessions: ClusterSessions, clock: Clock) {
    this.#sessions = sessions;
    this.#clock = clock;
  }

  list(): Forward[] {
    return Array.from(this.#running.values(), ({ state }) => state);
  }

  async *changes(signal: AbortSignal): AsyncGenerator<Forward[]> {
    const subscribe = (listener: () => void) => {
      this.#listeners.add(listener);
      return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
    };
    for await (const forwards of follow(subscribe, () => this.list(), signal)) {
      yield forwards;
      await sleep(this.#clock, PACE_MS, signal).catch(() => undefined);
    }
  }

  /** Resolves when the local port is open. The same target twice is one forward. */
  async start(request: ForwardRequest, signal: AbortSignal): Promise<Forward> {
    const same = this.list().find((forward) => isSame(forward, request));
    if (same) return same;
    const id = `forward-${++this.#lastId}`;
    const lease = this.#sessions.open(request.cluster);
    try {
      const changed = () => this.#tell();
      const running = await RunningForward.start({ id, lease, request, clock: this.#clock, changed }, signal);
      this.#running.set(id, running);
      this.#tell();
      return running.state;
    } catch (failure) {
      lease[Symbol.dispose]();
      throw failure;
    }
  }

  async stop(id: string): Promise<void> {
    const running = this.#running.get(id);
    this.#running.delete(id);
    this.#tell();
    await running?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.stop(id)));
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isSame(forward: Forward, request: ForwardRequest): boolean {
  const isPort = request.localPort === undefined || request.localPort === forward.localPort;
  const fields = ['cluster', 'kind', 'namespace', 'name', 'port'] as const;
  return isPort && fields.every((field) => forward[field] === request[field]);
}
