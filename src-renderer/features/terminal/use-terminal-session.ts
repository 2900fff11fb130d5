import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { isAbort } from '#common/base/errors';
import type { PilothouseApi } from '#common/contract/contract';
import type { TerminalEvent, TerminalRequest } from '#common/contract/terminals';

export interface TerminalSize {
  columns: number;
  rows: number;
}

export type SessionState =
  | { is: 'connecting' }
  | { is: 'open'; container: string; command: string[] }
  | { is: 'ended'; code: number; message: string | undefined }
  | { is: 'failed' };

export interface TerminalSession {
  state: Readonly<Ref<SessionState>>;
  failure: Readonly<ShallowRef<unknown>>;
  open(request: TerminalRequest): void;
  send(text: string): void;
  resize(size: TerminalSize): void;
}

/** One shell at a time: opening another ends the one before. Input is sent in the order it was typed. */
export function useTerminalSession(api: PilothouseApi, onOutput: (text: string) => void): TerminalSession {
  const state = ref<SessionState>({ is: 'connecting' });
  const failure = shallowRef<unknown>();
  let controller = new AbortController();
  let id: string | undefined;
  let sending: Promise<unknown> = Promise.resolve();

  function take(event: TerminalEvent): void {
    if (event.type === 'output') onOutput(event.text);
    else if (event.type === 'opened') {
      id = event.id;
      state.value = { is: 'open', container: event.container, command: event.command };
    } else {
      id = undefined;
      state.value = { is: 'ended', code: event.code, message: event.message };
    }
  }

  /** The stream is over; an exit that was told before stands. */
  function end(): void {
    if (state.value.is !== 'ended') state.value = { is: 'ended', code: 0, message: undefined };
  }

  async function follow(request: TerminalRequest, signal: AbortSignal): Promise<void> {
    state.value = { is: 'connecting' };
    failure.value = undefined;
    try {
      for await (const event of api.terminals.open(request, { signal })) {
        if (signal.aborted) return;
        take(event);
      }
      if (!signal.aborted) end();
    } catch (cause) {
      if (signal.aborted || isAbort(cause)) return;
      failure.value = cause;
      state.value = { is: 'failed' };
    } finally {
      if (!signal.aborted) id = undefined;
    }
  }

  function open(request: TerminalRequest): void {
    controller.abort();
    controller = new AbortController();
    id = undefined;
    void follow(request, controller.signal);
  }

  /** A write that fails means the shell is gone; the stream says so itself. */
  function send(text: string): void {
    const to = id;
    if (!to) return;
    const { signal } = controller;
    sending = sending.then(() => api.terminals.write({ id: to, text }, { signal })).catch(() => undefined);
  }

  function resize(size: TerminalSize): void {
    if (id) void api.terminals.resize({ id, ...size }, { signal: controller.signal }).catch(() => undefined);
  }

  onScopeDispose(() => controller.abort());
  return { state, failure, open, send, resize };
}
