import { describe, expect, it } from 'vitest';
import { planEntry } from './entry';
import type { LifeStatus } from './life';

const kept = { name: 'demo', nodes: 3, scenario: 'shop', created: 0 };
const who = { name: 'demo', ephemeral: false };
const life = (status?: LifeStatus) => ({ status });

describe('planEntry', () => {
  it.each<[string, Parameters<typeof planEntry>[0], ReturnType<typeof planEntry>]>([
    [
      'a folder without a process',
      { name: 'demo', kept },
      { name: 'demo', nodes: 3, ephemeral: false, state: 'stopped' },
    ],
    [
      'a process that is being started',
      { name: 'demo', kept, launching: true },
      { name: 'demo', nodes: 3, ephemeral: false, state: 'starting' },
    ],
    [
      'a process that has not said anything yet',
      { name: 'demo', kept, life: life() },
      { name: 'demo', nodes: 3, ephemeral: false, state: 'starting' },
    ],
    [
      'a process that serves',
      { name: 'demo', kept, life: life({ ...who, state: 'running', url: 'https://127.0.0.1:1', nodes: 3 }) },
      { name: 'demo', nodes: 3, ephemeral: false, state: 'running', url: 'https://127.0.0.1:1' },
    ],
    [
      'a process that is ending',
      { name: 'demo', kept, life: life({ ...who, state: 'stopping' }) },
      { name: 'demo', nodes: 3, ephemeral: false, state: 'stopped' },
    ],
    [
      'a process without a folder',
      { name: 'demo', life: life({ ...who, state: 'running', url: 'https://127.0.0.1:1', nodes: 2 }) },
      { name: 'demo', nodes: 2, ephemeral: true, state: 'running', url: 'https://127.0.0.1:1' },
    ],
    [
      'a folder that cannot be understood',
      { name: 'demo', kept: { name: 'demo', damage: 'its sandbox.json is not JSON.' } },
      { name: 'demo', ephemeral: false, state: 'damaged', message: 'its sandbox.json is not JSON.' },
    ],
    [
      'a state that could not be opened',
      { name: 'demo', kept, failure: new Error('the log is cut') },
      { name: 'demo', nodes: 3, ephemeral: false, state: 'damaged', message: 'the log is cut' },
    ],
  ])('%s', (_case, known, expected) => {
    expect(planEntry(known)).toEqual(expected);
  });
});
