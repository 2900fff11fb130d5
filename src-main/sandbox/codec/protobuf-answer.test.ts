import { describe, expect, it } from 'vitest';
import recorded from '../machinery/defaults/recorded-defaults.json';
import { parseApiVersion } from '#common/kube/resource';
import { schemaOf } from '#main/sandbox/machinery/schema';
import { checkFields } from '#main/sandbox/machinery/strict-fields';
import { decodeProtobuf } from './protobuf-body';
import { hasProtobuf, protobufEnvelope, protobufMessage } from './protobuf-answer';

interface Recorded {
  apiVersion: string;
  kind: string;
  metadata?: object;
}

function* objectsIn(value: unknown): Generator<Recorded> {
  if (typeof value !== 'object' || value === null) return;
  const object = value as Partial<Recorded>;
  if (object.apiVersion && object.kind && object.metadata) yield object as Recorded;
  else for (const inner of Object.values(value)) yield* objectsIn(inner);
}

/** With the fields that the kind has, in the forms that the server stores. */
function canonical(object: Recorded): Recorded {
  const schema = schemaOf({ ...parseApiVersion(object.apiVersion), kind: object.kind });
  return schema ? (checkFields({ ...object }, schema).object as unknown as Recorded) : object;
}

/** Go leaves out what is empty; so does reading its protobuf. */
function withoutEmpty(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutEmpty(one, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner, depth + 1)] as const);
  const isTyped = depth > 0 && 'metadata' in value;
  // The kind of an object inside of another does not travel.
  const kept = isTyped ? entries.filter(([key]) => key !== 'kind' && key !== 'apiVersion') : entries;
  return Object.fromEntries(kept.filter(([, inner]) => !isEmpty(inner)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

describe('protobuf answers', () => {
  it('are read back as what they were made of', () => {
    const objects = [...objectsIn(recorded)].filter(hasProtobuf).map(canonical);
    expect(objects.length).toBeGreaterThan(50);
    for (const object of objects) {
      const bytes = protobufEnvelope(object, protobufMessage(object));
      expect(withoutEmpty(decodeProtobuf(bytes))).toEqual(withoutEmpty(object));
    }
  });

  it('keep numbers, times, intervals and free JSON', () => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'ü', creationTimestamp: '2026-01-02T03:04:05Z', generation: 300, labels: { b: '1', a: '2' } },
      spec: { strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } } },
      status: { observedGeneration: 2 ** 40 },
    };
    const bytes = protobufEnvelope(object, protobufMessage(object));
    expect(withoutEmpty(decodeProtobuf(bytes))).toEqual(object);
  });
});
