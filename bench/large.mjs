// Grows a sandbox to 5,000 nodes and 150,000 Pods and tells how far it comes: on demand only, minutes and gigabytes.
// usage: node bench/large.mjs [--nodes 5000] [--pods 150000] [--minutes 10] [--flags=--max-old-space-size=6144] [--out FILE]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { percentile, spread, timed } from './api-client.mjs';
import { createNamespace, large, namespace } from './apiserver.mjs';
import { within } from './cluster.mjs';
import { cpuMs, nodesReady, residentMb } from './sandbox.mjs';
import { rounded } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5000' },
    pods: { type: 'string', default: '150000' },
    minutes: { type: 'string', default: '10' },
    flags: { type: 'string', default: '' },
    out: { type: 'string' },
  },
});

const PODS_PER_DEPLOYMENT = 5000;
const IDLE_MS = 20_000;
const PROBE_MS = 100;
const pods = Number(options.pods);
const nodes = Number(options.nodes);
const podsPath = `/api/v1/namespaces/${namespace}/pods`;

const root = dirname(import.meta.dirname);
const home = mkdtempSync(join(tmpdir(), 'pilothouse-large-'));
const env = {
  ...process.env,
  HOME: home,
  PILOTHOUSE_HOME: join(home, 'pilothouse'),
  KUBECONFIG: join(home, 'none.yaml'),
  PILOTHOUSE_NO_DOWNLOAD: '1',
};
const flags = options.flags.split(' ').filter(Boolean);

try {
  await build(['host']);
  const figures = rounded(await within({ out: join(root, 'out/host'), home, env, nodes, flags }, grow));
  console.log(figures);
  if (options.out) writeFileSync(options.out, `${JSON.stringify(figures, undefined, 2)}\n`);
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

async function grow({ client, pid, started }) {
  await nodesReady(client, nodes);
  const nodesReadyMs = performance.now() - started;
  console.error(`${nodes} nodes are Ready after ${Math.round(nodesReadyMs)} ms, ${Math.round(residentMb(pid))} MB`);
  await createNamespace(client, namespace);
  const probing = new AbortController();
  const probe = probeApi(client, probing.signal);
  const reached = await growPods({ client, pid });
  probing.abort();
  const delays = await probe;
  const before = cpuMs(pid);
  await delay(IDLE_MS);
  const idle_cpu_percent = before === undefined ? Number.NaN : ((cpuMs(pid) - before) / IDLE_MS) * 100;
  const { ms } = await timed(() => client.send('GET', podsPath));
  return {
    nodes_ready_ms: nodesReadyMs,
    ...reached,
    api_p50_ms: percentile(delays, 0.5),
    api_p99_ms: percentile(delays, 0.99),
    list_all_ms: ms,
    idle_cpu_percent,
    resident_mb: residentMb(pid),
  };
}

/** Makes all Deployments at once; tells about every ten seconds how far they are. */
async function growPods({ client, pid }) {
  const began = performance.now();
  const parts = Math.ceil(pods / PODS_PER_DEPLOYMENT);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  await spread(parts, (index) => client.json('POST', path, large(sizeOf(index), undefined, `large-${index}`)));
  for (;;) {
    await delay(10_000);
    const { items } = await client.json('GET', path);
    const sum = (field) => items.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
    const [created, ready] = [sum('replicas'), sum('readyReplicas')];
    const elapsed = performance.now() - began;
    console.error(
      `${Math.round(elapsed / 1000)} s: ${created} made, ${ready} ready, ${Math.round(residentMb(pid))} MB`,
    );
    const isOver = elapsed > Number(options.minutes) * 60_000;
    if (ready >= pods || isOver) return { pods: created, ready_pods: ready, pods_ready_ms: elapsed };
  }
}

function sizeOf(index) {
  return Math.min(PODS_PER_DEPLOYMENT, pods - index * PODS_PER_DEPLOYMENT);
}

/** What somebody feels who asks for one object all the while: milliseconds per answer. */
async function probeApi(client, signal) {
  const delays = [];
  while (!signal.aborted) {
    delays.push((await timed(() => client.send('GET', '/api/v1/namespaces/default'))).ms);
    await delay(PROBE_MS, undefined, { signal }).catch(() => undefined);
  }
  return delays;
}
