// Measures a sandbox cluster of the built program: start, API server, a large Deployment on its own nodes, idleness.
import { setTimeout as delay } from 'node:timers/promises';
import { createNamespace, measureApiServer, roll, sizes } from './apiserver.mjs';
import { cpuMs, nodesReady, openSandbox, residentMb } from './sandbox.mjs';

const STARTS = 5;

/** The best of some starts, from asking for the process. */
export async function measureStart(place) {
  const answered = [];
  const ready = [];
  for (let turn = 0; turn < STARTS; turn++) {
    await within(place, async ({ client, started, answeredMs }) => {
      answered.push(answeredMs);
      await nodesReady(client, 3);
      ready.push(performance.now() - started);
    });
  }
  return { answer_ms: Math.min(...answered), nodes_ready_ms: Math.min(...ready) };
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

const SETTLE_MS = 12_000;
const IDLE_MS = 10_000;

/** Three nodes with what the default scenario puts on them, and nobody who asks. */
export function measureIdle(place) {
  return within(place, async ({ pid }) => {
    await delay(SETTLE_MS);
    const before = cpuMs(pid);
    if (before === undefined) return {};
    await delay(IDLE_MS);
    return { idle_cpu_percent: ((cpuMs(pid) - before) / IDLE_MS) * 100, idle_mb: residentMb(pid) };
  });
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
