import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { SuiteCluster } from './suite-cluster';
import type { Workspace } from './workspace';

export interface CaseResult {
  name: string;
  passed: boolean;
  seconds: number;
  /** Where it failed and why; empty when it passed. */
  failure: string;
}

export const CASE_LIMIT_MS = 300_000;

/** Runs one function of the suite against a cluster of its own. */
export async function runCase(workspace: Workspace, name: string, limitMs = CASE_LIMIT_MS): Promise<CaseResult> {
  const started = performance.now();
  const place = await workspace.place(name);
  await using cluster = await SuiteCluster.open(join(workspace.folder, 'hack/testdata/ca'), join(place, 'cluster'));
  // The suite's server keeps what it makes for itself there.
  await writeFile(join(place, 'apiserver.crt'), cluster.certificate);
  const { output, timedOut } = await bash(workspace, { name, place, port: cluster.port, limitMs });
  await writeFile(join(place, 'output.txt'), output);
  const passed = output.trimEnd().endsWith('CASE PASSED');
  const failure = timedOut ? `did not end within ${limitMs / 1000} s; ${firstFailure(output)}` : firstFailure(output);
  return { name, passed, seconds: (performance.now() - started) / 1000, failure: passed ? '' : failure };
}

interface Run {
  name: string;
  place: string;
  port: number;
  limitMs: number;
}

function bash({ folder, web }: Workspace, run: Run): Promise<{ output: string; timedOut: boolean }> {
  const { name, place, port, limitMs } = run;
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [join(import.meta.dirname, 'run-case.sh'), name], {
      cwd: folder,
      // A group of its own, so that proxies and watches that a failed case leaves behind end with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        SECURE_API_PORT: String(port),
        KUBE_TEMP: place,
        TMPDIR: place,
        LANG: 'C',
        ...web.environment,
      },
    });
    let output = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => (output += part));
    }
    child.once('error', reject);
    child.once('exit', () => {
      clearTimeout(timer);
      endGroup(child.pid);
    });
    child.once('close', () => resolve({ output: stripVTControlCharacters(output), timedOut }));
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}

/** The words of the first check that failed, or of the command that ended a case. */
export function firstFailure(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const check = lines.findIndex((line) => line.includes('FAIL!'));
  if (check >= 0) return joined(lines.slice(check, check + 4));
  const call = lines.findLastIndex((line) => line.startsWith('!!!') && line.endsWith('Call tree:'));
  return joined(
    lines
      .slice(0, call < 0 ? undefined : call)
      .filter(isTelling)
      .slice(-2),
  );
}

/** The suite's own announcements tell nothing of a failure. */
const isTelling = (line: string): boolean => line !== '' && !line.startsWith('+++');

const LONGEST = 400;

function joined(lines: readonly string[]): string {
  const text = lines.filter(Boolean).join(' ').replaceAll(/\s+/g, ' ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
