import { describe, expect, it } from 'vitest';
import { parseApiVersion } from '#common/kube/resource';
import { schemaOf } from '#main/sandbox/machinery/schema';
import { checkFields } from '#main/sandbox/machinery/strict-fields';
import { decodeBody } from './decode-body';
import recorded from './recorded-bodies.json';

const bytes = (text: string) => new TextEncoder().encode(text);
const json = (text: string) => decodeBody(bytes(text), 'application/json', 'Pod');
const yaml = (text: string) => decodeBody(bytes(text), 'application/yaml', 'Pod');

function canonical(object: any): unknown {
  const schema = schemaOf({ ...parseApiVersion(object.apiVersion), kind: object.kind });
  return checkFields(object, schema!).object;
}

describe('protobuf bodies of kubectl 1.33', () => {
  it.each(recorded.map((body) => [body.path, body] as const))(
    'POST %s says the same as the JSON of that object',
    (_path, body) => {
      const { object } = decodeBody(Buffer.from(body.hex, 'hex'), 'application/vnd.kubernetes.protobuf');
      expect(canonical(object)).toEqual(canonical(body.json));
    },
  );

  it('reads DeleteOptions, which every group has', () => {
    // typeMeta policy/v1 DeleteOptions; gracePeriodSeconds 0, preconditions.uid, propagationPolicy.
    const body =
      '6b387300' +
      '0a1a0a09706f6c6963792f7631120d44656c6574654f7074696f6e73' +
      '1215' +
      '0800' +
      '12050a03616263' +
      '220a4261636b67726f756e64' +
      '1a002200';
    expect(decodeBody(Buffer.from(body, 'hex'), 'application/vnd.kubernetes.protobuf').object).toEqual({
      apiVersion: 'policy/v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'abc' },
      propagationPolicy: 'Background',
    });
  });

  it.each([
    [
      'no magic',
      '00000000',
      'the object provided is unrecognized (must be of type Pod): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (00000000)',
    ],
    [
      'a cut body',
      '6b3873000a05',
      'the object provided is unrecognized (must be of type Pod): unexpected EOF (6b3873000a05)',
    ],
  ])('refuses %s', (_case, hex, message) => {
    expect(() => decodeBody(Buffer.from(hex, 'hex'), 'application/vnd.kubernetes.protobuf', 'Pod')).toThrow(
      expect.objectContaining({ code: 400, message }),
    );
  });
});

describe('JSON bodies', () => {
  it.each([undefined, '', 'application/json; charset=utf-8', 'application/merge-patch+json'])(
    'are read as %j',
    (type) => {
      expect(decodeBody(bytes('{"a":[1,true,null]}'), type).object).toEqual({ a: [1, true, null] });
    },
  );

  it('report keys that come twice, at any depth', () => {
    const body = json('{"spec":{"a":1,"b":[{"c":1},{"c":1,"c":2}],"a":2,"a":3},"kind":"x"}');
    expect(body.duplicates()).toEqual(['duplicate field "spec.b[1].c"', 'duplicate field "spec.a"']);
    expect(body.object).toMatchObject({ spec: { a: 3 } });
  });

  it.each([
    ['', 'unexpected end of JSON input (<empty>)'],
    ['{"a":', 'unexpected end of JSON input ({"a":)'],
    ['{"a" 1}', `invalid character '1' after object key ({"a" 1})`],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair ({"a":1 "b"})`],
    ['{a:1}', `invalid character 'a' looking for beginning of object key string ({a:1})`],
    ['[1 2]', `invalid character '2' after array element (5b3120325d)`],
    ['{"a":trie}', `invalid character 'i' in literal true (expecting 'u') ({"a":trie})`],
    ['apiVersion: v1', `invalid character 'a' looking for beginning of value (61706956657273696f6e3a207631)`],
    ['{} x', `invalid character 'x' after top-level value ({} x)`],
  ])('that are broken are refused in the words of the server: %j', (text, reason) => {
    expect(() => json(text)).toThrow(
      expect.objectContaining({
        code: 400,
        reason: 'BadRequest',
        message: `the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: ${reason}`,
      }),
    );
  });
});

describe('YAML bodies', () => {
  it('follow YAML 1.1 as Go reads it', () => {
    const text =
      'yes: yes\noff: off\nmode: 0644\ntime: 12:30:45\ndate: 2026-01-02\nbig: 1_000\nversion: "1.10"\n---\nsecond: 1\n';
    expect(yaml(text).object).toEqual({
      true: true,
      false: false,
      mode: 420,
      time: '12:30:45',
      date: '2026-01-02',
      big: 1000,
      version: '1.10',
    });
  });

  it('resolve anchors and merge keys', () => {
    expect(yaml('base: &b {a: 1, b: 2}\nother: {<<: *b, b: 3}\n').object).toEqual({
      base: { a: 1, b: 2 },
      other: { a: 1, b: 3 },
    });
  });

  it('report keys that come twice by line', () => {
    const body = yaml('spec:\n  replicas: 1\n  replicas: 2\n');
    expect(body.duplicates()).toEqual(['yaml: unmarshal errors:\n  line 3: key "replicas" already set in map']);
    expect(body.object).toEqual({ spec: { replicas: 2 } });
  });

  it('that are broken are refused', () => {
    expect(() => yaml('a: [1\nb: {')).toThrow(expect.objectContaining({ code: 400, reason: 'BadRequest' }));
  });
});

it('an unknown content type is refused with the ones that are known', () => {
  expect(() => decodeBody(bytes('x'), 'text/plain')).toThrow(
    expect.objectContaining({
      code: 415,
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    }),
  );
});
