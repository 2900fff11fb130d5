import { keyOf, type KubeObject } from '#common/kube/object';
import type { Cache } from '#main/informer/informer';

/** Objects of a cache, with those that will look otherwise once what was decided is written (kube-scheduler's assume cache). */
export class Expected<T extends KubeObject> {
  readonly #cache: Cache<T>;
  readonly #expected = new Map<string, T>();

  constructor(cache: Cache<T>) {
    this.#cache = cache;
  }

  get(key: string): T | undefined {
    const known = this.#cache.get(key);
    const expected = this.#expected.get(key);
    if (!expected) return known;
    if (known && revisionOf(known) <= revisionOf(expected)) return expected;
    // Somebody wrote it since, perhaps we: that counts.
    this.#expected.delete(key);
    return known;
  }

  /** Carries the revision that it was made from. */
  expect(object: T): void {
    this.#expected.set(keyOf(object), object);
  }

  forget(object: T): void {
    this.#expected.delete(keyOf(object));
  }
}

const revisionOf = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);
