import { shallowRef, type ShallowRef } from 'vue';
import { Problem } from '#common/base/errors';
import { createApi } from '#common/contract/api';
import { contract, type PilothouseApi } from '#common/contract/contract';
import type { Channel, HostFrame, WindowFrame } from '#common/contract/wire';

export type ConnectionState = 'connecting' | 'connected' | 'lost';
export type HostChannel = Channel<WindowFrame, HostFrame>;

export interface HostConnection {
  readonly api: PilothouseApi;
  readonly state: Readonly<ShallowRef<ConnectionState>>;
  /** Resolves once the host answers, or when `signal` aborts. */
  connected(signal?: AbortSignal): Promise<void>;
}

/**
 * Streams that must not be opened again by themselves: they would repeat lines, start another shell, or look for rows
 * where nobody looks any more. Their readers open them again as they need.
 */
const ONCE_ONLY = new Set(['logs.follow', 'terminals.open', 'tables.view']);
const RETRY_MS = 1000;

type Operation = (input: unknown, context?: { signal?: AbortSignal }) => unknown;
type Group = Record<string, Operation>;

/**
 * The host, through channels that may break: one is opened after the other, and streams that carry whole states go on
 * over the next one as if nothing had been. Calls under way fail with Problem `disconnected`.
 */
export function connectHost(open: () => HostChannel | Promise<HostChannel>): HostConnection {
  const link = new HostLink(open);
  const groups = Object.entries(contract).map(([group, operations]) => [
    group,
    Object.fromEntries(Object.entries(operations).map(([name, { kind }]) => [name, link.operation(group, name, kind)])),
  ]);
  return {
    api: Object.fromEntries(groups) as PilothouseApi,
    state: link.state,
    connected: (signal) => link.connected(signal),
  };
}

class HostLink {
  readonly state = shallowRef<ConnectionState>('connecting');
  readonly #open: () => HostChannel | Promise<HostChannel>;
  #api: Promise<PilothouseApi>;
  #waiting: (() => void)[] = [];

  constructor(open: () => HostChannel | Promise<HostChannel>) {
    this.#open = open;
    this.#api = this.#connect();
  }

  connected(signal?: AbortSignal): Promise<void> {
    if (this.state.value === 'connected') return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  operation(group: string, name: string, kind: 'call' | 'stream'): Operation {
    const find = async () => ((await this.#api) as unknown as Record<string, Group>)[group]?.[name] as Operation;
    if (kind === 'call') return async (input, context) => (await find())(input, context);
    const once = (input: unknown, context?: { signal?: AbortSignal }) => items(find, input, context);
    if (ONCE_ONLY.has(`${group}.${name}`)) return once;
    return (input, context) => this.#reopening(once, input, context);
  }

  async *#reopening(once: Operation, input: unknown, context?: { signal?: AbortSignal }): AsyncGenerator<unknown> {
    for (;;) {
      try {
        yield* once(input, context) as AsyncIterable<unknown>;
        return;
      } catch (failure) {
        const isLost = failure instanceof Problem && failure.code === 'disconnected';
        if (context?.signal?.aborted || !isLost) throw failure;
        await this.connected(context?.signal);
      }
    }
  }

  async #connect(): Promise<PilothouseApi> {
    const channel = await this.#open();
    const api = createApi(contract, {
      post: (frame) => channel.post(frame),
      close: () => channel.close(),
      listen: ({ frame, closed }) => channel.listen({ frame, closed: () => this.#lose(closed) }),
    });
    api.app.info().then(
      () => this.#found(),
      () => {},
    );
    return api;
  }

  #found(): void {
    this.state.value = 'connected';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #lose(closed: () => void): void {
    // Readers ask for the state as soon as they fail.
    this.state.value = 'lost';
    closed();
    setTimeout(() => (this.#api = this.#connect()), RETRY_MS);
  }
}

async function* items(
  find: () => Promise<Operation>,
  input: unknown,
  context?: { signal?: AbortSignal },
): AsyncGenerator<unknown> {
  const open = await find();
  yield* open(input, context) as AsyncIterable<unknown>;
}
