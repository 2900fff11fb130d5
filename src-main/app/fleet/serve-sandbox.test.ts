import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '#common/base/errors';
import { systemClock } from '#main/base/system-clock';
import type { SandboxCluster, SandboxOptions } from '#main/sandbox/index';
import { askToStop, isAlive, lifeOf, readKubeconfig } from './control-client';
import type { LifeStatus } from './life';
import { SandboxLife } from './sandbox-life';
import { serveSandbox, type SandboxService, type ServeOptions } from './serve-sandbox';

/** A cluster that only listens: what is tested here is the process around it. */
class ListeningCluster implements SandboxCluster {
  static async open({ name, port = 0 }: SandboxOptions): Promise<ListeningCluster> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new ListeningCluster(name, server);
  }
  readonly #server: Server;
  readonly url: string;
  constructor(
    readonly name: string,
    server: Server,
  ) {
    this.#server = server;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  kubeconfig = () => `current-context: ${this.name}\n`;
  ready = async () => undefined;
  async close() {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
  [Symbol.asyncDispose] = () => this.close();
}

let running: string;
const log: string[] = [];

beforeEach(async () => {
  running = await mkdtemp(join(tmpdir(), 'pilothouse-serve-'));
  log.length = 0;
});
afterEach(() => rm(running, { recursive: true, force: true }));

const serve = (over: Partial<ServeOptions> = {}, open = ListeningCluster.open) =>
  serveSandbox(
    { name: 'demo', nodes: 3, scenario: 'empty', ephemeral: true, running, ...over },
    { open, clock: systemClock, log: (line) => void log.push(line) },
  );

async function claimed(over: Partial<ServeOptions> = {}, open = ListeningCluster.open): Promise<SandboxService> {
  const served = await serve(over, open);
  if (served.kind !== 'claimed') throw new Error('expected to claim the name');
  return served.service;
}

describe('a process that serves a sandbox cluster', () => {
  it('tells its life from start to end, answers its kubeconfig, and stops when asked', async () => {
    const service = await claimed();
    const record = service.record!;
    const ended = service.run();
    const life: LifeStatus[] = [];
    for await (const status of lifeOf(record)) {
      life.push(status);
      if (status.state !== 'running') continue;
      expect(await readKubeconfig(record)).toBe('current-context: demo\n');
      await askToStop(record);
    }
    await ended;
    const states = life.map(({ state }) => state).filter((state) => state !== 'starting');
    expect(states).toEqual(['running', 'stopping']);
    expect(await isAlive(record)).toBe(false);
  });

  it('lets a second one join instead of opening the cluster twice', async () => {
    const service = await claimed();
    const ended = service.run();
    const second = await serve();
    expect(second).toEqual({ kind: 'joined', record: service.record });
    service.stop();
    await ended;
    expect((await claimed()).record).not.toEqual(service.record);
  });

  it('answers nobody without its token', async () => {
    const service = await claimed();
    const ended = service.run();
    const record = service.record!;
    const stranger = { ...record, control: { ...record.control, token: 'guess' } };
    await expect(readKubeconfig(stranger)).rejects.toMatchObject({ code: 'sandbox-refused' });
    expect(await isAlive(stranger)).toBe(false);
    service.stop();
    await ended;
  });

  it('tells everyone who waits why it could not be opened, and gives the name back', async () => {
    const damage = new Problem('sandbox-damaged', 'The log cannot be read.');
    const service = await claimed({}, () => Promise.reject(damage));
    const life = new SandboxLife(service.record!, () => undefined);
    const waiting = life.running().catch((failure: unknown) => failure);
    await life.answered;
    await expect(service.run()).rejects.toBe(damage);
    expect(await waiting).toMatchObject({ code: 'sandbox-damaged', message: 'The log cannot be read.' });
    await life.ended;
    expect((await serve()).kind).toBe('claimed');
  });

  it('refuses a port that was asked for and is taken, and takes another for one that was only wished', async () => {
    await using taken = await ListeningCluster.open({ name: 'other' });
    const port = Number(new URL(taken.url).port);
    const strict = await claimed({ port, fixedPort: true });
    await expect(strict.run()).rejects.toMatchObject({
      code: 'port-in-use',
      message: `Port ${port} is taken by another program.`,
    });

    const easy = await claimed({ port });
    let url = '';
    await easy.run((cluster) => {
      url = cluster.url;
      easy.stop();
    });
    expect(url).not.toBe(taken.url);
    expect(log).toContain(`port ${port} is taken: another one is used this time`);
  });

  it('stops at once when it was asked while it opened', async () => {
    const service = await claimed();
    service.stop();
    let isOpened = false;
    await service.run(() => (isOpened = true));
    expect(isOpened).toBe(false);
  });
});
