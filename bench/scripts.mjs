// How long an API server takes to answer while scripts of containers do what takes long.
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from './api-client.mjs';
import { within } from './cluster.mjs';
import { nodesReady } from './sandbox.mjs';

/** Each script, and how many Pods run it. */
const scripts = {
  loops: { pods: 10, script: 'while :; do :; done' },
  awk: { pods: 1, script: "awk 'BEGIN{for(i=0;i<1e8;i++)x+=i}'" },
  sort: { pods: 1, script: 'while :; do seq 1 3000000 | sort -n | tail -1; done' },
  yes: { pods: 1, script: 'while :; do yes | head -n 50000000 > /dev/null; done' },
  regex: { pods: 1, script: "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab | grep -E '(a+)+$'; done" },
  growth: { pods: 1, script: 'x=a; while :; do x=$x$x; done' },
};

const podsPath = '/api/v1/namespaces/default/pods';
const MEASURE_MS = 4000;
/** Time in which a Pod starts and its script gets going. */
const START_MS = 1500;
const PAUSE_MS = 2;

export function measureScripts(place) {
  return within({ ...place, nodes: 1 }, async ({ client }) => {
    await nodesReady(client, 1);
    await delay(START_MS);
    await answers(client, 'quiet');
    const figures = await answers(client, 'quiet');
    for (const [name, { pods, script }] of Object.entries(scripts)) {
      for (let index = 0; index < pods; index++) await client.json('POST', podsPath, pod(`${name}-${index}`, script));
      await delay(START_MS);
      Object.assign(figures, await answers(client, name));
      for (let index = 0; index < pods; index++) {
        await client.json('DELETE', `${podsPath}/${name}-${index}?gracePeriodSeconds=0`);
      }
      await delay(START_MS);
    }
    return figures;
  });
}

/** One request after the other, each for a whole list. */
async function answers(client, name) {
  const took = [];
  for (const started = performance.now(); performance.now() - started < MEASURE_MS; await delay(PAUSE_MS)) {
    const asked = performance.now();
    await client.send('GET', '/api/v1/namespaces/kube-system/pods');
    took.push(performance.now() - asked);
  }
  return { [`scripts_${name}_p50_ms`]: percentile(took, 0.5), [`scripts_${name}_p99_ms`]: percentile(took, 0.99) };
}

const pod = (name, script) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'script', image: 'busybox:1.37', command: ['sh', '-c', script] }] },
});

/** What each of its figures is a multiple of: the same while nothing runs. */
export const scriptYardsticks = Object.fromEntries(
  Object.keys(scripts).flatMap((name) =>
    ['p50_ms', 'p99_ms'].map((part) => [`scripts_${name}_${part}`, `scripts_quiet_${part}`]),
  ),
);
