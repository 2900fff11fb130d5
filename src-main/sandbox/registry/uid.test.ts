import { describe, expect, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import { newUid } from './uid';

describe('uids', () => {
  it('are version 4 UUIDs, all different, and the same for the same seed', () => {
    const random = seededRandom(5);
    const uids = Array.from({ length: 500 }, () => newUid(random));
    for (const uid of uids) expect(uid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(new Set(uids).size).toBe(uids.length);
    expect(newUid(seededRandom(5))).toBe(uids[0]);
  });
});
