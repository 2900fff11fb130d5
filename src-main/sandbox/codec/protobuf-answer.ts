/** Objects, lists and watch events as `application/vnd.kubernetes.protobuf`. */
import { Buffer } from 'node:buffer';
import type { ListMeta } from '#common/kube/object';
import { parseApiVersion } from '#common/kube/resource';
import { builtInTypes, type BuiltInType } from '#main/sandbox/machinery/schema-table';
import { writeMessage } from './protobuf-message';
import { WireWriter } from './wire-writer';

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

interface TypedObject {
  apiVersion: string;
  kind: string;
}

/** Whether the kind has a protobuf form: built-in ones do. */
export function hasProtobuf({ apiVersion, kind }: TypedObject): boolean {
  return typeOf({ apiVersion, kind }) !== undefined;
}

function typeOf({ apiVersion, kind }: TypedObject): BuiltInType | undefined {
  return builtInTypes().kind({ ...parseApiVersion(apiVersion), kind }) as BuiltInType | undefined;
}

/** The object's message alone, without its envelope; empty for a kind that has none. */
export function protobufMessage(object: TypedObject): Buffer {
  const writer = new WireWriter();
  const type = typeOf(object);
  if (type) writeMessage(writer, object as unknown as Record<string, unknown>, type);
  return writer.bytes;
}

/** The magic number and the envelope that names what is inside. */
export function protobufEnvelope({ apiVersion, kind }: TypedObject, message: Uint8Array): Buffer {
  const writer = new WireWriter();
  writer.message(1, () => {
    writer.string(1, apiVersion);
    writer.string(2, kind);
  });
  writer.block(2, message);
  writer.string(3, '');
  writer.string(4, '');
  return Buffer.concat([MAGIC, writer.bytes]);
}

/** A list of messages of one kind; every list of Kubernetes has its metadata in field 1 and its items in field 2. */
export function protobufList(list: TypedObject, metadata: ListMeta, items: readonly Uint8Array[]): Buffer {
  const writer = new WireWriter();
  writer.message(1, () => {
    writer.string(1, '');
    writer.string(2, metadata.resourceVersion ?? '');
    writer.string(3, metadata.continue ?? '');
    if (metadata.remainingItemCount !== undefined) writer.int64(4, metadata.remainingItemCount);
  });
  for (const item of items) writer.block(2, item);
  return protobufEnvelope(list, writer.bytes);
}

/** A watch event with the four bytes of its length in front; `object` is an envelope. */
export function protobufFrame(type: string, object: Uint8Array): Buffer {
  const writer = new WireWriter();
  writer.string(1, type);
  writer.message(2, () => writer.block(1, object));
  const event = writer.bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}
