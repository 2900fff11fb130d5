// Measures the built program. Rates and times are also told as multiples of what this machine could do at best in the
// same run (bare TLS, a bare Node), so that figures of two machines can be compared. See README.md for what each means.
// usage: node bench/run.mjs [--only start,requests,rollout,idle,window,tables,scheduling,scripts,reference] [--compare] [--update] [--out FILE] [--script FILE]
//   --only         some of the measurements; `reference` is measured only when it is named here (it must be built)
//   --compare      warns about multiples that are worse than the baseline's
//   --update       keeps the figures of this run as the baseline
//   --out FILE     writes figures and multiples as JSON
//   --script FILE  runs another benchmark (`FILE --kubeconfig K`) against a fresh sandbox instead of our own
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { measureBareNode, measureBareServer, runNode } from './bare.mjs';
import { measureBinding, measureIdle, measureRequests, measureRollout, measureStart, within } from './cluster.mjs';
import { measureReference } from './reference.mjs';
import { ratiosOf, rounded, tableOf, timesTheReference, warnings } from './report.mjs';
import { kinds } from './scheduling.mjs';
import { measureScripts } from './scripts.mjs';
import { measureWindow } from './window.mjs';

const here = import.meta.dirname;
const root = dirname(here);
const baselineFile = join(here, 'baseline.json');

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    compare: { type: 'boolean' },
    update: { type: 'boolean' },
    out: { type: 'string' },
    script: { type: 'string' },
  },
});

const home = mkdtempSync(join(tmpdir(), 'pilothouse-bench-'));
const env = {
  ...process.env,
  HOME: home,
  PILOTHOUSE_HOME: join(home, 'pilothouse'),
  KUBECONFIG: join(home, 'none.yaml'),
  PILOTHOUSE_NO_DOWNLOAD: '1',
};
const place = { out: join(root, 'out/host'), home, env };

const measurements = {
  start: () => measureStart(place),
  requests: async () => ({ ...(await measureBareServer()), ...(await measureRequests(place)) }),
  rollout: () => measureRollout(place),
  idle: () => measureIdle(place),
  window: () => measureWindow({ root, home, env }),
  scripts: () => measureScripts(place),
  tables: () => measureAlone('tables.mjs'),
  scheduling: async () => ({ ...(await measureAlone('scheduling.mjs')), ...(await measureBinding(place, kinds)) }),
  reference: () => measureReference(root),
};

const usual = Object.keys(measurements).filter((name) => name !== 'reference');

writeFileSync(env.KUBECONFIG, '');
try {
  await build(['host', 'window']);
  if (options.script) await runScript(options.script);
  else report(await measure(options.only?.split(',') ?? usual));
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(names) {
  const unknown = names.filter((name) => !(name in measurements));
  if (unknown.length > 0) throw new Error(`no such measurement: ${unknown.join(', ')}`);
  const figures = { cores: availableParallelism(), ...(await measureBareNode(env)) };
  for (const name of names) {
    process.stderr.write(`measuring ${name}\n`);
    Object.assign(figures, await measurements[name]());
  }
  return { figures: rounded(figures), ratios: rounded(ratiosOf(figures)) };
}

/** In a process of its own, whose memory holds nothing else. */
async function measureAlone(script) {
  const child = fork(join(here, script), { env, execArgv: ['--expose-gc'] });
  const [figures] = await once(child, 'message');
  child.disconnect();
  return figures;
}

async function runScript(script) {
  await within(place, async ({ kubeconfig }) => {
    // Nobody runs the nodes that such a script makes: it is enough that the Pods are bound to them.
    const size = ['--nodes', '500', '--replicas', '5000', '--stop-at', 'bound'];
    console.log(await runNode([script, '--kubeconfig', kubeconfig, ...size], env));
  });
}

function report(run) {
  const baseline = readBaseline();
  console.log(tableOf(run, baseline));
  for (const line of timesTheReference(run.figures)) console.log(line);
  if (options.compare) for (const line of warnings(run, baseline)) console.log(line);
  if (options.out) writeFileSync(options.out, `${JSON.stringify(run, undefined, 2)}\n`);
  if (options.update) writeFileSync(baselineFile, `${JSON.stringify(merged(baseline, run), undefined, 2)}\n`);
}

/** A run of some measurements keeps the others. */
function merged(baseline, run) {
  return {
    figures: { ...baseline.figures, ...run.figures },
    ratios: { ...baseline.ratios, ...run.ratios },
  };
}

function readBaseline() {
  if (!existsSync(baselineFile)) return { figures: {}, ratios: {} };
  return JSON.parse(readFileSync(baselineFile, 'utf8'));
}
