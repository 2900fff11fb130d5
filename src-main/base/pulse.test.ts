import { describe, expect, it } from 'vitest';
import { follow, Pulse } from './pulse';

describe('Pulse', () => {
  it('remembers that it was set before anyone waited', async () => {
    const pulse = new Pulse();
    pulse.set();
    pulse.set();
    await pulse.taken(new AbortController().signal);
    let again = false;
    void pulse.taken(new AbortController().signal).then(() => (again = true));
    await Promise.resolve();
    expect(again).toBe(false);
  });

  it('lets go when the signal aborts', async () => {
    const controller = new AbortController();
    const waiting = new Pulse().taken(controller.signal);
    controller.abort();
    await waiting;
  });
});

describe('follow', () => {
  it('tells the present first, then each change once, and stops listening at the end', async () => {
    const listeners = new Set<() => void>();
    let value = 1;
    const source = (listener: () => void) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    };
    const controller = new AbortController();
    const reader = follow(source, () => value, controller.signal);
    expect((await reader.next()).value).toBe(1);
    value = 2;
    for (const tell of listeners) tell();
    value = 3;
    for (const tell of listeners) tell();
    expect((await reader.next()).value).toBe(3);
    const last = reader.next();
    controller.abort();
    expect(await last).toEqual({ done: true, value: undefined });
    expect(listeners.size).toBe(0);
  });
});
