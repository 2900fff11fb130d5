import type { AnyObject } from '#common/kube/object';

/** Where the parts of an encoded object lie. */
interface Encoded {
  bytes: Buffer;
  metadataStart: number;
  metadataEnd: number;
}

const METADATA_FIELD = '"metadata":'.length;

/** One state of one object. It never changes: a write makes a new Entry, and everyone who reads shares this one. */
export class Entry {
  /** `namespace/name`, or the name of a cluster-scoped object: the order of lists. */
  readonly key: string;
  readonly revision: number;
  readonly object: AnyObject;
  #encoded: Encoded | undefined;

  constructor(key: string, revision: number, object: AnyObject) {
    this.key = key;
    this.revision = revision;
    this.object = object;
  }

  /** The object as JSON, encoded at most once. */
  get bytes(): Buffer {
    return this.#encode().bytes;
  }

  /** The same bytes without `{"kind":…,"apiVersion":…,`: items of a list carry neither, and are opened by the list. */
  get itemBytes(): Buffer {
    const { bytes, metadataStart } = this.#encode();
    return bytes.subarray(metadataStart - METADATA_FIELD);
  }

  /** The same bytes, the value of `metadata` alone. */
  get metadataBytes(): Buffer {
    const { bytes, metadataStart, metadataEnd } = this.#encode();
    return bytes.subarray(metadataStart, metadataEnd);
  }

  #encode(): Encoded {
    this.#encoded ??= encode(this.object);
    return this.#encoded;
  }
}

function encode({ kind, apiVersion, metadata, ...rest }: AnyObject): Encoded {
  const head = `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":`;
  const middle = JSON.stringify(metadata);
  const tail = JSON.stringify(rest);
  const bytes = Buffer.from(head + middle + (tail.length > 2 ? `,${tail.slice(1)}` : '}'));
  const metadataStart = head.length;
  return { bytes, metadataStart, metadataEnd: metadataStart + Buffer.byteLength(middle) };
}

/** `kind` and `apiVersion` first, as Go writes them. */
export function inWireOrder(object: AnyObject): AnyObject {
  const { kind, apiVersion, metadata, ...rest } = object;
  return { kind, apiVersion, metadata, ...rest };
}
