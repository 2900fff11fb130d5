import { setTimeout as delay } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { Scope } from '#common/base/scope';
import { seededRandom } from '#common/base/random';
import type { AnyObject } from '#common/kube/object';
import { systemClock } from '#main/base/system-clock';
import { createHttpsCarrier } from '#main/client/carrier/https-carrier';
import { createClient } from '#main/client/kube-client';
import { createInformers } from '#main/informer/informers';
import { startReference, stopReference } from '../../reference/control-plane';
import type { FlowCluster, FlowHost } from './flow-cluster';
import { FlowWatch } from './flow-watch';
import { serveMetrics } from './metrics';
import { createSharedNodes, sharedNodes } from './nodes';

const WAIT_MS = 240_000;
const POLL_MS = 50;
/** Nothing was written for this long: the controllers of a real cluster have come to rest. */
const QUIET_MS = 3000;
const AT_ONCE = 12;

/** The whole reference, fresh: controllers, scheduler, and kwok for its nodes. All flows share it. */
export async function openReferenceHost(log: (line: string) => void): Promise<FlowHost> {
  await stopReference('flows');
  const { kubeconfig } = await startReference(log, 'flows');
  const scope = new Scope('flows on the reference');
  const client = createClient(scope.add(carrierOf(await readFile(kubeconfig, 'utf8'))));
  const random = seededRandom(1);
  const informers = createInformers(client, { clock: systemClock, random, scope, graceMs: 0 });
  const watch = scope.add(await FlowWatch.open(informers, systemClock));
  await createSharedNodes(client);
  await serveMetrics(client);

  const cluster: FlowCluster = {
    name: 'reference',
    client,
    watch,
    async until(holds, what) {
      for (const end = Date.now() + WAIT_MS; !holds(); await delay(POLL_MS))
        if (Date.now() > end) throw new Error(`waited ${WAIT_MS / 1000} s in vain until ${what}`);
    },
    async quiet(namespace) {
      const asked = Date.now();
      const restsFrom = () => Math.max(asked, watch.changedMs(namespace));
      while (Date.now() < restsFrom() + QUIET_MS) await delay(POLL_MS);
    },
    pass: (seconds) => delay(seconds * 1000),
    async [Symbol.asyncDispose]() {},
  };
  await cluster.until(
    () => sharedNodes.every(({ metadata }) => isReady(watch.get('nodes', metadata.name, ''))),
    'nodes are ready',
  );
  return {
    atOnce: AT_ONCE,
    open: () => Promise.resolve(cluster),
    async [Symbol.asyncDispose]() {
      await scope.close();
      await stopReference('flows');
    },
  };
}

function isReady(node: AnyObject | undefined): boolean {
  const { conditions = [] } = (node?.['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

interface KubeconfigText {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

function carrierOf(kubeconfig: string) {
  const { clusters, users } = parse(kubeconfig) as KubeconfigText;
  const { cluster } = clusters[0]!;
  const { user } = users[0]!;
  const pem = (data: string) => Buffer.from(data, 'base64').toString('utf8');
  const certificate = { cert: pem(user['client-certificate-data']), key: pem(user['client-key-data']) };
  const credentials = { current: () => Promise.resolve({ headers: {}, certificate }), refused: () => false };
  const trust = { ca: pem(cluster['certificate-authority-data']) };
  const carrier = createHttpsCarrier({ server: cluster.server, trust, credentials });
  return Object.assign(carrier, { [Symbol.dispose]: () => carrier.close() });
}
