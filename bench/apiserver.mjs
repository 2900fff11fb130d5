// Measures an API server: writes, LIST, Table, WATCH, then controllers and scheduler on one large Deployment.
import { setTimeout as delay } from 'node:timers/promises';
import { median, percentile, spread, timed } from './api-client.mjs';

const namespace = 'bench';
const podsPath = `/api/v1/namespaces/${namespace}/pods`;
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

export const sizes = { pods: 5000, watchers: 20, updates: 1000, nodes: 500, replicas: 5000 };

/** Figures by name; rates per second, times in milliseconds. */
export async function measureApiServer(client, { pods, watchers, updates, nodes, replicas } = sizes) {
  await client.json('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  return {
    creates_per_s: await createRate(client, pods),
    list_ms: await median(7, () => client.send('GET', podsPath)),
    table_ms: await median(5, () => client.send('GET', podsPath, undefined, asTable)),
    pages_ms: (await timed(() => readPages(client))).ms,
    ...(await watchDelay(client, { pods, watchers, updates })),
    ...(await deployment(client, { nodes, replicas })),
  };
}

async function createRate(client, count) {
  const { ms } = await timed(() =>
    spread(count, async (index) => {
      const { status, body } = await client.send('POST', podsPath, pod(`p${index}`));
      if (status !== 201) throw new Error(`create: ${status} ${body.subarray(0, 300)}`);
    }),
  );
  return count / (ms / 1000);
}

/** Nobody schedules it: only the write is measured. */
function pod(name) {
  const resources = { requests: { cpu: '10m', memory: '16Mi' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'bench', pod: name } },
    spec: {
      schedulerName: 'nobody',
      automountServiceAccountToken: false,
      containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10', env: [{ name: 'A', value: 'b' }], resources }],
    },
  };
}

async function readPages(client) {
  let from = '';
  do {
    const { metadata } = await client.json(
      'GET',
      `${podsPath}?limit=500${from && `&continue=${encodeURIComponent(from)}`}`,
    );
    from = metadata.continue ?? '';
  } while (from);
}

/** Time from sending a patch to reading its event, over every event of every watcher. */
async function watchDelay(client, { pods, watchers, updates }) {
  const { metadata } = await client.json('GET', `${podsPath}?limit=1`);
  const sentAt = new Map();
  const delays = [];
  const read = (line) => {
    const at = performance.now();
    const [, number] = /"bench-number":"(\d+)"/.exec(line) ?? [];
    if (sentAt.has(number)) delays.push(at - sentAt.get(number));
  };
  const path = `${podsPath}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const ends = await Promise.all(Array.from({ length: watchers }, () => client.watch(path, read)));
  const { ms } = await timed(() =>
    spread(updates, async (index) => {
      sentAt.set(String(index), performance.now());
      const patch = { metadata: { annotations: { 'bench-number': String(index) } } };
      await client.json('PATCH', `${podsPath}/p${index % pods}`, patch, mergePatch);
    }),
  );
  const expected = watchers * updates;
  for (let tries = 0; tries < 200 && delays.length < expected; tries++) await delay(50);
  for (const end of ends) end();
  if (delays.length < expected) throw new Error(`${expected - delays.length} watch events are missing`);
  return {
    patches_per_s: updates / (ms / 1000),
    watch_p50_ms: percentile(delays, 0.5),
    watch_p99_ms: percentile(delays, 0.99),
  };
}

/** A server whose nodes nobody runs binds its Pods and goes no further. */
const RUNNING_WAIT_MS = 30_000;
const BOUND_WAIT_MS = 240_000;

/** Time until every Pod of one Deployment is bound, and until all are Running, on nodes that the client made. */
async function deployment(client, { nodes, replicas }) {
  await spread(nodes, (index) => createNode(client, `bench-${index}`));
  const started = performance.now();
  await client.json('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, large(replicas));
  const reached = {};
  while (reached.running_ms === undefined) {
    await delay(200);
    const { items } = await client.json('GET', `${podsPath}?labelSelector=app%3Dlarge&resourceVersion=0`);
    const elapsed = performance.now() - started;
    if (items.filter(({ spec }) => spec.nodeName).length >= replicas) reached.bound_ms ??= elapsed;
    if (items.filter(({ status }) => status?.phase === 'Running').length >= replicas) reached.running_ms = elapsed;
    if (reached.bound_ms === undefined && elapsed > BOUND_WAIT_MS) throw new Error('the Deployment is not scheduled');
    if (elapsed - reached.bound_ms > RUNNING_WAIT_MS) break;
  }
  return reached;
}

async function createNode(client, name) {
  const capacity = { cpu: '64', memory: '256Gi', pods: '110' };
  const now = new Date().toISOString().replace(/\.\d+/, '');
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const metadata = { name, labels: { 'kubernetes.io/hostname': name, bench: 'yes' } };
  await client.json('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata, spec: {} });
  const status = { capacity, allocatable: capacity, conditions: [ready] };
  await client.json('PATCH', `/api/v1/nodes/${name}/status`, { status }, mergePatch);
  await client.json('PATCH', `/api/v1/nodes/${name}`, { spec: { taints: null } }, mergePatch);
}

function large(replicas) {
  const resources = { requests: { cpu: '10m', memory: '16Mi' } };
  const containers = [{ name: 'c', image: 'registry.k8s.io/pause:3.10', resources }];
  const spec = { automountServiceAccountToken: false, nodeSelector: { bench: 'yes' }, containers };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'large', namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'large' } },
      template: { metadata: { labels: { app: 'large' } }, spec },
    },
  };
}
