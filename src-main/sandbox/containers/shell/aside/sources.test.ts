import { describe, expect, it } from 'vitest';
import type { Stage } from './pure-commands';
import { flowOf, sizeOf } from './sources';

const stages = (...lines: string[]): Stage[] => lines.map((line) => ({ words: line.split(' ') }));
const dropped = (stage: Stage | undefined): Stage => ({ words: [], ...stage, output: 'dropped' });

describe('what begins with a source that never ends', () => {
  it.each([
    { lines: ['yes', 'head -n 3'], words: [['__source', 'lines', 'lines', '3', 'y\n']] },
    { lines: ['yes no', 'head -c 1k', 'wc'], words: [['__source', 'lines', 'bytes', '1024', 'no\n'], ['wc']] },
    { lines: ['head -c 16 /dev/urandom', 'base64'], words: [['__source', 'random', 'bytes', '16', ''], ['base64']] },
    { lines: ['cat /dev/zero', 'head -c 2M'], words: [['__source', 'zero', 'bytes', '2097152', '']] },
    {
      lines: ['cat /etc/hosts', 'wc -l'],
      words: [
        ['cat', '/etc/hosts'],
        ['wc', '-l'],
      ],
    },
  ])('$lines ends', ({ lines, words }) => {
    const flow = flowOf(stages(...lines));
    expect(flow.kind === 'ends' && flow.stages.map((stage) => stage.words)).toEqual(words);
  });

  it.each([
    { lines: ['yes'], hoards: false, prints: 'y\n' },
    { lines: ['yes', 'md5sum'], hoards: false, prints: undefined },
    { lines: ['yes', 'sort'], hoards: true, prints: undefined },
    { lines: ['sha1sum /dev/zero'], hoards: false, prints: undefined },
    { lines: ['cat /dev/zero', 'tail'], hoards: true, prints: undefined },
  ])('$lines goes on', ({ lines, hoards, prints }) => {
    expect(flowOf(stages(...lines))).toEqual({ kind: 'endless', hoards, prints });
  });

  it('prints nothing that nobody wants', () => {
    const [yes] = stages('yes');
    expect(flowOf([dropped(yes)])).toMatchObject({ kind: 'endless', prints: undefined });
  });

  it.each([
    ['512', 512],
    ['4k', 4096],
    ['1MB', 1_000_000],
    ['x', Number.NaN],
  ])('reads %s as a size', (word, bytes) => expect(sizeOf(word)).toBe(bytes));
});
