import { describe, expect, it } from 'vitest';
import { furnish, heal, perform } from './steps';
import { trial } from './trial';
import { World } from './world';

/** Every object of the cluster at the end of a history, with its revision. */
async function endOf(seed: number, length: number): Promise<string[]> {
  await using world = await World.open(seed, 3);
  await furnish(world);
  for (const step of trial(seed, length).steps) await perform(world, step);
  await heal(world);
  const state = await world.state();
  return [...state].flatMap(([kind, items]) =>
    items.map(({ metadata }) =>
      [kind, metadata.namespace, metadata.name, metadata.uid, metadata.resourceVersion].join(' '),
    ),
  );
}

describe('a history', () => {
  it('is the same each time, to the last revision', { timeout: 120_000 }, async () => {
    expect(await endOf(4, 15)).toEqual(await endOf(4, 15));
  });
});
