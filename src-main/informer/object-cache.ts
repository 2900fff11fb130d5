import { keyOf, type KubeObject, type ObjectKey } from '#common/kube/object';
import type { Cache, Delta, IndexFn } from './informer';

/** The objects of one scope by key and by uid, with indexes. Writing answers what changed. */
export class ObjectCache<T extends KubeObject> implements Cache<T> {
  readonly #byKey = new Map<ObjectKey, T>();
  readonly #byUid = new Map<string, T>();
  readonly #indexes = new Map<string, ObjectIndex<T>>();
  #revision = 0;

  get size(): number {
    return this.#byKey.size;
  }

  get revision(): number {
    return this.#revision;
  }

  get(key: ObjectKey): T | undefined {
    return this.#byKey.get(key);
  }

  byUid(uid: string): T | undefined {
    return this.#byUid.get(uid);
  }

  values(): Iterable<T> {
    return this.#byKey.values();
  }

  keys(): Iterable<ObjectKey> {
    return this.#byKey.keys();
  }

  indexed(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`no index named ${name}`);
    return index.find(value);
  }

  /** Adds the indexes that are not there yet, filled from what the cache holds. A name stands for one function. */
  addIndexes(indexes: Readonly<Record<string, IndexFn<T>>> = {}): void {
    for (const [name, valuesOf] of Object.entries(indexes)) {
      if (this.#indexes.has(name)) continue;
      const index = new ObjectIndex(valuesOf);
      for (const object of this.values()) index.add(object);
      this.#indexes.set(name, index);
    }
  }

  /** Revisions only grow: a late answer does not turn the cache back. */
  advance(revision: string): void {
    const reached = Number(revision);
    if (reached > this.#revision) this.#revision = reached;
  }

  /** Nothing when the cache holds this very revision already. A new uid under an old name is a removal and an addition. */
  upsert(object: T): Delta<T>[] {
    const previous = this.#byKey.get(keyOf(object));
    if (!previous) {
      this.#put(object);
      return [{ type: 'added', object }];
    }
    if (isSameRevision(previous, object)) return [];
    if (previous.metadata.uid === object.metadata.uid) {
      this.#replace(previous, object);
      return [{ type: 'changed', object, previous }];
    }
    this.#drop(previous);
    this.#put(object);
    return [
      { type: 'removed', object: previous, previous },
      { type: 'added', object },
    ];
  }

  /** `last` is the object as the server last saw it; `previous` as the cache did. */
  remove(last: T): Delta<T>[] {
    const previous = this.#byKey.get(keyOf(last));
    if (!previous) return [];
    this.#drop(previous);
    return [{ type: 'removed', object: last, previous }];
  }

  /** Removes what is under `key`, when all that is known is that it is gone. */
  removeKey(key: ObjectKey): Delta<T>[] {
    const previous = this.#byKey.get(key);
    return previous ? this.remove(previous) : [];
  }

  #put(object: T): void {
    this.#byKey.set(keyOf(object), object);
    if (object.metadata.uid) this.#byUid.set(object.metadata.uid, object);
    for (const index of this.#indexes.values()) index.add(object);
  }

  /** Most writes: nothing is taken out of a map only to be put in again. */
  #replace(previous: T, object: T): void {
    this.#byKey.set(keyOf(object), object);
    if (object.metadata.uid) this.#byUid.set(object.metadata.uid, object);
    for (const index of this.#indexes.values()) index.replace(previous, object);
  }

  #drop(object: T): void {
    this.#byKey.delete(keyOf(object));
    this.#byUid.delete(object.metadata.uid);
    for (const index of this.#indexes.values()) index.delete(object);
  }
}

function isSameRevision(a: KubeObject, b: KubeObject): boolean {
  return (
    a.metadata.resourceVersion !== undefined &&
    a.metadata.resourceVersion !== '' &&
    a.metadata.resourceVersion === b.metadata.resourceVersion &&
    a.metadata.uid === b.metadata.uid
  );
}

class ObjectIndex<T extends KubeObject> {
  readonly #valuesOf: IndexFn<T>;
  /** The objects of each value, by what stays the same when they change. */
  readonly #buckets = new Map<string, Map<string, T>>();

  constructor(valuesOf: IndexFn<T>) {
    this.#valuesOf = valuesOf;
  }

  find(value: string): readonly T[] {
    const bucket = this.#buckets.get(value);
    return bucket ? [...bucket.values()] : [];
  }

  add(object: T): void {
    this.#addTo(this.#valuesOf(object), object);
  }

  delete(object: T): void {
    this.#deleteFrom(this.#valuesOf(object), object);
  }

  /** Both have the same identity. */
  replace(previous: T, object: T): void {
    const before = this.#valuesOf(previous);
    const after = this.#valuesOf(object);
    if (!isSameList(before, after)) this.#deleteFrom(before, previous);
    this.#addTo(after, object);
  }

  #addTo(values: readonly string[], object: T): void {
    const identity = identityOf(object);
    for (const value of values) {
      const bucket = this.#buckets.get(value);
      if (bucket) bucket.set(identity, object);
      else this.#buckets.set(value, new Map([[identity, object]]));
    }
  }

  #deleteFrom(values: readonly string[], object: T): void {
    const identity = identityOf(object);
    for (const value of values) {
      const bucket = this.#buckets.get(value);
      bucket?.delete(identity);
      if (bucket?.size === 0) this.#buckets.delete(value);
    }
  }
}

function identityOf(object: KubeObject): string {
  return object.metadata.uid || keyOf(object);
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, at) => value === right[at]);
}
