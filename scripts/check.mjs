// Runs the checks, two at a time, and goes on after a failure. What failed shows its output.
// usage: node scripts/check.mjs [step …]      steps: types lint format layers unit conformance flows build kubectl e2e package
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = (name, path) => [process.execPath, join(root, 'node_modules', name, path)];
const script = (name) => [process.execPath, join(root, 'scripts', name)];

const tsc = tool('typescript7', 'bin/tsc');
const vueTsc = tool('vue-tsc', 'bin/vue-tsc.js');
const vitest = [...tool('vitest', 'vitest.mjs'), 'run'];
const roots = ['src-common', 'src-main', 'src-preload', 'src-renderer'];

/** In the order they begin. `after` names a step whose success is needed, when it runs too. */
const steps = {
  types: {
    commands: [
      ...['src-common', 'src-main', 'src-preload'].map((folder) => [...tsc, '-p', folder]),
      ...['src-renderer', 'test'].map((folder) => [...vueTsc, '-p', folder]),
    ],
  },
  build: { commands: [script('build.mjs')] },
  lint: { commands: [[...tool('oxlint', 'bin/oxlint'), '.']], repair: 'npx oxlint --fix' },
  format: {
    commands: [[...tool('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']],
    repair: 'npm run format',
  },
  layers: {
    commands: [
      [...tool('dependency-cruiser', 'bin/dependency-cruise.mjs'), ...roots, '--config', '.dependency-cruiser.cjs'],
    ],
  },
  unit: { commands: [[...vitest, '--project', 'unit', '--project', 'window']] },
  conformance: { commands: [[...script('conformance.mjs'), '--recorded']] },
  flows: { commands: [[...script('flows.mjs'), '--recorded']] },
  kubectl: { commands: [[...vitest, '--project', 'kubectl']], after: 'build' },
  e2e: { commands: [[...vitest, '--project', 'e2e']], after: 'build' },
  package: { commands: [script('check-package.mjs')], after: 'build' },
};

const AT_ONCE = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(names) {
  const unknown = names.find((name) => !(name in steps));
  if (unknown !== undefined) {
    console.error(`There is no step "${unknown}". Steps: ${Object.keys(steps).join(', ')}.`);
    return 2;
  }
  const results = await runAll(names.length > 0 ? names : Object.keys(steps));
  const failed = results.filter(({ state }) => state !== 'passed');
  for (const { name, output } of failed) if (output) console.log(`\n── ${name} ${'─'.repeat(60)}\n${output.trimEnd()}`);
  console.log(`\n${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length > 0 ? 1 : 0;
}

/** Keeps up to AT_ONCE steps going until none is left. */
async function runAll(names) {
  const results = new Map();
  const waiting = [...names];
  const running = new Set();
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.find((name) => isFree(name, names, results));
    if (next !== undefined && running.size < AT_ONCE) {
      waiting.splice(waiting.indexOf(next), 1);
      const run = runStep(next, results).then((result) => {
        results.set(next, result);
        running.delete(run);
        tell(result);
      });
      running.add(run);
    } else {
      await Promise.race(running);
    }
  }
  return names.map((name) => results.get(name));
}

function isFree(name, names, results) {
  const { after } = steps[name];
  return after === undefined || !names.includes(after) || results.has(after);
}

async function runStep(name, results) {
  const { commands, after } = steps[name];
  if (after !== undefined && results.get(after) && results.get(after).state !== 'passed') {
    return { name, state: 'not run', seconds: 0, output: '', reason: `${after} failed` };
  }
  const started = performance.now();
  let output = '';
  let isPassed = true;
  for (const [file, ...args] of commands) {
    const result = await run(file, args);
    isPassed &&= result.code === 0;
    output += result.output;
  }
  const seconds = (performance.now() - started) / 1000;
  return { name, state: isPassed ? 'passed' : 'failed', seconds, output };
}

function run(file, args) {
  return new Promise((resolve) => {
    const env = { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0', NO_UPDATE_NOTIFIER: '1' };
    const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (part) => (output += part));
    child.stderr.on('data', (part) => (output += part));
    child.once('error', (failure) => resolve({ code: 1, output: `${output}${failure.message}\n` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

function tell({ name, state, seconds, reason }) {
  const { repair } = steps[name];
  const hint = state === 'failed' && repair ? `   repair: ${repair}` : '';
  const why = reason ? `   ${reason}` : '';
  console.log(`${name.padEnd(9)} ${state.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s${hint}${why}`);
}
