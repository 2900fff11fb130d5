import { parseArgs } from 'node:util';
import { messageOf, Problem } from '#common/base/errors';
import { buildReference } from '../reference/binaries';
import type { Client, Run } from './client';
import { clients } from './clients';
import { firstDifference, type LineDifference } from './compare';
import { updatePage } from './page';
import { clientsSection, lineOf, type ClientResult } from './results';
import { openTriedReference, openTriedSandbox, type OpenedServer } from './servers';

const USAGE = `usage: npm run clients -- [--only TEXT] [--sandbox] [--show] [--update]
  --only    clients whose name holds TEXT
  --sandbox tries them against the sandbox alone: nothing is compared
  --show    prints what every client saw of the sandbox
  --update  writes the results to docs/clients.md`;

interface Options {
  only: string;
  sandbox: boolean;
  show: boolean;
  update: boolean;
}

/** `npm run clients`: real clients against the sandbox and the reference; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await runClients(optionsOf(args));
  } catch (failure) {
    tellFailure(failure);
    return failure instanceof TypeError ? 2 : 1;
  }
}

function optionsOf(args: readonly string[]): Options {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const options = { only: { type: 'string', default: '' }, sandbox: flag, show: flag, update: flag } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (failure) {
    throw new TypeError(`${messageOf(failure)}\n${USAGE}`, { cause: failure });
  }
}

async function runClients({ only, sandbox: isAlone, show, update }: Options): Promise<number> {
  const chosen = clients.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) {
    throw new TypeError(`There is no client "${only}": ${clients.map(({ name }) => name).join(', ')}.`);
  }
  if (!isAlone) await buildReference(console.error);
  await using reference = isAlone ? undefined : await openTriedReference(console.error);
  await using sandbox = await openTriedSandbox();
  const results: ClientResult[] = [];
  for (const client of chosen) {
    const result = await tryClient(client, { reference, sandbox, show });
    results.push(result);
    console.log(lineOf(result));
  }
  const passed = results.filter(({ failure }) => failure === undefined).length;
  console.log(`${results.length} clients: ${passed} passed, ${results.length - passed} failed`);
  if (update && only === '' && !isAlone) await updatePage('clients', clientsSection(results));
  return passed === results.length ? 0 : 1;
}

interface Servers {
  reference: OpenedServer | undefined;
  sandbox: OpenedServer;
  show: boolean;
}

async function tryClient(client: Client, { reference, sandbox, show }: Servers): Promise<ClientResult> {
  const started = performance.now();
  const result = (lines: number, failure?: string): ClientResult => {
    const seconds = (performance.now() - started) / 1000;
    return { client, seconds, lines, failure };
  };
  try {
    const run = await client.prepare(console.error);
    const expected = reference && (await runOn(run, reference));
    const found = await runOn(run, sandbox);
    if (show) for (const line of found) console.log(`  ${line}`);
    const difference = expected && firstDifference(expected, found);
    return result(found.length, difference && wordsOf(difference));
  } catch (failure) {
    return result(0, messageOf(failure));
  }
}

async function runOn(run: Run, server: OpenedServer): Promise<string[]> {
  try {
    return await run(server);
  } catch (failure) {
    throw new Error(`on the ${server.name}: ${messageOf(failure)}`, { cause: failure });
  }
}

function wordsOf({ under, reference, sandbox }: LineDifference): string {
  return `${under ? `${under} — ` : ''}reference: ${said(reference)} — sandbox: ${said(sandbox)}`;
}

const said = (line: string | undefined): string => (line === undefined ? 'nothing more' : `"${line}"`);

function tellFailure(failure: unknown): void {
  console.error(messageOf(failure));
  if (failure instanceof Problem && failure.nextStep) console.error(failure.nextStep);
}
