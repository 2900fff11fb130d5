import { describe, expect, it } from 'vitest';
import type { AnyObject } from '#common/kube/object';
import { conversionReview, convertedObject, reviewVersionOf } from './conversion-review';

const metadata = {
  name: 'one',
  namespace: 'default',
  uid: 'u1',
  resourceVersion: '7',
  generation: 2,
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { a: 'b', '-grown': 'before rules' },
  finalizers: ['example.com/own'],
};
const object = { apiVersion: 'example.com/v1', kind: 'Host', metadata, spec: { a: 1 } } as unknown as AnyObject;
const asked = { uid: 'r1', object, desiredAPIVersion: 'example.com/v2' };
const right = { ...object, apiVersion: 'example.com/v2', spec: { b: 1 } };

const review = (response: object | undefined, more: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'ConversionReview',
  ...(response ? { response } : {}),
  ...more,
});
const answer = (converted: unknown, more: object = {}) =>
  review({ uid: 'r1', result: { status: 'Success' }, convertedObjects: [converted], ...more });
const withMetadata = (more: object) => answer({ ...right, metadata: { ...metadata, ...more } });

describe('reviewVersionOf', () => {
  it.each([
    [['v1'], 'v1'],
    [['v3', 'v1beta1', 'v1'], 'v1beta1'],
  ])('takes of %j what it knows first: %s', (preferred, expected) => {
    expect(reviewVersionOf(preferred)).toBe(expected);
  });

  it('refuses where there is none', () => {
    expect(() => reviewVersionOf(['v2'])).toThrow('no supported conversion review versions');
  });
});

describe('conversionReview', () => {
  it('asks about the object as it is stored, which has no revision', () => {
    expect(conversionReview(asked, 'v1')).toMatchObject({
      apiVersion: 'apiextensions.k8s.io/v1',
      request: { uid: 'r1', desiredAPIVersion: 'example.com/v2', objects: [{ spec: { a: 1 } }] },
    });
    expect(JSON.stringify(conversionReview(asked, 'v1'))).not.toContain('resourceVersion');
  });
});

describe('convertedObject', () => {
  it('takes the content, the labels and the annotations, and nothing else', () => {
    const changed = withMetadata({ labels: { c: 'd' }, annotations: { e: 'f' }, generation: 9, finalizers: [] });
    expect(convertedObject(changed, asked, 'v1')).toEqual({
      ...right,
      metadata: { ...metadata, labels: { c: 'd' }, annotations: { e: 'f' } },
    });
  });

  it('lets labels go that the answer does not have, and does not judge those that stay', () => {
    expect(convertedObject(withMetadata({ labels: null }), asked, 'v1').metadata).not.toHaveProperty('labels');
    expect(convertedObject(answer(right), asked, 'v1').metadata.labels).toEqual(metadata.labels);
  });

  it('does not ask an old review who it is', () => {
    expect(
      convertedObject({ response: { result: { status: 'Success' }, convertedObjects: [right] } }, asked, 'v1beta1'),
    ).toMatchObject({ spec: { b: 1 } });
  });

  const failed = 'conversion webhook for example.com/v1, Kind=Host failed: ';
  const invalid = 'conversion webhook for example.com/v1, Kind=Host returned invalid ';
  it.each<[string, unknown, string]>([
    [
      'no review',
      null,
      `${failed}expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=`,
    ],
    [
      'an old review',
      review({}, { apiVersion: 'apiextensions.k8s.io/v1beta1' }),
      `${failed}converting (v1beta1.ConversionReview) to (v1.ConversionReview): unknown conversion`,
    ],
    [
      'another review',
      review({}, { apiVersion: 'example.com/v1' }),
      `${failed}no kind "ConversionReview" is registered for version "example.com/v1" in scheme "pkg/runtime/scheme.go:111"`,
    ],
    ['no response', review(undefined), `${failed}no response provided`],
    ['another uid', answer(right, { uid: 'r2' }), `${failed}expected response.uid="r1", got "r2"`],
    ['no uid', answer(right, { uid: undefined }), `${failed}expected response.uid="r1", got ""`],
    ['a refusal', answer(right, { result: { status: 'Failed', message: 'no' } }), `${failed}no`],
    [
      'a refusal without words',
      answer(right, { result: { status: 'Failed' } }),
      `${failed}response.result.status was 'Failed', not 'Success'`,
    ],
    ['no result', answer(right, { result: undefined }), `${failed}response.result.status was '', not 'Success'`],
    [
      'no objects',
      answer(right, { convertedObjects: [] }),
      'conversion webhook for example.com/v1, Kind=Host returned 0 objects, expected 1',
    ],
    [
      'no list',
      answer(right, { convertedObjects: undefined }),
      'conversion webhook for example.com/v1, Kind=Host returned 0 objects, expected 1',
    ],
    ['an object of no kind', answer({}), "Object 'Kind' is missing in '{}'"],
    [
      'another version',
      answer(object),
      `${invalid}object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)`,
    ],
    [
      'another kind',
      answer({ ...right, kind: 'Guest' }),
      `${invalid}object at index 0: invalid kind (expected Host, received Guest)`,
    ],
    ['another name', withMetadata({ name: 'two' }), `${invalid}object: must have the same name: one != two`],
    [
      'another namespace',
      withMetadata({ namespace: 'x' }),
      `${invalid}object: must have the same namespace: default != x`,
    ],
    ['another object', withMetadata({ uid: 'u2' }), `${invalid}object: must have the same UID: u1 != u2`],
    [
      'labels that are a list',
      withMetadata({ labels: [] }),
      `${invalid}metadata: invalid metadata.labels of type []interface {} in converted object`,
    ],
    [
      'a label that is a number',
      withMetadata({ labels: { a: 1 } }),
      `${invalid}metadata: metadata.labels[a] must be a string, but is int64 in converted object`,
    ],
    [
      'a label that is none',
      withMetadata({ labels: { a: '-' } }),
      `${invalid}metadata: metadata.labels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ])('refuses %s', (_what, given, message) => {
    expect(() => convertedObject(given, asked, 'v1')).toThrow(new Error(message));
  });

  it('refuses an object without metadata only where nothing else is missing', () => {
    const nameless = { ...object, metadata: {} } as unknown as AnyObject;
    const { metadata: _none, ...bare } = right;
    expect(() => convertedObject(answer(bare), { ...asked, object: nameless }, 'v1')).toThrow(
      'conversion webhook for example.com/v1, Kind=Host returned invalid metadata: missing metadata in converted object',
    );
  });
});
