import { describe, expect, it } from 'vitest';
import { schemaOf } from '../schema';
import { applyJsonPatch } from './json-patch';
import { applyMergePatch } from './merge-patch';
import { goPrint } from '../go-values';
import { invalidPatch } from './patch-errors';
import { applyStrategicMergePatch } from './strategic-merge-patch';

/** Freezes everything, so that a patch that edits its input fails. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const entry of Object.values(value)) frozen(entry);
    Object.freeze(value);
  }
  return value;
}

describe('applyJsonPatch', () => {
  const current = frozen({ spec: { replicas: 1, list: ['a', 'b'], 'a/b~c': 1 }, metadata: { labels: { x: '1' } } });

  it.each([
    ['add a field', [{ op: 'add', path: '/spec/paused', value: true }], { spec: { ...current.spec, paused: true } }],
    ['add over a field', [{ op: 'add', path: '/spec/replicas', value: 2 }], { spec: { ...current.spec, replicas: 2 } }],
    [
      'insert into a list',
      [{ op: 'add', path: '/spec/list/1', value: 'x' }],
      { spec: { ...current.spec, list: ['a', 'x', 'b'] } },
    ],
    [
      'append to a list',
      [{ op: 'add', path: '/spec/list/-', value: 'x' }],
      { spec: { ...current.spec, list: ['a', 'b', 'x'] } },
    ],
    ['remove an item', [{ op: 'remove', path: '/spec/list/0' }], { spec: { ...current.spec, list: ['b'] } }],
    ['count from the end', [{ op: 'remove', path: '/spec/list/-1' }], { spec: { ...current.spec, list: ['a'] } }],
    ['escaped names', [{ op: 'replace', path: '/spec/a~1b~0c', value: 2 }], { spec: { ...current.spec, 'a/b~c': 2 } }],
    [
      'move',
      [{ op: 'move', from: '/spec/replicas', path: '/spec/was' }],
      { spec: { list: ['a', 'b'], 'a/b~c': 1, was: 1 } },
    ],
    ['copy', [{ op: 'copy', from: '/spec/list', path: '/spec/more' }], { spec: { ...current.spec, more: ['a', 'b'] } }],
    [
      'replace a member that is not there',
      [{ op: 'replace', path: '/spec/more', value: 1 }],
      { spec: { ...current.spec, more: 1 } },
    ],
    [
      'copy a member that is not there',
      [{ op: 'copy', from: '/spec/nope', path: '/spec/more' }],
      { spec: { ...current.spec, more: null } },
    ],
    ['test that holds', [{ op: 'test', path: '/metadata/labels', value: { x: '1' } }], {}],
    ['test for absence', [{ op: 'test', path: '/metadata/nothing', value: null }], {}],
  ])('%s', (_case, patch, changed) => {
    expect(applyJsonPatch(current, patch)).toEqual({ ...current, ...changed });
  });

  it('replaces the whole document by the empty path', () => {
    expect(applyJsonPatch(current, [{ op: 'replace', path: '', value: { a: 1 } }])).toEqual({ a: 1 });
  });

  it.each([
    ['a test that does not hold', [{ op: 'test', path: '/spec/replicas', value: 5 }], 422],
    ['a missing path', [{ op: 'remove', path: '/spec/nope' }], 422],
    ['moving what is not there', [{ op: 'move', from: '/spec/nope', path: '/spec/more' }], 422],
    ['replacing beyond the end of a list', [{ op: 'replace', path: '/spec/list/2', value: 1 }], 422],
    ['a missing parent', [{ op: 'add', path: '/nope/a/b', value: 1 }], 422],
    ['an index out of range', [{ op: 'add', path: '/spec/list/9', value: 1 }], 422],
    ['an unknown operation', [{ op: 'jump', path: '/spec' }], 422],
    ['no list', { op: 'add' }, 400],
    ['too many operations', Array.from({ length: 10_001 }, () => ({ op: 'test', path: '' })), 413],
  ])('refuses %s', (_case, patch, code) => {
    expect(() => applyJsonPatch(current, patch)).toThrow(expect.objectContaining({ code }));
  });
});

describe('applyMergePatch', () => {
  const current = frozen({ spec: { a: 1, b: { c: [1, 2], d: 2 } }, other: { kept: true } });

  it('merges objects, replaces lists, removes by null, and shares the rest', () => {
    const next = applyMergePatch(current, { spec: { a: null, b: { c: [3], e: { f: null, g: 1 } } } });
    expect(next).toEqual({ spec: { b: { c: [3], d: 2, e: { g: 1 } } }, other: { kept: true } });
    expect(next.other).toBe(current.other);
  });

  it('refuses a patch that is no object', () => {
    expect(() => applyMergePatch(current, [])).toThrow(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  });
});

describe('applyStrategicMergePatch', () => {
  const pods = schemaOf({ group: '', version: 'v1', kind: 'Pod' })!;
  const deployments = schemaOf({ group: 'apps', version: 'v1', kind: 'Deployment' })!;
  const services = schemaOf({ group: '', version: 'v1', kind: 'Service' })!;
  const spec = (fields: object) => frozen({ spec: fields });
  const names = (...list: string[]) => list.map((name) => ({ name }));
  const patchPod = (current: object, patch: object) =>
    applyStrategicMergePatch(spec(current), frozen({ spec: patch }), pods).spec;

  it.each<[string, object, object, object]>([
    [
      'merges containers by name, new ones after those that the patch names',
      { containers: [{ name: 'a', image: 'x', env: [{ name: 'k', value: '1' }] }, { name: 'b' }] },
      {
        containers: [
          { name: 'a', image: 'y', env: [{ name: 'l', value: '2' }] },
          { name: 'c', image: 'z' },
        ],
      },
      {
        containers: [
          {
            name: 'a',
            image: 'y',
            env: [
              { name: 'l', value: '2' },
              { name: 'k', value: '1' },
            ],
          },
          { name: 'c', image: 'z' },
          { name: 'b' },
        ],
      },
    ],
    [
      'replaces lists that the types call atomic',
      { containers: [{ name: 'a', command: ['x', 'y'] }], tolerations: [{ key: 'a' }] },
      { containers: [{ name: 'a', command: ['z'] }], tolerations: [{ key: 'b' }] },
      { containers: [{ name: 'a', command: ['z'] }], tolerations: [{ key: 'b' }] },
    ],
    [
      'removes a field by null',
      { hostname: 'a', subdomain: 'b' },
      { hostname: null, nodeName: null },
      { subdomain: 'b' },
    ],
    [
      'deletes an item',
      { containers: names('a', 'b', 'c') },
      { containers: [{ $patch: 'delete', name: 'b' }] },
      { containers: names('a', 'c') },
    ],
    [
      'replaces a list as a whole',
      { containers: names('a', 'b') },
      { containers: [{ $patch: 'replace' }, { name: 'c' }] },
      { containers: names('c') },
    ],
    [
      'replaces a map as a whole',
      { securityContext: { runAsUser: 1, fsGroup: 2 } },
      { securityContext: { $patch: 'replace', runAsUser: 3 } },
      { securityContext: { runAsUser: 3 } },
    ],
    ['empties a map', { nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'delete' } }, { nodeSelector: {} }],
    [
      'orders a merged list',
      { containers: names('a', 'b', 'c') },
      { $setElementOrder: 0, '$setElementOrder/containers': names('c', 'a'), containers: [{ name: 'a', image: 'x' }] },
      { $setElementOrder: 0, containers: [{ name: 'b' }, { name: 'c' }, { name: 'a', image: 'x' }] },
    ],
    [
      'orders a list that is not patched otherwise',
      { containers: names('a', 'b') },
      { '$setElementOrder/containers': names('b', 'a') },
      { containers: names('b', 'a') },
    ],
    [
      'keeps only the listed keys of a volume, whose sources exclude each other',
      { volumes: [{ name: 'v', emptyDir: {} }] },
      { volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }] },
      { volumes: [{ name: 'v', configMap: { name: 'c' } }] },
    ],
    [
      'drops nulls and deletions from what is new',
      {},
      {
        securityContext: { runAsUser: null, fsGroup: 1 },
        containers: [{ name: 'a' }, { $patch: 'delete', name: 'b' }],
      },
      { securityContext: { fsGroup: 1 }, containers: [{ name: 'a' }] },
    ],
  ])('%s', (_case, current, patch, next) => {
    expect(patchPod(current, patch)).toEqual(next);
  });

  it('merges lists of plain values and deletes from them', () => {
    const current = frozen({ metadata: { name: 'x', finalizers: ['a', 'b'] } });
    const add = (patch: object) => applyStrategicMergePatch(current, { metadata: patch }, pods).metadata.finalizers;
    expect(add({ finalizers: ['c', 'a'] })).toEqual(['c', 'a', 'b']);
    expect(add({ '$deleteFromPrimitiveList/finalizers': ['a'] })).toEqual(['b']);
    expect(
      add({
        '$deleteFromPrimitiveList/finalizers': ['a'],
        '$setElementOrder/finalizers': ['b', 'c'],
        finalizers: ['c'],
      }),
    ).toEqual(['b', 'c']);
  });

  it('merges ports of a Service by port', () => {
    const current = spec({ ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }, { port: 443 }] });
    const next = applyStrategicMergePatch(current, { spec: { ports: [{ port: 80, nodePort: 30080 }] } }, services);
    expect(next).toEqual(
      spec({ ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 }, { port: 443 }] }),
    );
  });

  it('knows the types deep inside templates, and shares what it does not touch', () => {
    const current = frozen({
      metadata: { labels: { a: '1' } },
      spec: {
        template: { spec: { containers: [{ name: 'a', image: 'x' }] } },
        strategy: { type: 'RollingUpdate', rollingUpdate: {} },
      },
    });
    const next = applyStrategicMergePatch(
      current,
      {
        spec: {
          template: { spec: { containers: [{ name: 'a', image: 'y' }] } },
          strategy: { $retainKeys: ['type'], type: 'Recreate' },
        },
      },
      deployments,
    );
    expect(next).toEqual({
      metadata: { labels: { a: '1' } },
      spec: { template: { spec: { containers: [{ name: 'a', image: 'y' }] } }, strategy: { type: 'Recreate' } },
    });
    expect(next.metadata).toBe(current.metadata);
  });

  it.each([
    ['no object', [], 400],
    ['a directive that is unknown', { spec: { securityContext: { $patch: 'jump' } } }, 500],
    ['an item without its merge key', { spec: { containers: [{ image: 'x' }] } }, 500],
    ['an item that is nothing', { spec: { containers: [null] } }, 500],
    ['an item of another type', { spec: { containers: ['a'] } }, 500],
    ['keys outside $retainKeys', { spec: { $retainKeys: ['hostname'], nodeName: 'x' } }, 400],
    ['an order list that is none', { spec: { '$setElementOrder/containers': 'a' } }, 400],
    [
      'an order that contradicts the list',
      { spec: { '$setElementOrder/containers': names('b', 'a'), containers: names('a', 'b') } },
      500,
    ],
    ['a deletion list that is none', { metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } }, 400],
  ])('refuses %s', (_case, patch, code) => {
    const current = spec({ containers: names('a', 'b'), securityContext: { runAsUser: 1 } });
    expect(() => applyStrategicMergePatch({ ...current, metadata: {} }, patch, pods)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('errors', () => {
  it('print values as Go does', () => {
    expect(goPrint({ spec: { b: [1, 'x'], a: null, c: { d: true } } })).toBe(
      'map[spec:map[a:<nil> b:[1 x] c:map[d:true]]]',
    );
  });

  it('name the patch as the invalid field', () => {
    expect(invalidPatch('{"a":1}', 'strict decoding error: unknown field "a"').message).toBe(
      ' "" is invalid: patch: Invalid value: "{\\"a\\":1}": strict decoding error: unknown field "a"',
    );
  });
});
