// What this machine can do at best: a Node that does nothing, and a TLS server that keeps one answer.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, best, spread, timed } from './api-client.mjs';
import { cpuMs, residentMb } from './sandbox.mjs';

const POSTS = 10_000;
const ROUNDS = 3;

export async function measureBareNode(env) {
  const figures = { bare_node_ms: await best(5, () => runNode(['-e', '0'], env)) };
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env, stdio: 'ignore' });
  await delay(500);
  figures.bare_node_mb = residentMb(child.pid);
  child.kill();
  await once(child, 'exit');
  return figures;
}

/** Runs Node to its end; answers what it printed. */
export async function runNode(args, env) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
  return out;
}

/** The first round meets a server that has done nothing yet, as the first creates of a cluster do. */
export async function measureBareServer() {
  const server = fork(join(import.meta.dirname, 'bare-server.mjs'));
  const [{ port }] = await once(server, 'message');
  const client = new ApiClient(`https://127.0.0.1:${port}`);
  const rates = [];
  const cpu = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = cpuMs(server.pid);
    const { ms } = await timed(() => spread(POSTS, () => client.send('POST', '/', { metadata: { name: 'p' } })));
    rates.push(POSTS / (ms / 1000));
    if (before !== undefined) cpu.push(((cpuMs(server.pid) - before) * 1000) / POSTS);
  }
  const figures = {
    bare_posts_per_s: rates[0],
    bare_warm_posts_per_s: Math.max(...rates),
    bare_post_cpu_us: Math.min(...cpu),
    bare_list_ms: await best(7, () => client.send('GET', '/kept')),
  };
  client.close();
  server.disconnect();
  return figures;
}
