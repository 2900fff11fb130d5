import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ResourceRef } from '#common/contract/shapes';
import type { TerminalEvent } from '#common/contract/terminals';
import { firstOf, openSandbox, openTestHost, type TestHost } from '#test/harness/host';

const LIMIT_MS = 60_000;
/** Ctrl-D: a shell at its prompt leaves. */
const END_OF_INPUT = '\u0004';
/** What moves the cursor or clears: ECMA-48 CSI. */
// oxlint-disable-next-line no-control-regex
const CONTROL_SEQUENCE = /\u001b\[[0-9;]*[A-Za-z]/g;

const core = (plural: string, kind: string): ResourceRef => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});
const apps = (plural: string, kind: string): ResourceRef => ({ ...core(plural, kind), group: 'apps' });
const [Pods, ConfigMaps, Secrets, Services] = [
  core('pods', 'Pod'),
  core('configmaps', 'ConfigMap'),
  core('secrets', 'Secret'),
  core('services', 'Service'),
];
const Deployments = apps('deployments', 'Deployment');

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: nginx
          image: nginx:1.27
          ports: [{ name: http, containerPort: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec:
  selector: { app: web }
  ports: [{ name: http, port: 8080, targetPort: http }]
`;

const table = { namespaces: [] as string[], filter: '', sort: [], window: { first: 0, count: 50 } };

/** Resolves when the Deployment of `web` has its Pods ready. */
async function applyWeb({ api, cluster }: TestHost): Promise<void> {
  const outcomes = await api.objects.apply({ cluster, yaml: web });
  expect(outcomes.map(({ kind, outcome, message }) => ({ kind, outcome, message }))).toEqual([
    { kind: 'Deployment', outcome: 'created', message: undefined },
    { kind: 'Service', outcome: 'created', message: undefined },
  ]);
  const ref = { cluster, resource: Deployments, namespace: 'default', name: 'web' };
  await firstOf(api.objects.watch(ref), ({ status }) => status?.word === 'Available');
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = get(url, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    call.on('error', reject);
  });
}

const suite = openSandbox ? describe : describe.skip;

suite('host on a sandbox cluster', { timeout: LIMIT_MS }, () => {
  it('shows a table that follows the cluster', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    await applyWeb(host);
    const request = { cluster, resource: Pods, ...table, namespaces: ['default'] };
    const { columns } = await firstOf(api.tables.view(request), (batch) => batch.columns !== undefined);
    expect(columns?.map(({ id }) => id)).toContain('status');

    const shown = new Map<string, string>();
    let isScaled = false;
    for await (const batch of api.tables.view(request)) {
      for (const row of batch.rows) shown.set(row.key, row.tone);
      const held = batch.keys?.length ?? shown.size;
      if (!isScaled && batch.matched === 2) {
        isScaled = true;
        await api.objects.scale({ cluster, resource: Deployments, namespace: 'default', name: 'web', replicas: 10 });
      }
      if (held >= 10 && [...shown.values()].filter((tone) => tone === 'ok').length >= 10) break;
    }
    expect(isScaled).toBe(true);
  });

  it('shows a kind it does not know with the columns of the server', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    const resource = core('serviceaccounts', 'ServiceAccount');
    const request = { cluster, resource, ...table, namespaces: ['default'] };
    const { columns, rows } = await firstOf(api.tables.view(request), (batch) => batch.rows.length > 0);
    expect(columns?.[0]).toMatchObject({ id: 'name', type: 'name' });
    expect(rows.map(({ name }) => name)).toContain('default');
  });

  it('says what stands in relation to an object, and what happened to it and what it owns', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    await applyWeb(host);
    const ref = { cluster, resource: Deployments, namespace: 'default', name: 'web' };
    const related = await firstOf(api.objects.related(ref), (all) => all.some(({ relation }) => relation === 'owned'));
    expect(related.map(({ resource }) => resource.kind)).toEqual(expect.arrayContaining(['ReplicaSet', 'Pod']));
    const events = await firstOf(api.objects.events(ref), (all) => all.some(({ reason }) => reason === 'Started'));
    expect(events.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['ScalingReplicaSet', 'SuccessfulCreate', 'Scheduled']),
    );
    expect([...events].sort((a, b) => b.lastSeen - a.lastSeen)).toEqual(events);
  });

  it('applies, updates, refuses a stale edit, and deletes', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    const yaml = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {key: "${value}"}\n`;
    const apply = async (value: string, over: object = {}) =>
      (await api.objects.apply({ cluster, yaml: yaml(value), ...over }))[0];
    expect(await apply('1', { dryRun: true })).toMatchObject({ outcome: 'created' });
    expect(await apply('1')).toMatchObject({ outcome: 'created', namespace: 'default' });
    expect(await apply('1')).toMatchObject({ outcome: 'unchanged' });
    expect(await apply('2')).toMatchObject({ outcome: 'configured' });

    const ref = { cluster, resource: ConfigMaps, namespace: 'default', name: 'c' };
    const { yaml: read = '' } = await firstOf(api.objects.watch(ref), ({ object }) => object !== undefined);
    const edited = read.replace('"2"', '"3"');
    expect(await api.objects.update({ ...ref, yaml: edited })).toMatchObject({
      outcome: 'configured',
      object: { data: { key: '3' } },
    });
    expect(await api.objects.update({ ...ref, yaml: edited })).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('the object has been modified'),
    });
    const conflict = await apply('4');
    expect(conflict).toMatchObject({ outcome: 'failed', conflicts: [{ field: '.data.key' }] });
    expect(await apply('4', { force: true })).toMatchObject({ outcome: 'configured' });

    const objects = ['c', 'gone'].map((name) => ({ resource: ConfigMaps, namespace: 'default', name }));
    expect(await api.objects.remove({ cluster, objects })).toMatchObject([
      { outcome: 'deleted' },
      { outcome: 'deleted' },
    ]);
    await firstOf(
      api.objects.watch(ref),
      ({ object, freshness }) => object === undefined && freshness.state === 'live',
    );
  });

  it('tells a manifest apart into what the server took and what it refused', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    const yaml = [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: typo}\ndatum: {}',
      'apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: x}',
      'a: [',
    ].join('\n---\n');
    const outcomes = await api.objects.apply({ cluster, yaml });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['created', 'failed', 'failed', 'failed', 'failed']);
    expect(outcomes[1]?.message).toContain('Bad_Name');
    expect(outcomes[2]?.message).toContain('datum');
    expect(outcomes[3]?.message).toBe('no matches for kind "Nothing" in version "example.com/v1"');
  });

  it('writes to a protected cluster only with its name, and never to a read-only one', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
    await api.clusters.protect({ cluster, protection: 'protected' });
    await expect(api.objects.apply({ cluster, yaml })).rejects.toMatchObject({ code: 'protected' });
    await expect(api.objects.apply({ cluster, yaml, confirmation: 'wrong' })).rejects.toMatchObject({
      code: 'protected',
    });
    expect(await api.objects.apply({ cluster, yaml, dryRun: true })).toMatchObject([{ outcome: 'created' }]);
    expect(await api.objects.apply({ cluster, yaml, confirmation: 'host-test' })).toMatchObject([
      { outcome: 'created' },
    ]);
    await api.clusters.protect({ cluster, protection: 'read-only' });
    const objects = [{ resource: ConfigMaps, namespace: 'default', name: 'c' }];
    await expect(api.objects.remove({ cluster, objects, confirmation: 'host-test' })).rejects.toMatchObject({
      code: 'read-only',
    });
  });

  it('reveals one value of a Secret when it is asked for', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    await api.objects.apply({
      cluster,
      yaml: 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {word: c2VjcmV0}\n',
    });
    const ref = { cluster, resource: Secrets, namespace: 'default', name: 's' };
    expect(await api.objects.reveal({ ...ref, key: 'word' })).toBe('secret');
    await expect(api.objects.reveal({ ...ref, key: 'other' })).rejects.toMatchObject({ code: 'key-missing' });
    expect(await api.objects.describe(ref)).not.toContain('secret\n');
  });

  it('follows the logs of a selector and lets new Pods join', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    await applyWeb(host);
    const request = { cluster, namespace: 'default', labelSelector: 'app=web', follow: true, previous: false };
    const pods = new Set<string>();
    let isScaled = false;
    for await (const { notices } of api.logs.follow(request)) {
      for (const { pod, state } of notices) if (state === 'started') pods.add(pod);
      if (pods.size === 2 && !isScaled) {
        isScaled = true;
        await api.objects.scale({ cluster, resource: Deployments, namespace: 'default', name: 'web', replicas: 3 });
      }
      if (pods.size === 3) break;
    }
    expect(pods.size).toBe(3);
  });

  it.each([
    { leaving: 'Ctrl-D', keys: END_OF_INPUT, code: 0 },
    { leaving: 'exit 3', keys: 'exit 3\r', code: 3 },
  ])('opens a terminal with the first shell the container has, until $leaving', async ({ keys, code }) => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    await applyWeb(host);
    const { rows } = await firstOf(
      api.tables.view({ cluster, resource: Pods, ...table, namespaces: ['default'] }),
      (batch) => batch.rows.length === 2,
    );
    const request = { cluster, namespace: 'default', pod: rows[0]?.name ?? '', columns: 80, rows: 24 };
    let [id, output, isLeaving] = ['', '', false];
    let last: TerminalEvent | undefined;
    for await (const event of api.terminals.open(request)) {
      last = event;
      if (event.type === 'opened') {
        id = event.id;
        await api.terminals.write({ id, text: 'echo one-$((1+1))\r' });
      }
      if (event.type === 'output') output += event.text;
      if (isLeaving || !/one-2\s[^]*# $/.test(output.replaceAll(CONTROL_SEQUENCE, ''))) continue;
      isLeaving = true;
      await api.terminals.write({ id, text: keys });
    }
    expect(output).toContain('one-2');
    expect(last).toMatchObject({ type: 'exit', code });
  });

  it('forwards a local port to a Service and follows it to a new Pod', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    await applyWeb(host);
    const request = { cluster, kind: 'Service', namespace: 'default', name: 'web', port: 'http' } as const;
    const forward = await api.forwards.start(request);
    expect(forward).toMatchObject({ targetPort: 80, state: 'listening', kind: 'Service' });
    expect(await fetchText(forward.url)).toContain('nginx');
    expect(await api.forwards.start(request)).toMatchObject({ id: forward.id });

    const objects = [{ resource: Pods, namespace: 'default', name: forward.pod }];
    await api.objects.remove({ cluster, objects, gracePeriodSeconds: 0 });
    const [moved] = await firstOf(
      api.forwards.changes(),
      ([now]) => now !== undefined && now.state === 'listening' && now.pod !== forward.pod,
    );
    expect(await fetchText(moved?.url ?? '')).toContain('nginx');
    expect(await firstOf(api.forwards.changes(), ([now]) => (now?.bytesIn ?? 0) > 0)).toHaveLength(1);
    await api.forwards.stop({ id: forward.id });
    await expect(fetchText(forward.url)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('counts what there is and what asks for attention', async () => {
    await using host = await openTestHost();
    const { api, cluster } = host;
    await applyWeb(host);
    const counts = await firstOf(
      api.clusters.counts({ cluster, namespaces: ['default'] }),
      (all) => all['/v1/pods']?.total === 2 && all['/v1/services'] !== undefined,
    );
    expect(counts).toMatchObject({ 'apps/v1/deployments': { total: 1 }, '/v1/nodes': { total: 2 } });
    const resource = Services;
    expect(resource.plural).toBe('services');
  });
});
