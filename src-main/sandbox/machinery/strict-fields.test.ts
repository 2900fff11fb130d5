import { describe, expect, it } from 'vitest';
import { parseApiVersion } from '#common/kube/resource';
import recorded from './recorded-refusals.json';
import { schemaOf, type TypeSchema } from './schema';
import { checkFields, strictDecodingError, strictDecodingMessage, UnfitObject } from './strict-fields';

function schema(group: string, version: string, kind: string): TypeSchema {
  const found = schemaOf({ group, version, kind });
  if (!found) throw new Error(`no schema of ${kind}`);
  return found;
}

const pods = schema('', 'v1', 'Pod');
const deployments = schema('apps', 'v1', 'Deployment');

const pod = (spec: object, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec,
  status: {},
  ...rest,
});

const container = (fields: object) => ({ name: 'c', resources: {}, ...fields });

function refusalOf(object: object): UnfitObject {
  try {
    checkFields(object, pods);
  } catch (problem) {
    if (problem instanceof UnfitObject) return problem;
  }
  throw new Error('it was not refused');
}

describe('checkFields', () => {
  it('gives back the very same object when there is nothing to change', () => {
    const object = pod({ containers: [container({ image: 'nginx', env: [{ name: 'a', value: 'b' }] })] });
    const checked = checkFields(object, pods);
    expect(checked.object).toBe(object);
    expect(checked.unknown).toEqual([]);
  });

  it('names unknown fields by their path and drops them', () => {
    const object = pod({ foo: 1, containers: [container({ imagePull: 'x', image: 'nginx' })] }, { extra: {} });
    const { object: pruned, unknown } = checkFields(object, pods);
    expect(unknown).toEqual([
      'unknown field "spec.foo"',
      'unknown field "spec.containers[0].imagePull"',
      'unknown field "extra"',
    ]);
    expect(pruned).toEqual(pod({ containers: [container({ image: 'nginx' })] }));
    expect(object.spec).toHaveProperty('foo');
  });

  it('writes what Go always writes', () => {
    const { object } = checkFields(
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: {} },
      deployments,
    );
    expect(object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template: { metadata: {}, spec: {} }, strategy: {} },
      status: {},
    });
  });

  it.each([
    ['null', { hostname: null, tolerations: null }, {}],
    [
      'zero values that omitempty leaves out',
      { hostname: '', hostNetwork: false, tolerations: [], nodeSelector: {} },
      {},
    ],
    ['zero values behind pointers', { hostUsers: false, priority: 0 }, { hostUsers: false, priority: 0 }],
    ['empty structs behind pointers', { securityContext: {} }, { securityContext: {} }],
  ])('treats %s as Go does', (_case, given, kept) => {
    expect(checkFields(pod(given), pods).object).toEqual(pod(kept));
  });

  it('writes quantities and times in their canonical form', () => {
    const given = pod({
      containers: [container({ resources: { requests: { cpu: 0.5, memory: '1024Mi' } } })],
    });
    const { object } = checkFields(
      { ...given, metadata: { name: 'web', creationTimestamp: '2026-01-02T03:04:05.5+01:00' } },
      pods,
    );
    expect(object).toMatchObject({
      metadata: { creationTimestamp: '2026-01-02T02:04:05Z' },
      spec: { containers: [{ resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
    });
  });

  it.each([
    [
      'a text for a number',
      deployments,
      { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 'two' } },
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'a fraction for a whole number',
      deployments,
      { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 1.5 } },
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'a number for a label',
      pods,
      { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 1 } } },
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      'a map for a list',
      pods,
      { apiVersion: 'v1', kind: 'Pod', spec: { containers: { name: 'x' } } },
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      'a number deep inside lists',
      pods,
      { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ env: [{ name: 'a', value: 1 }] }] } },
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [
      'a quantity that is none',
      pods,
      { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ resources: { limits: { cpu: 'lots' } } }] } },
      'Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression \'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$\'',
    ],
    [
      'bytes that are not base64',
      schema('', 'v1', 'Secret'),
      { apiVersion: 'v1', kind: 'Secret', data: { a: 'not base64!' } },
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 3',
    ],
    [
      'a time that is none',
      pods,
      { apiVersion: 'v1', kind: 'Pod', metadata: { creationTimestamp: 'now' } },
      'Pod in version "v1" cannot be handled as a Pod: parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
    ],
  ])('refuses %s', (_case, type, object, message) => {
    expect(() => checkFields(object, type)).toThrow(
      expect.objectContaining({ message, code: 400, reason: 'BadRequest' }),
    );
  });

  it.each([
    ['a string for a map', { metadata: { labels: 'a' } }, 'cannot restore map from string'],
    ['a map for a list', { spec: { containers: {} } }, 'cannot restore slice from map'],
    ['a list for a struct', { spec: [] }, 'cannot restore struct from: slice'],
    ['a string for a number', { spec: { priority: 'x' } }, 'unrecognized type: int32'],
    ['a flag for a string', { spec: { nodeName: true } }, 'unrecognized type: string'],
    ['a number for a string', { spec: { restartPolicy: 1 } }, 'cannot convert int64 to v1.RestartPolicy'],
    ['a fraction for a number', { spec: { priority: 1.5 } }, 'cannot convert float64 to int32'],
    ['a time that is none', { metadata: { creationTimestamp: 'now' } }, 'parsing time "now" as'],
  ])('tells %s in the words for a patched object too', (_case, given, converted) => {
    const unfit = refusalOf({ apiVersion: 'v1', kind: 'Pod', ...given });
    expect(unfit.converted.slice(0, converted.length)).toBe(converted);
  });

  it('reads a custom resource definition, whose schemas may be booleans, objects or lists', () => {
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'crontabs.stable.example.com' },
      spec: {
        group: 'stable.example.com',
        names: { plural: 'crontabs', kind: 'CronTab' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', additionalProperties: { type: 'string', default: null, nope: 1 } },
                  open: { additionalProperties: true, items: { type: 'string' } },
                },
              },
            },
          },
        ],
      },
    };
    const { object, unknown } = checkFields(crd, schema('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition'));
    expect(unknown).toEqual([]);
    expect(object).toMatchObject({
      spec: { versions: [{ schema: { openAPIV3Schema: { properties: { open: { additionalProperties: true } } } } }] },
    });
  });
});

describe('strictDecodingError', () => {
  it('joins the phrases as the server does', () => {
    const error = strictDecodingError({ apiVersion: 'v1', kind: 'Pod' }, pods, [
      'unknown field "spec.a"',
      'duplicate field "spec.b"',
    ]);
    expect(error.message).toBe(
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.a", duplicate field "spec.b"',
    );
  });
});

/** What Kubernetes 1.36 says to bodies that are wrong, and to some that are not. */
describe('recorded refusals', () => {
  it.each((recorded as any[]).map(({ given, message }, at) => [at, message, given] as const))(
    '%i %s',
    (_at, message, given) => {
      const { group, version } = parseApiVersion(given.apiVersion);
      const read = (): string | null => {
        const { unknown } = checkFields(given, schema(group, version, given.kind));
        return unknown.length > 0 ? strictDecodingMessage(unknown) : null;
      };
      let said: string | null;
      try {
        said = read();
      } catch (refusal) {
        said = (refusal as Error).message.replace(/^.*? cannot be handled as an? .*?: /, '');
      }
      expect(said).toBe(message);
    },
  );
});
