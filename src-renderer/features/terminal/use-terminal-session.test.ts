import { describe, expect, it } from 'vitest';
import { effectScope } from 'vue';
import { AsyncQueue } from '#common/base/queue';
import type { PilothouseApi } from '#common/contract/contract';
import type { TerminalEvent, TerminalRequest } from '#common/contract/terminals';
import { settle } from '#renderer/resources/shared/mount.fixture';
import { useTerminalSession } from './use-terminal-session';

const request: TerminalRequest = { cluster: 'c', namespace: 'shop', pod: 'web-1', columns: 80, rows: 24 };

/** A host that records what it is told; the test feeds the shell's events. */
function host() {
  const shells: { events: AsyncQueue<TerminalEvent>; signal: AbortSignal }[] = [];
  const told: unknown[] = [];
  const slow = { first: true };
  const api = {
    terminals: {
      open: (_: unknown, { signal }: { signal: AbortSignal }) => {
        const events = new AsyncQueue<TerminalEvent>(Infinity);
        shells.push({ events, signal });
        return events;
      },
      write: async ({ text }: { text: string }) => {
        if (slow.first) await settle();
        slow.first = false;
        told.push(text);
      },
      resize: async ({ columns, rows }: { columns: number; rows: number }) => void told.push([columns, rows]),
    },
  } as unknown as PilothouseApi;
  const output: string[] = [];
  const scope = effectScope();
  const session = scope.run(() => useTerminalSession(api, (text) => output.push(text)))!;
  return { session, shells, told, output, scope };
}

const opened: TerminalEvent = { type: 'opened', id: 't1', container: 'web', command: ['bash'] };

describe('useTerminalSession', () => {
  it('sends what is typed in order, once the shell is there', async () => {
    const { session, shells, told, output, scope } = host();
    session.open(request);
    session.send('lost');
    void shells[0]!.events.push(opened);
    void shells[0]!.events.push({ type: 'output', text: '$ ' });
    await settle();
    session.send('l');
    session.send('s');
    session.resize({ columns: 100, rows: 30 });
    await settle();
    await settle();
    expect(told).toEqual([[100, 30], 'l', 's']);
    expect(output).toEqual(['$ ']);
    expect(session.state.value).toEqual({ is: 'open', container: 'web', command: ['bash'] });
    scope.stop();
    expect(shells[0]!.signal.aborted).toBe(true);
  });

  it('says how the shell ended, and sends nothing more', async () => {
    const { session, shells, told, scope } = host();
    session.open(request);
    void shells[0]!.events.push(opened);
    void shells[0]!.events.push({ type: 'exit', code: 3 });
    shells[0]!.events.end();
    await settle();
    session.send('x');
    await settle();
    expect(session.state.value).toEqual({ is: 'ended', code: 3, message: undefined });
    expect(told).toEqual([]);
    scope.stop();
  });

  it('says why none could be opened, and opens another when asked', async () => {
    const { session, shells, scope } = host();
    session.open(request);
    shells[0]!.events.fail(new Error('no shell'));
    await settle();
    expect(session.state.value).toEqual({ is: 'failed' });
    expect(session.failure.value).toEqual(new Error('no shell'));
    session.open(request);
    expect(shells[0]!.signal.aborted).toBe(true);
    void shells[1]!.events.push(opened);
    await settle();
    expect(session.state.value.is).toBe('open');
    expect(session.failure.value).toBeUndefined();
    scope.stop();
  });
});
