/** Answers as protobuf: messages of stored objects are kept beside them, envelopes and lists are made for each answer. */
import type { Buffer } from 'node:buffer';
import type { AnyObject, ListMeta } from '#common/kube/object';
import {
  hasProtobuf,
  protobufEnvelope,
  protobufFrame,
  protobufList,
  protobufMessage,
} from '#main/sandbox/codec/protobuf-answer';
import type { Entry } from '#main/sandbox/store/entry';
import type { ValueBody } from './api-request';
import { keptBody } from './bodies';

const messages = new WeakMap<Entry, Buffer>();

/** The message of a state, encoded at most once. */
function messageOf(entry: Entry): Buffer {
  let message = messages.get(entry);
  if (!message) messages.set(entry, (message = protobufMessage(entry.object)));
  return message;
}

export function protobufEntryBody(entry: Entry): ValueBody {
  const { object } = entry;
  return kept(object, () => protobufEnvelope(object, messageOf(entry)));
}

/** A body of any value of a built-in kind; undefined for kinds without protobuf. */
export function protobufValueBody(value: object): ValueBody | undefined {
  const object = value as AnyObject;
  if (!object.apiVersion || !object.kind || !hasProtobuf(object)) return undefined;
  return kept(object, () => protobufEnvelope(object, protobufMessage(object)));
}

interface ListParts {
  kind: string;
  apiVersion: string;
  metadata: ListMeta;
}

export function protobufListBody({ kind, apiVersion, metadata }: ListParts, entries: readonly Entry[]): ValueBody {
  const items = (): object[] => entries.map(({ object }) => object);
  const bytes = (): Buffer => protobufList({ kind, apiVersion }, metadata, entries.map(messageOf));
  return kept({ kind, apiVersion, metadata, items: items() }, bytes);
}

/** One event of a watch about a stored state. */
export function protobufEntryFrame(type: string, entry: Entry): Buffer {
  return protobufFrame(type, protobufEnvelope(entry.object, messageOf(entry)));
}

/** One event of a watch about something else: a bookmark, a Status. */
export function protobufValueFrame(type: string, object: { apiVersion: string; kind: string }): Buffer {
  return protobufFrame(type, protobufEnvelope(object, protobufMessage(object)));
}

function kept(value: unknown, make: () => Buffer): ValueBody {
  let bytes: Buffer | undefined;
  return keptBody(value, () => (bytes ??= make()));
}
