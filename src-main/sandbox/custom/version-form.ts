/** A version of a custom resource and what is stored of it: pruned and defaulted as the store has it, then converted. */
import type { AnyObject } from '#common/kube/object';
import { parseApiVersion } from '#common/kube/resource';
import { unforeseen } from '#common/kube/status-error';
import type { JSONSchemaProps } from '#common/kube/types';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import type { Versions } from '#main/sandbox/machinery/versions';
import { Entry } from '#main/sandbox/store/entry';
import type { StoredForm } from '#main/sandbox/registry/stored-form';
import type { Convert } from './conversion';
import { withDefaults } from './defaulting';
import { prune } from './pruning';

/** What all versions of a definition have in common. */
export interface StoredKind {
  /** By `apiVersion`. */
  schemas: ReadonlyMap<string, JSONSchemaProps>;
  /** By `apiVersion`, as owners of fields see them. */
  types: ReadonlyMap<string, TypeSchema>;
  /** The version that is written. */
  storedAs: string;
  convert: Convert;
  /** Whether conversion asks a webhook. */
  isAsked: boolean;
}

export class VersionForm implements StoredForm {
  readonly isAsked: boolean;
  readonly versions: Versions;
  readonly #kind: StoredKind;
  readonly #apiVersion: string;
  readonly #schema: JSONSchemaProps;
  readonly #read = new WeakMap<Entry, Entry | Promise<Entry>>();

  /** `apiVersion` is one of the kind's versions. */
  constructor(kind: StoredKind, apiVersion: string) {
    this.#kind = kind;
    this.#apiVersion = apiVersion;
    this.#schema = kind.schemas.get(apiVersion) ?? {};
    this.isAsked = kind.isAsked;
    const all = [...kind.types.keys()].map((one) => parseApiVersion(one).version);
    this.versions = { all, schema: (one) => kind.types.get(one), convert: kind.convert };
  }

  read(entry: Entry): Entry | Promise<Entry> {
    return this.#read.get(entry) ?? this.readAnew(entry);
  }

  readAnew(entry: Entry): Entry | Promise<Entry> {
    const made = this.#made(entry);
    this.#read.set(entry, made);
    if (made instanceof Promise) {
      // What failed is asked for again; who waits is told.
      const settled = (result: Entry | undefined): void => {
        if (result) this.#read.set(entry, result);
        else if (this.#read.get(entry) === made) this.#read.delete(entry);
      };
      made.then(settled, () => settled(undefined));
    }
    return made;
  }

  write(object: AnyObject): AnyObject | Promise<AnyObject> {
    const { convert, storedAs, schemas } = this.#kind;
    const converted = convert(object, storedAs);
    if (converted instanceof Promise) return converted.then((one) => known(one, schemas.get(storedAs)));
    return converted === object ? object : known(converted, schemas.get(storedAs));
  }

  #made(entry: Entry): Entry | Promise<Entry> {
    const converted = this.#kind.convert(this.#stored(entry.object), this.#apiVersion);
    return converted instanceof Promise
      ? converted.then((object) => this.#entryOf(entry, object))
      : this.#entryOf(entry, converted);
  }

  /** What was stored, as its own version has it today. */
  #stored(object: AnyObject): AnyObject {
    const schema = this.#kind.schemas.get(object.apiVersion);
    if (!schema) throw unforeseen(`request to convert CR from an invalid group/version: ${object.apiVersion}`);
    return withDefaults(known(object, schema), schema);
  }

  #entryOf(entry: Entry, object: AnyObject): Entry {
    const own = known(object, this.#schema);
    return own === entry.object ? entry : new Entry(entry.key, entry.revision, own);
  }
}

function known(object: AnyObject, schema: JSONSchemaProps = {}): AnyObject {
  return prune(object, schema).value as AnyObject;
}
