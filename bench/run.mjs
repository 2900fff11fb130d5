// Measures the built program and compares it with the baseline. Rates and times are also told as multiples of what this
// machine could do at best in the same run (bare TLS, a bare Node), so that figures of two machines can be compared.
// usage: node bench/run.mjs [--update] [--only start,apiserver,window] [--script FILE]
//   --update       keeps the figures of this run as the baseline
//   --only         some of the measurements
//   --script FILE  runs another benchmark (`FILE --kubeconfig K`) against a fresh sandbox instead of our own
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { build } from '../scripts/build.mjs';
import { ApiClient, median, spread, timed } from './api-client.mjs';
import { measureApiServer } from './apiserver.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const baselineFile = join(here, 'baseline.json');

const { values: options } = parseArgs({
  options: { update: { type: 'boolean' }, only: { type: 'string' }, script: { type: 'string' } },
});

/** Figures for which more is better. */
const rates = new Set(['creates_per_s', 'patches_per_s']);

/** What a figure is a multiple of, in the same run. */
const yardsticks = {
  start_ms: 'bare_node_ms',
  first_table_ms: 'bare_node_ms',
  creates_per_s: 'bare_posts_per_s',
  patches_per_s: 'bare_posts_per_s',
  list_ms: 'bare_list_ms',
  table_ms: 'bare_list_ms',
};

const home = mkdtempSync(join(tmpdir(), 'pilothouse-bench-'));
const env = {
  ...process.env,
  HOME: home,
  PILOTHOUSE_HOME: join(home, 'pilothouse'),
  KUBECONFIG: join(home, 'none.yaml'),
  PILOTHOUSE_NO_DOWNLOAD: '1',
};
writeFileSync(env.KUBECONFIG, '');

try {
  await build();
  const figures = await measure(options.only?.split(',') ?? ['start', 'apiserver', 'window']);
  print(figures, readBaseline());
  if (options.update)
    writeFileSync(baselineFile, `${JSON.stringify(rounded({ ...readBaseline(), ...figures }), undefined, 2)}\n`);
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(names) {
  const figures = { cores: availableParallelism(), bare_node_ms: await median(5, () => run(['-e', '0'])) };
  if (names.includes('start')) figures.start_ms = await startTime();
  if (names.includes('apiserver')) Object.assign(figures, await bare(), await apiserver());
  if (names.includes('window')) figures.first_table_ms = await firstTable();
  return figures;
}

/** Runs Node to its end; answers what it printed. */
async function run(args) {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (part) => (out += part));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
  return out;
}

function pilothouse(...args) {
  return run([join(root, 'bin/pilothouse.js'), ...args]);
}

/** From typing the command until the API has answered and the command returns. */
async function startTime() {
  const times = [];
  for (let turn = 0; turn < 5; turn++) {
    times.push((await timed(() => pilothouse('sandbox', 'start', 'bench', '--ephemeral'))).ms);
    await pilothouse('sandbox', 'stop', 'bench');
  }
  return times.toSorted((a, b) => a - b)[2];
}

async function bare() {
  const server = fork(join(here, 'bare-server.mjs'));
  const [{ port }] = await once(server, 'message');
  const client = new ApiClient(`https://127.0.0.1:${port}`);
  const count = 10_000;
  const { ms } = await timed(() => spread(count, () => client.send('POST', '/', { metadata: { name: 'p' } })));
  const figures = {
    bare_posts_per_s: count / (ms / 1000),
    bare_list_ms: await median(7, () => client.send('GET', '/kept')),
  };
  client.close();
  server.disconnect();
  return figures;
}

async function apiserver() {
  const kubeconfig = join(home, 'bench.yaml');
  await pilothouse('sandbox', 'start', 'bench', '--ephemeral', '--write-kubeconfig', kubeconfig);
  try {
    if (options.script) {
      console.log(await run([options.script, '--kubeconfig', kubeconfig, '--nodes', '500', '--replicas', '5000']));
      return {};
    }
    return { ...(await measureApiServer(ApiClient.fromKubeconfig(kubeconfig))), ...memory() };
  } finally {
    await pilothouse('sandbox', 'stop', 'bench');
  }
}

/** Resident memory of the sandbox's process after all that, where the system tells it. */
function memory() {
  if (process.platform !== 'linux') return {};
  const { pid } = JSON.parse(readFileSync(join(env.PILOTHOUSE_HOME, 'running', 'bench.json'), 'utf8'));
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { resident_mb: Number(kilobytes) / 1024 };
}

/** From typing the command in an empty home until a row of the sandbox is on the screen of an open browser. */
async function firstTable() {
  const { module: harness } = await runnerImport(join(root, 'test/harness/browser.ts'));
  const browser = await harness.openChromium();
  const page = await browser.newPage();
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'bin/pilothouse.js'), 'web', '--no-open'], { env });
  try {
    await page.goto(await addressFrom(child.stdout));
    await page.locator('[role=row][data-name]').first().waitFor();
    return performance.now() - started;
  } finally {
    child.kill('SIGINT');
    await once(child, 'close');
    await browser.close();
  }
}

/** Goes on reading afterwards: a program whose output nobody takes would end. */
function addressFrom(stream) {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (part) => {
      text += part;
      const match = /http:\/\/127\.0\.0\.1:\d+\/\?key=\S+/.exec(text);
      if (match) resolve(match[0]);
    });
    stream.once('end', () => reject(new Error('pilothouse web ended without an address')));
  });
}

function readBaseline() {
  try {
    return JSON.parse(readFileSync(baselineFile, 'utf8'));
  } catch {
    return {};
  }
}

function print(figures, baseline) {
  const now = multiples(figures);
  const before = multiples(baseline);
  console.log(['', 'this run', 'baseline', 'of bare', 'better'].map(cell).join(''));
  for (const [name, value] of Object.entries(figures)) {
    const kept = baseline[name];
    // Where there is a yardstick the machines cancel out; where there is none the figures are compared as they are.
    const [ours, theirs] = name in now && name in before ? [now[name], before[name]] : [value, kept];
    const gain = rates.has(name) ? ours / theirs : theirs / ours;
    const compared = name in yardsticks || /_ms$|_per_s$|_mb$/.test(name);
    console.log(
      [
        name,
        text(value),
        text(kept),
        name in now ? `${now[name].toFixed(2)} x` : '',
        compared && kept ? `${gain.toFixed(2)} x` : '',
      ]
        .map(cell)
        .join(''),
    );
  }
}

function multiples(figures) {
  const known = Object.entries(yardsticks).filter(([name, by]) => name in figures && by in figures);
  return Object.fromEntries(known.map(([name, by]) => [name, figures[name] / figures[by]]));
}

function cell(content, column) {
  return column === 0 ? content.padEnd(20) : content.padStart(12);
}

function text(value) {
  if (value === undefined) return '';
  return value < 100 ? value.toFixed(1) : Math.round(value).toString();
}

function rounded(figures) {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]));
}
