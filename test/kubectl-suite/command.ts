import { parseArgs } from 'node:util';
import { messageOf, Problem } from '#common/base/errors';
import { updatePage } from '../clients/page';
import { KUBERNETES } from '../reference/release';
import { runCase, type CaseResult } from './run-case';
import { Workspace } from './workspace';

const USAGE = `usage: node scripts/kubectl-suite.mjs [--only TEXT] [--jobs N] [--keep] [--update]
  --only    functions whose name holds TEXT
  --jobs    how many run at a time (2)
  --keep    keeps the folder with the output of every case
  --update  writes the count to docs/clients.md`;

interface Options {
  only?: string | undefined;
  jobs: number;
  keep: boolean;
  update: boolean;
}

/** Runs Kubernetes' own kubectl suite against sandbox clusters; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await runSuite(optionsOf(args));
  } catch (failure) {
    console.error(messageOf(failure));
    if (failure instanceof Problem && failure.nextStep) console.error(failure.nextStep);
    return failure instanceof TypeError ? 2 : 1;
  }
}

function optionsOf(args: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({ args: [...args], options: { only: text, jobs: text, keep: flag, update: flag } });
    return { ...values, jobs: Math.max(1, Number(values.jobs ?? 2) || 1) };
  } catch (failure) {
    throw new TypeError(`${messageOf(failure)}\n${USAGE}`, { cause: failure });
  }
}

async function runSuite({ only = '', jobs, keep, update }: Options): Promise<number> {
  const workspace = await Workspace.create(console.error);
  try {
    const names = (await workspace.cases()).filter((name) => name.includes(only));
    const results = await runAll(workspace, names, jobs);
    const passed = results.filter((result) => result.passed).length;
    console.log(`${names.length} cases: ${passed} passed, ${names.length - passed} failed`);
    if (update && only === '') await updatePage('kubectl-suite', suiteSection(results));
    return passed === names.length ? 0 : 1;
  } finally {
    if (keep) {
      await workspace.close();
      console.log(`output: ${workspace.folder}/_cases`);
    } else {
      await workspace[Symbol.asyncDispose]();
    }
  }
}

/** In the order of the suite, `jobs` at a time. */
async function runAll(workspace: Workspace, names: readonly string[], jobs: number): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const waiting = names.entries();
  const worker = async () => {
    for (const [at, name] of waiting) {
      const result = await runCase(workspace, name);
      results[at] = result;
      console.log(lineOf(result));
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

function lineOf({ name, passed, seconds, failure }: CaseResult): string {
  return `${passed ? 'pass' : 'FAIL'}  ${name}  ${seconds.toFixed(0)} s${failure ? `\n      ${failure}` : ''}`;
}

function suiteSection(results: readonly CaseResult[]): string {
  const failed = results.filter(({ passed }) => !passed);
  const rows = failed.map(({ name, failure }) => `| \`${name}\` | ${failure.replaceAll('|', String.raw`\|`)} |`);
  return [
    `Kubernetes ${KUBERNETES}: ${results.length} cases, ${results.length - failed.length} passed, ${failed.length} failed.`,
    ...(rows.length > 0 ? ['', '| failed | first failure |', '| --- | --- |', ...rows] : []),
  ].join('\n');
}
