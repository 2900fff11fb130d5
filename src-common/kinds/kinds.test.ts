import { describe, expect, it } from 'vitest';
import type { AnyObject } from '../kube/object';
import { humanDuration } from './duration';
import { epochOf } from './epoch';
import { genericKind, genericSentence, genericStatus } from './generic';
import { cellText } from './kind';
import { kindOf, knownKinds } from './registry';
import { formatLabels, formatSelector, matchesSelector, selects } from './selector';
import { speak } from './speak';

const object = (over: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): AnyObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: {
    name: 'x',
    namespace: 'n',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  ...over,
});

function cells(group: string, plural: string, value: AnyObject): Record<string, string> {
  const kind = kindOf({ group, plural });
  return Object.fromEntries((kind?.columns ?? []).map((column) => [column.id, cellText(column.value(value))]));
}

describe('every known kind', () => {
  it.each([...knownKinds()].map((kind) => [`${kind.group}/${kind.plural}`, kind] as const))(
    '%s reads an object that has nothing but metadata and an empty spec',
    (_name, kind) => {
      const bare = object({ spec: { template: { spec: { containers: [] } }, containers: [] } });
      for (const column of kind.columns) expect(() => [column.value(bare), column.order?.(bare)]).not.toThrow();
      expect(kind.status(bare)).toHaveProperty('tone');
      for (const language of ['en', 'zh'] as const)
        expect(speak(kind.sentence(bare), language)).not.toMatch(/undefined|NaN|\[object/);
      expect(() => [kind.links?.(bare), kind.node?.(bare), kind.images?.(bare)]).not.toThrow();
    },
  );

  it.each([...knownKinds()].map((kind) => [`${kind.group}/${kind.plural}`, kind] as const))(
    '%s names each column once and has a name',
    (_name, kind) => {
      const ids = kind.columns.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toContain('name');
    },
  );
});

describe('deployments', () => {
  const deployment = (spec: object, status: object, metadata: object = {}) =>
    object(
      { spec: { template: { spec: { containers: [{ name: 'app', image: 'app:1' }] } }, ...spec }, status },
      { generation: 2, ...metadata },
    );
  const done = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
  const condition = (type: string, status: string, reason = '', message = '') => ({ type, status, reason, message });

  it.each<[string, AnyObject, ...expected: [word: string, tone: string, sentence: string]]>([
    [
      'rolled out',
      deployment({ replicas: 3 }, done),
      'Available',
      'ok',
      'All 3 replicas are up to date and available.',
    ],
    [
      'one replica',
      deployment({}, { ...done, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }),
      'Available',
      'ok',
      'The only replica is up to date and available.',
    ],
    [
      'scaled to zero',
      deployment({ replicas: 0 }, { observedGeneration: 2 }),
      'Scaled to zero',
      'done',
      'It is scaled to zero: no Pods run.',
    ],
    [
      'not seen yet',
      deployment({ replicas: 3 }, { ...done, observedGeneration: 1 }),
      'Progressing',
      'busy',
      'It is rolling out: 3 of 3 replicas updated, 3 available.',
    ],
    [
      'rolling out',
      deployment({ replicas: 3 }, { ...done, updatedReplicas: 1 }),
      'Progressing',
      'busy',
      'It is rolling out: 1 of 3 replicas updated, 3 available.',
    ],
    [
      'paused',
      deployment({ replicas: 3, paused: true }, { ...done, updatedReplicas: 1 }),
      'Paused',
      'warn',
      'Its rollout is paused with 1 of 3 replicas on the newest template.',
    ],
    [
      'stuck',
      deployment(
        { replicas: 3 },
        {
          ...done,
          updatedReplicas: 1,
          conditions: [
            condition(
              'Progressing',
              'False',
              'ProgressDeadlineExceeded',
              'ReplicaSet "web-1" has timed out progressing.',
            ),
          ],
        },
      ),
      'Stalled',
      'bad',
      'The rollout is stuck: ReplicaSet "web-1" has timed out progressing.',
    ],
    [
      'refused by quota',
      deployment(
        { replicas: 3 },
        {
          ...done,
          replicas: 1,
          updatedReplicas: 1,
          conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota')],
        },
      ),
      'Pods refused',
      'bad',
      'Pods cannot be created: exceeded quota.',
    ],
    [
      'lost a Pod after the rollout',
      deployment(
        { replicas: 3 },
        { ...done, availableReplicas: 2, conditions: [condition('Progressing', 'True', 'NewReplicaSetAvailable')] },
      ),
      'Degraded',
      'warn',
      '2 of 3 replicas available; the rollout itself is complete.',
    ],
    [
      'lost all Pods after the rollout',
      deployment(
        { replicas: 3 },
        { ...done, availableReplicas: 0, conditions: [condition('Progressing', 'True', 'NewReplicaSetAvailable')] },
      ),
      'Unavailable',
      'bad',
      '0 of 3 replicas available; the rollout itself is complete.',
    ],
  ])('%s', (_case, value, ...expected) => {
    const kind = kindOf({ group: 'apps', plural: 'deployments' });
    expect([kind?.status(value).word, kind?.status(value).tone, kind && speak(kind.sentence(value))]).toEqual(expected);
  });
});

describe('nodes', () => {
  const node = (conditions: object[], spec: object = {}, labels: Record<string, string> = {}) =>
    object({ spec, status: { conditions } }, { labels });
  const ready = { type: 'Ready', status: 'True' };

  it.each<[AnyObject, string, string, string]>([
    [node([ready]), 'Ready', 'ok', 'It is ready.'],
    [
      node([ready], { unschedulable: true }),
      'Ready,SchedulingDisabled',
      'warn',
      'It is ready. It is cordoned: no new Pods are placed on it.',
    ],
    [
      node([{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.' }]),
      'NotReady',
      'bad',
      'It is not ready: Kubelet stopped posting node status.',
    ],
    [node([]), 'Unknown', 'bad', 'Its kubelet has not reported yet.'],
    [
      node([ready, { type: 'DiskPressure', status: 'True', message: 'kubelet has disk pressure' }]),
      'Ready',
      'warn',
      'It is ready, but kubelet has disk pressure.',
    ],
  ])('%#', (value, word, tone, sentence) => {
    const kind = kindOf({ group: '', plural: 'nodes' });
    expect({ ...kind?.status(value), sentence: kind && speak(kind.sentence(value)) }).toEqual({ word, tone, sentence });
  });

  it('reads roles from both labels', () => {
    const labels = {
      'node-role.kubernetes.io/worker': '',
      'node-role.kubernetes.io/control-plane': '',
      'kubernetes.io/role': 'edge',
    };
    expect(cells('', 'nodes', node([ready], {}, labels)).roles).toBe('control-plane,edge,worker');
    expect(cells('', 'nodes', node([ready])).roles).toBe('<none>');
  });
});

describe('services', () => {
  it.each<[object, object, string, string]>([
    [{ type: 'ClusterIP', clusterIP: '10.0.0.1', ports: [{ port: 80, protocol: 'TCP' }] }, {}, '<none>', '80/TCP'],
    [
      {
        type: 'NodePort',
        clusterIP: '10.0.0.1',
        ports: [
          { port: 80, nodePort: 30080 },
          { port: 53, protocol: 'UDP' },
        ],
      },
      {},
      '<none>',
      '80:30080/TCP,53/UDP',
    ],
    [{ type: 'LoadBalancer', ports: [] }, {}, '<pending>', '<none>'],
    [
      { type: 'LoadBalancer', externalIPs: ['9.9.9.9'] },
      { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'lb.example' }] } },
      '1.2.3.4,lb.example,9.9.9.9',
      '<none>',
    ],
    [{ type: 'ExternalName', externalName: 'db.example' }, {}, 'db.example', '<none>'],
  ])('%#', (spec, status, external, ports) => {
    const row = cells('', 'services', object({ spec, status }));
    expect({ external: row['external-ip'], ports: row.ports }).toEqual({ external, ports });
  });
});

describe('events', () => {
  it('counts and dates an event of each generation', () => {
    const kind = kindOf({ group: '', plural: 'events' });
    const value = (id: string, event: AnyObject) => kind?.columns.find((column) => column.id === id)?.value(event);
    const counted = object({ count: 4, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:10:00Z' });
    const series = object({
      eventTime: '2026-01-01T00:00:00.000000Z',
      series: { count: 7, lastObservedTime: '2026-01-01T00:20:00.000000Z' },
    });
    const single = object({ eventTime: '2026-01-01T00:05:00.500000Z' });
    expect([counted, series, single].map((event) => [value('count', event), value('last-seen', event)])).toEqual([
      [4, Date.UTC(2026, 0, 1, 0, 10)],
      [7, Date.UTC(2026, 0, 1, 0, 20)],
      [1, Date.UTC(2026, 0, 1, 0, 5, 0, 500)],
    ]);
  });
});

describe('secrets', () => {
  it('never show a value', () => {
    const secret = object({ type: 'Opaque', data: { password: 'czNjcjN0', user: 'YWRtaW4=' } });
    expect(JSON.stringify(cells('', 'secrets', secret))).not.toMatch(/czNjcjN0|s3cr3t/);
    expect(cells('', 'secrets', secret)).toMatchObject({ data: '2', keys: 'password, user' });
  });
});

describe('kinds known by the server only', () => {
  const definitions = [
    { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
    { name: 'Ready', type: 'boolean', format: '', description: '', priority: 0 },
    { name: 'Min Replicas', type: 'integer', format: '', description: '', priority: 1 },
    { name: 'Age', type: 'string', format: '', description: '', priority: 0 },
  ];
  const kind = genericKind('example.com', 'widgets', definitions);

  it('have the columns of the server, ages as times', () => {
    expect(kind.columns.map(({ id, type, wide }) => [id, type, wide])).toEqual([
      ['name', 'name', false],
      ['namespace', 'text', false],
      ['ready', 'text', false],
      ['min-replicas', 'number', true],
      ['age', 'age', false],
    ]);
    const row = object({ cells: ['x', true, 3, '5d'] });
    expect(kind.columns.map((column) => column.value(row))).toEqual(['x', 'n', 'true', 3, Date.UTC(2026, 0, 1)]);
  });

  it.each<[AnyObject, string, string, string]>([
    [object(), '', 'none', ''],
    [object({ status: { phase: 'Bound' } }), 'Bound', 'ok', 'Its phase is Bound.'],
    [object({ status: { phase: 'Lost' } }), 'Lost', 'bad', 'Its phase is Lost.'],
    [
      object({ status: { conditions: [{ type: 'Ready', status: 'True', message: 'all good' }] } }),
      'Ready',
      'ok',
      'Ready is True: all good',
    ],
    [
      object({ status: { conditions: [{ type: 'Ready', status: 'False', reason: 'NoDisk' }] } }),
      'NoDisk',
      'warn',
      'It is not Ready.',
    ],
    [
      object({}, { deletionTimestamp: 'x', finalizers: ['a/b'] }),
      'Terminating',
      'busy',
      'It is being deleted and held by a/b.',
    ],
  ])('%#', (value, word, tone, sentence) => {
    expect({ ...genericStatus(value), sentence: speak(genericSentence(value)) }).toEqual({ word, tone, sentence });
  });
});

describe('selectors', () => {
  const pod = object({}, { labels: { app: 'web', tier: 'front' } });

  it.each<[Parameters<typeof matchesSelector>[0], boolean]>([
    [undefined, false],
    [{}, true],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'db' } }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'back'] }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ])('%j matches: %s', (selector, expected) => {
    expect(matchesSelector(selector, pod)).toBe(expected);
  });

  it('select nothing when they are empty maps of a Service', () => {
    expect([selects(undefined, pod), selects({}, pod), selects({ app: 'web' }, pod)]).toEqual([false, false, true]);
  });

  it('are printed as kubectl does', () => {
    const matchExpressions = [
      { key: 'tier', operator: 'In', values: ['b', 'a'] },
      { key: 'old', operator: 'DoesNotExist' },
    ];
    expect(formatSelector({ matchLabels: { app: 'web' }, matchExpressions })).toBe('app=web,!old,tier in (a,b)');
    expect([formatSelector({}), formatLabels(undefined), formatLabels({ b: '2', a: '1' })]).toEqual([
      '<none>',
      '<none>',
      'a=1,b=2',
    ]);
  });
});

describe('times', () => {
  it.each([
    [-5000, '<invalid>'],
    [-900, '0s'],
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [150_000, '2m30s'],
    [600_000, '10m'],
    [179 * 60_000, '179m'],
    [3 * 3_600_000, '3h'],
    [3 * 3_600_000 + 60_000, '3h1m'],
    [8 * 3_600_000, '8h'],
    [48 * 3_600_000, '2d'],
    [50 * 3_600_000, '2d2h'],
    [10 * 86_400_000, '10d'],
    [800 * 86_400_000, '2y70d'],
    [9 * 365 * 86_400_000, '9y'],
  ])('%i ms is %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });

  it.each([
    '2026-11-20T20:09:48Z',
    '2024-02-29T23:59:59Z',
    '1970-01-01T00:00:00Z',
    '2026-11-20T20:09:48.123456Z',
    '2026-11-20T20:09:48+02:00',
  ])('%s is read as Date does', (time) => {
    expect(epochOf(time)).toBe(Date.parse(time));
  });

  it.each([undefined, null, '', 'x', '2026-11-20T2a:09:48Z'])('%j is no time', (time) => {
    expect(epochOf(time)).toBeNull();
  });
});
