// Measures a sandbox cluster of the built program: start, API server, a large Deployment on its own nodes, idleness.
import { setTimeout as delay } from 'node:timers/promises';
import { createNamespace, measureApiServer, roll, sizes } from './apiserver.mjs';
import { cpuMs, nodesReady, openSandbox, residentMb } from './sandbox.mjs';

const STARTS = 5;

/** What a program does after its start to make the next one quicker. */
const AFTER_START_MS = 2000;

/** The first start of an installation, then the best of some more, from asking for the process. */
export async function measureStart(place) {
  const first_answer_ms = await within(place, async ({ client, answeredMs }) => {
    await nodesReady(client, 3);
    await delay(AFTER_START_MS);
    return answeredMs;
  });
  const answered = [];
  const ready = [];
  for (let turn = 0; turn < STARTS; turn++) {
    await within(place, async ({ client, started, answeredMs }) => {
      answered.push(answeredMs);
      await nodesReady(client, 3);
      ready.push(performance.now() - started);
    });
  }
  return { first_answer_ms, answer_ms: Math.min(...answered), nodes_ready_ms: Math.min(...ready) };
}

export function measureRequests(place) {
  return within(place, ({ client, pid }) => measureApiServer(client, () => cpuMs(pid)));
}

/** One Deployment on nodes that the sandbox runs, with the memory of its process at that size. */
export function measureRollout(place, { nodes, replicas } = sizes) {
  return within({ ...place, nodes }, async ({ client, pid }) => {
    await nodesReady(client, nodes);
    await createNamespace(client, 'bench');
    const before = cpuMs(pid);
    const reached = await roll(client, { replicas, until: 'running_ms' });
    return {
      own_bound_ms: reached.bound_ms,
      own_running_ms: reached.running_ms,
      ...(before !== undefined && { pod_cpu_us: ((cpuMs(pid) - before) * 1000) / replicas }),
      resident_mb: residentMb(pid),
    };
  });
}

/** Deployments of different kinds of Pods on nodes that the sandbox runs: how many Pods a second are made, placed and bound. */
export function measureBinding(place, kinds, { nodes = 5000, replicas = 3000 } = {}) {
  return within({ ...place, nodes }, async ({ client }) => {
    await nodesReady(client, nodes);
    await createNamespace(client, 'bench');
    const figures = {};
    for (const [kind, podSpecOf] of Object.entries(kinds)) {
      const name = kind.replaceAll('_', '-');
      const { bound_ms } = await roll(client, { replicas, name, podSpec: podSpecOf({ app: name }), until: 'bound_ms' });
      figures[`bind_${kind}_per_s`] = replicas / (bound_ms / 1000);
    }
    return figures;
  });
}

/** After the last Pod of the default scenario is ready: what followed it is over then. */
const SETTLE_MS = 20_000;
const IDLE_MS = 10_000;

/** Three nodes with what the default scenario puts on them, and nobody who asks. */
export function measureIdle(place) {
  return within(place, async ({ client, pid }) => {
    await podsReady(client);
    await delay(SETTLE_MS);
    const before = cpuMs(pid);
    if (before === undefined) return {};
    await delay(IDLE_MS);
    return { idle_cpu_percent: ((cpuMs(pid) - before) / IDLE_MS) * 100, idle_mb: residentMb(pid) };
  });
}

/** Resolves when every Pod is ready or has succeeded, metrics-server as one of the last. */
async function podsReady(client) {
  for (;;) {
    const { items } = await client.json('GET', '/api/v1/pods?resourceVersion=0');
    const isThere = items.some(({ metadata }) => metadata.name.startsWith('metrics-server'));
    if (isThere && items.every(isSettled)) return;
    await delay(500);
  }
}

function isSettled({ status }) {
  const isReady = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  return isReady || status.phase === 'Succeeded';
}

/** Runs `task` with a cluster of its own. */
export async function within(place, task) {
  const sandbox = await openSandbox(place);
  try {
    return await task(sandbox);
  } finally {
    sandbox.client.close();
    await sandbox.stop();
  }
}
