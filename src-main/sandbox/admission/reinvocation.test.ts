import { describe, expect, it } from 'vitest';
import type { AnyObject } from '#common/kube/object';
import { Reinvocation } from './reinvocation';

const object = (count: number) => ({ metadata: { name: 'a' }, count }) as unknown as AnyObject;

/** Parts that change the object each time they run, by name; `again` are those that want to be asked again. */
function counted(parts: readonly string[], again: readonly string[], between = 0): string[] {
  const reinvocation = new Reinvocation();
  const calls: string[] = [];
  let count = 0;
  const round = () => {
    const rounds = reinvocation.of('plugin');
    rounds.begin(object(count));
    for (const part of parts) {
      if (!rounds.runs(part)) continue;
      calls.push(part);
      const changed = part !== 'idle';
      if (changed) count++;
      rounds.ran(part, { changed, again: again.includes(part) });
    }
    rounds.end(object(count));
  };
  round();
  if (!reinvocation.isWanted) return calls;
  reinvocation.isAgain = true;
  count += between;
  round();
  return calls;
}

describe('Reinvocation', () => {
  it.each([
    { case: 'nobody asks for it', parts: ['a', 'b'], again: [], calls: ['a', 'b'] },
    {
      case: 'the earlier one, after the later one changed something',
      parts: ['a', 'b'],
      again: ['a'],
      calls: ['a', 'b', 'a'],
    },
    { case: 'not the last one', parts: ['a', 'b'], again: ['b'], calls: ['a', 'b'] },
    {
      case: 'both, when the first changes something again',
      parts: ['a', 'b'],
      again: ['a', 'b'],
      calls: ['a', 'b', 'a', 'b'],
    },
    { case: 'nobody, when nothing changes', parts: ['idle'], again: ['idle'], calls: ['idle'] },
  ])('$case', ({ parts, again, calls }) => {
    expect(counted(parts, again)).toEqual(calls);
  });

  it('asks all again when others changed the object in between', () => {
    expect(counted(['a'], ['a'], 1)).toEqual(['a', 'a']);
  });
});
