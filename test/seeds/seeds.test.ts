import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClusterClock } from '#main/sandbox/control/cluster-clock';
import { openSandbox } from '#main/sandbox/index';
import { findKubectl } from '#test/harness/kubectl';
import { findHelm } from './helm';
import type { Seed, Step } from './seed';
import { seeds } from './seeds';
import { transcript, type Entry } from './transcript';

/** Where the transcripts are written, when they are. */
const TRANSCRIPTS = process.env['TRANSCRIPTS'];
const kubectl = findKubectl();
const helm = findHelm();
/** How long a command is given again. */
const PATIENCE_MS = 100_000;

describe.skipIf(!kubectl)('what the founding notes ask for', () => {
  for (const seed of seeds) {
    const why = seed.skip?.();
    it.skipIf(why !== undefined)(`${seed.row}. ${seed.title}${why ? ` (${why})` : ''}`, async () => {
      const entries = await tried(seed);
      if (TRANSCRIPTS === undefined) return;
      await mkdir(TRANSCRIPTS, { recursive: true });
      await writeFile(join(TRANSCRIPTS, `${String(seed.row).padStart(2, '0')}.md`), transcript(seed, entries));
    });
  }
});

/** Goes through the steps of a seed in a cluster of its own. */
async function tried(seed: Seed): Promise<Entry[]> {
  const clock = new ClusterClock();
  const failures: string[] = [];
  const cluster = await openSandbox({
    name: `seed-${seed.row}`,
    nodes: seed.nodes ?? 2,
    scenario: 'kubeadm',
    seed: seed.row,
    clock,
    localPorts: true,
    onMessage: (text) => failures.push(text),
  });
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-seed-'));
  const entries: Entry[] = [];
  try {
    await cluster.ready();
    await writeFile(join(folder, 'config'), cluster.kubeconfig());
    await symlink(kubectl ?? '', join(folder, 'kubectl'));
    if (helm) await symlink(helm, join(folder, 'helm'));
    clock.setRate(seed.rate ?? 1);
    for (const step of seed.steps) {
      if (step.rate !== undefined) clock.setRate(step.rate);
      const output = await outcome(step, folder);
      entries.push({ say: step.say, command: step.run, output });
    }
    expect(failures).toEqual([]);
    return entries;
  } finally {
    await cluster.close();
    clock[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The output of a step that shows what it should. */
async function outcome(step: Step, folder: string): Promise<string> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const { output, code } = await shell(step, folder);
    const missing = complaint(step, output, code);
    if (missing === undefined) return output;
    if (!step.until || performance.now() > until) throw new Error(`$ ${step.run}\n${output}\n${missing}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

function complaint({ shows = [], hides, fails, until }: Step, output: string, code: number): string | undefined {
  if (!until && code !== 0 && !fails) return `ended with ${code}`;
  if (code === 0 && fails) return 'was to fail';
  const wanted = shows instanceof RegExp ? [shows] : shows;
  const missing = wanted.find((pattern) => !pattern.test(output));
  if (missing) return `does not show ${String(missing)}`;
  return hides?.test(output) ? `shows ${String(hides)}` : undefined;
}

function shell({ run, input }: Step, folder: string): Promise<{ output: string; code: number }> {
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    KUBECONFIG: join(folder, 'config'),
    KUBECACHEDIR: join(folder, 'cache'),
    HELM_CACHE_HOME: join(folder, 'helm-home'),
    HELM_CONFIG_HOME: join(folder, 'helm-home'),
    HELM_DATA_HOME: join(folder, 'helm-home'),
  };
  return new Promise((resolve) => {
    const options = { cwd: join(import.meta.dirname, 'manifests'), env, maxBuffer: 2 ** 26, timeout: 90_000 };
    const child = execFile('/bin/bash', ['-c', run], options, (error, out, err) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ output: out + err, code });
    });
    child.stdin?.end(input ?? '');
  });
}
