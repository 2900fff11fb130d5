import type { AnyObject } from '#common/kube/object';
import { Entry } from './entry';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write, as every watcher of its collection sees it. */
export class StoreEvent {
  readonly type: ChangeType;
  /** The state after the write; of a deleted object the last one, with the revision of its deletion. */
  readonly entry: Entry;
  /** The state before the write. */
  readonly previous: Entry | undefined;
  #frames: Partial<Record<ChangeType, Buffer>> | undefined;
  #left: Entry | undefined;

  constructor(type: ChangeType, entry: Entry, previous: Entry | undefined) {
    this.type = type;
    this.entry = entry;
    this.previous = previous;
  }

  get revision(): number {
    return this.entry.revision;
  }

  /** The state for a watcher whose selector the object has left: its previous content with this event's revision. */
  get left(): Entry {
    if (this.type === 'DELETED' || !this.previous) return this.entry;
    this.#left ??= atRevision(this.previous, this.revision);
    return this.#left;
  }

  /** One line of a watch answer, made at most once for all watchers. */
  frame(type: ChangeType): Buffer {
    this.#frames ??= {};
    this.#frames[type] ??= frameOf(type, type === 'DELETED' ? this.left : this.entry);
    return this.#frames[type];
  }
}

/** `{"type":…,"object":…}` and the end of the line. */
export function frameOf(type: string, entry: Entry): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), entry.bytes, FRAME_END]);
}

const FRAME_END = Buffer.from('}\n');

/** The same content under another revision. */
export function atRevision({ key, object }: Entry, revision: number): Entry {
  const metadata = { ...object.metadata, resourceVersion: String(revision) };
  return new Entry(key, revision, { ...object, metadata } satisfies AnyObject);
}
