import { shallowRef, type ShallowRef } from 'vue';
import { Problem } from '#common/base/errors';
import { createApi } from '#common/contract/api';
import { contract, type PilothouseApi } from '#common/contract/contract';
import type { Channel, HostFrame, WindowFrame } from '#common/contract/wire';

export type ConnectionState = 'connecting' | 'connected' | 'lost';

export interface HostConnection {
  readonly api: PilothouseApi;
  readonly state: Readonly<ShallowRef<ConnectionState>>;
}

/** Streams that must not be opened again by themselves: they would repeat lines, or start another shell. */
const ONCE_ONLY = new Set(['logs.follow', 'terminals.open']);
const RETRY_MS = 1000;

type Operation = (input: unknown, context?: { signal?: AbortSignal }) => unknown;
type Group = Record<string, Operation>;

/**
 * The host, through channels that may break: one is opened after the other, and streams that carry whole states go on
 * over the next one as if nothing had been. Calls under way fail with Problem `disconnected`.
 */
export function connectHost(open: () => Channel<WindowFrame, HostFrame>): HostConnection {
  const state = shallowRef<ConnectionState>('connecting');
  let current: PilothouseApi;
  let waiting: (() => void)[] = [];

  function connect(): void {
    const channel = open();
    current = createApi(contract, {
      post: (frame) => channel.post(frame),
      close: () => channel.close(),
      listen: ({ frame, closed }) =>
        channel.listen({
          frame,
          closed: () => {
            closed();
            state.value = 'lost';
            setTimeout(connect, RETRY_MS);
          },
        }),
    });
    current.app.info().then(connected, () => {});
  }

  function connected(): void {
    state.value = 'connected';
    const ready = waiting;
    waiting = [];
    for (const wake of ready) wake();
  }

  const untilConnected = () => new Promise<void>((resolve) => waiting.push(resolve));
  const find = (group: string, name: string) =>
    (current as unknown as Record<string, Group>)[group]?.[name] as Operation;

  async function* reopening(path: [string, string], input: unknown, signal?: AbortSignal): AsyncGenerator<unknown> {
    for (;;) {
      try {
        yield* find(...path)(input, signal ? { signal } : {}) as AsyncIterable<unknown>;
        return;
      } catch (failure) {
        if (signal?.aborted || !(failure instanceof Problem) || failure.code !== 'disconnected') throw failure;
        if (state.value !== 'connected') await untilConnected();
      }
    }
  }

  function operation(group: string, name: string, kind: 'call' | 'stream'): Operation {
    if (kind === 'call' || ONCE_ONLY.has(`${group}.${name}`))
      return (input, context) => find(group, name)(input, context);
    return (input, context) => reopening([group, name], input, context?.signal);
  }

  connect();
  const groups = Object.entries(contract).map(([group, operations]) => [
    group,
    Object.fromEntries(Object.entries(operations).map(([name, { kind }]) => [name, operation(group, name, kind)])),
  ]);
  return { api: Object.fromEntries(groups) as PilothouseApi, state };
}
