/** The objects of a watch, which are in the served version, in the form the client asked for. */
import { Buffer } from 'node:buffer';
import type { AnyObject } from '#common/kube/object';
import type { Status } from '#common/kube/status-error';
import type { Entry } from '#main/sandbox/store/entry';
import { frameOf, type ChangeType, type StoreEvent } from '#main/sandbox/store/store-event';
import type { ResourceExchange } from './exchange';
import type { Representation } from './negotiation';
import { partialObject, rowOf } from './object-response';
import { protobufEntryFrame, protobufValueFrame } from './protobuf-form';
import { tableHead } from './tables/table';

/** One line of the answer, in both its forms. */
interface Line {
  value(): unknown;
  frame(): Buffer;
}

export interface WatchForm {
  /** A state that stands for itself, as at the beginning of a watch. */
  line(type: ChangeType, entry: Entry): Line;
  event(type: ChangeType, event: StoreEvent): Line;
  bookmark(revision: number, annotations?: Record<string, string>): Line;
  /** What ends a watch that cannot go on. */
  error(status: Status): Line;
}

export function watchForm(exchange: ResourceExchange, representation: Representation): WatchForm {
  if (representation.encoding === 'protobuf') return new ProtobufForm(exchange);
  if (representation.form === 'object') return new KeptForm(exchange);
  return new MadeForm(exchange, representation);
}

function bookmarkObject(
  { served }: ResourceExchange,
  revision: number,
  annotations?: Record<string, string>,
): AnyObject {
  const metadata = {
    resourceVersion: String(revision),
    ...(annotations ? { annotations } : {}),
  };
  return { kind: served.definition.kind, apiVersion: served.apiVersion, metadata } as unknown as AnyObject;
}

/** Whole objects: lines are those of the entries, frames their kept bytes. */
class KeptForm implements WatchForm {
  readonly #exchange: ResourceExchange;

  constructor(exchange: ResourceExchange) {
    this.#exchange = exchange;
  }

  line(type: ChangeType, entry: Entry): Line {
    return { value: () => ({ type, object: entry.object }), frame: () => frameOf(type, entry) };
  }

  event(type: ChangeType, event: StoreEvent): Line {
    const entry = type === 'DELETED' ? event.left : event.entry;
    return { value: () => ({ type, object: entry.object }), frame: () => event.frame(type) };
  }

  bookmark(revision: number, annotations?: Record<string, string>): Line {
    return lineOf({ type: 'BOOKMARK', object: bookmarkObject(this.#exchange, revision, annotations) });
  }

  error(status: Status): Line {
    return lineOf({ type: 'ERROR', object: status });
  }
}

/** The same as protobuf; in-process callers still get values. */
class ProtobufForm implements WatchForm {
  readonly #exchange: ResourceExchange;

  constructor(exchange: ResourceExchange) {
    this.#exchange = exchange;
  }

  line(type: ChangeType, entry: Entry): Line {
    return { value: () => ({ type, object: entry.object }), frame: () => protobufEntryFrame(type, entry) };
  }

  event(type: ChangeType, event: StoreEvent): Line {
    return this.line(type, type === 'DELETED' ? event.left : event.entry);
  }

  bookmark(revision: number, annotations?: Record<string, string>): Line {
    return this.#made('BOOKMARK', bookmarkObject(this.#exchange, revision, annotations));
  }

  error(status: Status): Line {
    return this.#made('ERROR', status);
  }

  #made(type: string, object: { apiVersion: string; kind: string }): Line {
    return { value: () => ({ type, object }), frame: () => protobufValueFrame(type, object) };
  }
}

/** Tables and metadata: made for each watcher. */
class MadeForm implements WatchForm {
  readonly #exchange: ResourceExchange;
  readonly #representation: Representation;
  #columnsSent = false;

  constructor(exchange: ResourceExchange, representation: Representation) {
    this.#exchange = exchange;
    this.#representation = representation;
  }

  line(type: ChangeType, entry: Entry): Line {
    return lineOf({ type, object: this.#object(entry) });
  }

  event(type: ChangeType, event: StoreEvent): Line {
    return this.line(type, type === 'DELETED' ? event.left : event.entry);
  }

  bookmark(revision: number, annotations?: Record<string, string>): Line {
    const object = bookmarkObject(this.#exchange, revision, annotations);
    return lineOf({ type: 'BOOKMARK', object: this.#bookmarked(object) });
  }

  error(status: Status): Line {
    return lineOf({ type: 'ERROR', object: status });
  }

  #object(entry: Entry): object {
    const { form, metaVersion } = this.#representation;
    if (form === 'metadata') return partialObject(entry.object, metaVersion);
    const { resourceVersion } = entry.object.metadata;
    return { ...this.#tableHead(resourceVersion), rows: [rowOf(this.#exchange, entry, metaVersion)] };
  }

  /** The annotation must survive the form: clients wait for it. */
  #bookmarked(object: AnyObject): object {
    const { form, metaVersion } = this.#representation;
    if (form === 'metadata') return partialObject(object, metaVersion);
    const row = { cells: [], object: partialObject(object, metaVersion) };
    return { ...this.#tableHead(object.metadata.resourceVersion), rows: [row] };
  }

  #tableHead(resourceVersion: string): object {
    const withColumns = !this.#columnsSent;
    this.#columnsSent = true;
    return tableHead(this.#exchange.served.printer, { resourceVersion }, this.#representation.metaVersion, withColumns);
  }
}

function lineOf(value: object): Line {
  return { value: () => value, frame: () => Buffer.from(`${JSON.stringify(value)}\n`) };
}
