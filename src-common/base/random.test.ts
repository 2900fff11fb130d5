import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff';
import { randomInt, randomSuffix, randomUuid, seededRandom } from './random';

describe('seededRandom', () => {
  it('repeats itself with the same seed and differs with another', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => randomInt(random, 1000));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('draws names from the alphabet of Kubernetes and uuids of version 4', () => {
    const random = seededRandom(1);
    expect(randomSuffix(random)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(randomUuid(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('Backoff', () => {
  it('doubles up to its bound and starts over after a success', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 500 });
    expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([100, 200, 400, 500]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it('adds at most its share of jitter', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 100, jitter: 0.5, random: { next: () => 1 } });
    expect(backoff.next()).toBe(150);
  });
});
