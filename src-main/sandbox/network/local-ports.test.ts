import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { Pods, Services } from '#common/kube/resources';
import { openCluster, type Cluster } from '../cluster';

let cluster: Cluster | undefined;
afterEach(() => cluster?.close());

it('answers at the node port of a Service on this computer, and no longer than it has one', async () => {
  cluster = await openCluster({ name: 'ports', scenario: 'empty', nodes: 1, seed: 5, localPorts: true });
  await cluster.ready();
  const client = cluster.client();
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'nginx' }];
  await client.create(Pods, { metadata: { name: 'web', namespace: 'default', labels }, spec: { containers } });
  const port = await freePort();
  const spec = { type: 'NodePort', selector: labels, ports: [{ port: 80, nodePort: port }] };
  await client.create(Services, { metadata: { name: 'web', namespace: 'default' }, spec });
  expect(await page(port)).toContain('Welcome to nginx!');
  await client.remove(Services, { name: 'web', namespace: 'default' });
  while (await isOpen(port)) await turn();
}, 20_000);

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The page, as soon as somebody serves it: before the Pod is known its address is silent. */
async function page(port: number): Promise<string> {
  for (;;) {
    const text = await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(500) }).then(
      (answer) => answer.text(),
      () => undefined,
    );
    if (text !== undefined) return text;
    await turn();
  }
}

/** Connections that were made before stay, as they do on a node: only a new one tells. */
async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const opened = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  return opened.finally(() => socket.destroy());
}

/** A port in the range of node ports that nobody has. */
async function freePort(): Promise<number> {
  for (let port = 31_000; port < 32_000; port += 7) {
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false);
    server.close();
    if (isFree) return port;
  }
  throw new Error('no node port is free');
}
