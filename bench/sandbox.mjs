// A sandbox cluster of the built program in a process of its own, and what the system tells about that process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from './api-client.mjs';

/** Ticks of /proc/PID/stat: a hundredth of a second on every Linux that runs Node. */
const TICK_MS = 10;
const START_WAIT_MS = 30_000;

/** CPU time of a process so far in milliseconds, over all its threads; undefined where the system does not tell. */
export function cpuMs(pid) {
  if (process.platform !== 'linux') return undefined;
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) * TICK_MS;
}

/** Resident memory of a process in megabytes; undefined where the system does not tell. */
export function residentMb(pid) {
  if (process.platform !== 'linux') return undefined;
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/**
 * Starts a cluster that ends with this program. `started` is when its process was asked for; `answered` is how long it
 * took until the first request was answered.
 */
export async function openSandbox({ out, home, env, nodes = 3, flags = [] }) {
  const port = await freePort();
  const kubeconfig = join(home, `kubeconfig-${port}.yaml`);
  const cli = JSON.stringify(join(out, 'cli.cjs'));
  const script = `require(${cli}).main(process.argv.slice(1)).then((code) => process.exit(code));`;
  const args = ['start', `bench-${port}`, '--ephemeral', '--foreground', '--nodes', `${nodes}`, '--port', `${port}`];
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [...flags, '-e', script, '--', 'sandbox', ...args, '--write-kubeconfig', kubeconfig],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (part) => (said += part));
  const stop = () => stopped(child, kubeconfig);
  try {
    const answeredMs = await answered(port, child, started);
    const client = await clientFrom(kubeconfig);
    return { pid: child.pid, kubeconfig, client, started, answeredMs, stop };
  } catch (failure) {
    await stop();
    throw new Error(`the sandbox did not start: ${said}`, { cause: failure });
  }
}

async function stopped(child, kubeconfig) {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
  rmSync(kubeconfig, { force: true });
}

/** Asks again and again, as somebody does who waits for it. */
async function answered(port, child, started) {
  const stranger = new ApiClient(`https://127.0.0.1:${port}`);
  try {
    for (;;) {
      const answer = await stranger.send('GET', '/version').catch(() => undefined);
      if (answer?.status === 200) return performance.now() - started;
      const isOver = child.exitCode !== null || performance.now() - started > START_WAIT_MS;
      if (isOver) throw new Error('nobody answers');
      await delay(2);
    }
  } finally {
    stranger.close();
  }
}

/** The file is written a moment after the API answers. */
async function clientFrom(kubeconfig) {
  while (!existsSync(kubeconfig) || statSync(kubeconfig).size === 0) await delay(2);
  return ApiClient.fromKubeconfig(kubeconfig);
}

/** Below the ports that systems hand out, so that no connection of anybody takes it before the sandbox does. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** Resolves when `count` nodes are Ready. */
export async function nodesReady(client, count) {
  for (;;) {
    const { items } = await client.json('GET', '/api/v1/nodes?resourceVersion=0');
    const ready = items.filter(({ status }) =>
      status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    );
    if (ready.length >= count) return;
    await delay(5);
  }
}
