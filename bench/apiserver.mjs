// Measures an API server: writes, LIST, Table, WATCH, then controllers and scheduler on one large Deployment.
import { setTimeout as delay } from 'node:timers/promises';
import { best, percentile, spread, timed } from './api-client.mjs';

export const namespace = 'bench';
const podsPath = `/api/v1/namespaces/${namespace}/pods`;
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

export const sizes = { pods: 5000, watchers: 20, updates: 1000, nodes: 500, replicas: 5000 };

/** Rounds of what is told by its best: whoever else uses the machine makes one slower, never quicker. */
const ROUNDS = 3;

/**
 * Figures by name; rates per second, times in milliseconds. `serverCpu` answers the CPU milliseconds of the server so
 * far. The first creates meet a server that has done nothing yet; the warm ones show what it comes to.
 */
export async function measureApiServer(client, serverCpu, { pods, watchers, updates, nodes, replicas } = sizes) {
  await createNamespace(client, namespace);
  await createNamespace(client, 'warm');
  return {
    creates_per_s: (await createRate(client, namespace, pods)).perSecond,
    list_ms: await best(7, () => client.send('GET', podsPath)),
    cached_list_ms: await best(7, () => client.send('GET', `${podsPath}?resourceVersion=0`)),
    table_ms: await best(7, () => client.send('GET', podsPath, undefined, asTable)),
    pages_ms: (await timed(() => readPages(client))).ms,
    ...(await bestWatchDelay(client, { pods, watchers, updates })),
    ...(await warmCreates(client, serverCpu, pods)),
    ...(await deployment(client, { nodes, replicas })),
  };
}

export async function createNamespace(client, name) {
  await client.json('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

async function createRate(client, inNamespace, count, from = 0) {
  const path = `/api/v1/namespaces/${inNamespace}/pods`;
  const { ms } = await timed(() =>
    spread(count, async (index) => {
      const { status, body } = await client.send('POST', path, pod(`p${from + index}`));
      if (status !== 201) throw new Error(`create: ${status} ${body.subarray(0, 300)}`);
    }),
  );
  return { perSecond: count / (ms / 1000), ms };
}

async function warmCreates(client, serverCpu, count) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = serverCpu();
    const { perSecond } = await createRate(client, 'warm', count, round * count);
    rounds.push({ perSecond, cpu_us: before === undefined ? Number.NaN : ((serverCpu() - before) * 1000) / count });
  }
  return {
    warm_creates_per_s: Math.max(...rounds.map(({ perSecond }) => perSecond)),
    create_cpu_us: Math.min(...rounds.map(({ cpu_us }) => cpu_us)),
  };
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

async function bestWatchDelay(client, { pods, watchers, updates }) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(await watchDelay(client, { pods, watchers, updates, mark: `${round}-` }));
  }
  const all = (name) => rounds.map((figures) => figures[name]);
  return {
    patches_per_s: Math.max(...all('patches_per_s')),
    watch_p50_ms: Math.min(...all('watch_p50_ms')),
    watch_p99_ms: Math.min(...all('watch_p99_ms')),
  };
}

/** Time from sending a patch to reading its event, over every event of every watcher. */
async function watchDelay(client, { pods, watchers, updates, mark }) {
  const { metadata } = await client.json('GET', `${podsPath}?limit=1`);
  const sentAt = new Map();
  const delays = [];
  const read = (line) => {
    const at = performance.now();
    const [, number] = /"bench-number":"([\d-]+)"/.exec(line) ?? [];
    if (sentAt.has(number)) delays.push(at - sentAt.get(number));
  };
  const path = `${podsPath}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const ends = await Promise.all(Array.from({ length: watchers }, () => client.watch(path, read)));
  const { ms } = await timed(() =>
    spread(updates, async (index) => {
      sentAt.set(`${mark}${index}`, performance.now());
      const patch = { metadata: { annotations: { 'bench-number': `${mark}${index}` } } };
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

const ROLL_WAIT_MS = 240_000;

/** Time until every Pod of one Deployment is bound to nodes that the client made and nobody runs. */
async function deployment(client, { nodes, replicas }) {
  await spread(nodes, (index) => createNode(client, `bench-${index}`));
  const { bound_ms } = await roll(client, { replicas, nodeSelector: { bench: 'yes' }, until: 'bound_ms' });
  return { bound_ms };
}

/** Creates one large Deployment; answers when all of its Pods were bound and, unless that is enough, Running. */
export async function roll(client, { replicas, nodeSelector, until, name = 'large', podSpec }) {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const started = performance.now();
  const deployment = large(replicas, nodeSelector, name);
  Object.assign(deployment.spec.template.spec, podSpec);
  await client.json('POST', path, deployment);
  const isCreated = async () => ((await client.json('GET', `${path}/${name}`)).status?.replicas ?? 0) >= replicas;
  const steps = [
    ['created_ms', isCreated],
    ['bound_ms', () => isNone(client, name, 'spec.nodeName=')],
    ['running_ms', () => isNone(client, name, 'status.phase!=Running')],
  ];
  const reached = {};
  for (const [step, isReached] of steps) {
    while (!(await isReached())) {
      if (performance.now() - started > ROLL_WAIT_MS) throw new Error(`the Deployment waits for ${step}`);
      await delay(50);
    }
    reached[step] = performance.now() - started;
    if (step === until) break;
  }
  return reached;
}

/** Looks whether one is left: a list of all of them would cost the server more than what is measured. */
async function isNone(client, name, fields) {
  const query = new URLSearchParams({ labelSelector: `app=${name}`, fieldSelector: fields, limit: '1' });
  const { items } = await client.json('GET', `${podsPath}?${query}`);
  return items.length === 0;
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

/** A Deployment of small Pods. */
export function large(replicas, nodeSelector, name = 'large') {
  const resources = { requests: { cpu: '10m', memory: '16Mi' } };
  const containers = [{ name: 'c', image: 'registry.k8s.io/pause:3.10', resources }];
  const spec = { automountServiceAccountToken: false, ...(nodeSelector && { nodeSelector }), containers };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  };
}
