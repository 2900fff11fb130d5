import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ensureBuilt, Home } from '#test/harness/program';

/** What a cluster has acknowledged is there again after its process was killed in the middle of its work. */

const WRITERS = 8;
const ACKNOWLEDGED = 300;
const path = '/api/v1/namespaces/default/configmaps';

let home: Home;

beforeAll(() => ensureBuilt('host'));
beforeEach(async () => {
  home = await Home.create();
});
afterEach(() => home[Symbol.asyncDispose]());

interface Kubeconfig {
  clusters: { cluster: { server: string } }[];
  users: { user: Record<string, string> }[];
}

type Send = (method: string, path: string, body?: object) => Promise<{ status: number; text: string }>;

/** Starts the cluster; answers how to talk to it and its process. */
async function start(): Promise<{ send: Send; pid: number; close: () => void }> {
  const file = join(home.folder, 'demo.yaml');
  const started = await home.run('sandbox', 'start', 'demo', '--nodes', '1', '--write-kubeconfig', file);
  expect(started).toMatchObject({ code: 0 });
  const { clusters, users } = parse(await readFile(file, 'utf8')) as Kubeconfig;
  const decoded = (name: string) => Buffer.from(users[0]!.user[name]!, 'base64');
  const agent = new Agent({
    keepAlive: true,
    rejectUnauthorized: false,
    cert: decoded('client-certificate-data'),
    key: decoded('client-key-data'),
  });
  const record = await readFile(join(home.folder, 'pilothouse', 'running', 'demo.json'), 'utf8');
  const { pid } = JSON.parse(record) as { pid: number };
  return { send: sender(new URL(clusters[0]!.cluster.server), agent), pid, close: () => agent.destroy() };
}

function sender({ hostname, port }: URL, agent: Agent): Send {
  const headers = { 'content-type': 'application/json' };
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, agent, headers }, (response) => {
        let text = '';
        response.on('data', (part) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
}

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { of: name } });

/** Writes from several sides until the process dies, which it does right after an acknowledgement. */
async function writeUntilKilled({ send, pid }: { send: Send; pid: number }): Promise<Set<string>> {
  const acknowledged = new Set<string>();
  let next = 0;
  const writer = async () => {
    for (;;) {
      const name = `kept-${next++}`;
      const { status } = await send('POST', path, configMap(name));
      expect(status).toBe(201);
      acknowledged.add(name);
      if (acknowledged.size === ACKNOWLEDGED) process.kill(pid, 'SIGKILL');
    }
  };
  await Promise.allSettled(Array.from({ length: WRITERS }, writer));
  return acknowledged;
}

describe('a sandbox cluster that is killed', () => {
  it('has every acknowledged write when it is started again, in order and whole', async () => {
    const first = await start();
    const acknowledged = await writeUntilKilled(first);
    first.close();
    expect(acknowledged.size).toBeGreaterThanOrEqual(ACKNOWLEDGED);

    const second = await start();
    const { items, metadata } = JSON.parse((await second.send('GET', path)).text) as {
      items: { metadata: { name: string; resourceVersion: string }; data?: { of?: string } }[];
      metadata: { resourceVersion: string };
    };
    const kept = new Map(items.map((item) => [item.metadata.name, item.data?.of]));
    expect([...acknowledged].filter((name) => kept.get(name) !== name)).toEqual([]);
    const revisions = items.map((item) => Number(item.metadata.resourceVersion));
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(Math.max(...revisions));
    second.close();
  });
});
