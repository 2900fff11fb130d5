import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, Problem } from '#common/base/errors';
import { buildReference } from '../reference/binaries';
import { stopReference } from '../reference/control-plane';
import type { Client, Run } from './client';
import { clients } from './clients';
import { firstDifference, type LineDifference } from './compare';
import { updatePage } from './page';
import { clientsSection, lineOf, type ClientResult } from './results';
import { openTriedReference, openTriedSandbox, type OpenedServer } from './servers';

const USAGE = `usage: npm run clients -- [--only TEXT] [--sandbox] [--keep FOLDER] [--update]
  --only    clients whose name holds TEXT
  --sandbox tries them against the sandbox alone: nothing is compared
  --keep    writes all that they saw to files in FOLDER, one for each client and server
  --update  writes the results to docs/clients.md`;

interface Options {
  only: string;
  sandbox: boolean;
  keep: string;
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
    const text = { type: 'string', default: '' } as const;
    const options = { only: text, sandbox: flag, keep: text, update: flag } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (failure) {
    throw new TypeError(`${messageOf(failure)}\n${USAGE}`, { cause: failure });
  }
}

async function runClients({ only, sandbox: isAlone, keep, update }: Options): Promise<number> {
  const chosen = clients.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) {
    throw new TypeError(`There is no client "${only}": ${clients.map(({ name }) => name).join(', ')}.`);
  }
  if (!isAlone) await buildReference(console.error);
  // Ctrl-C leaves no control plane behind.
  process.once('SIGINT', () => void stopReference().finally(() => process.exit(130)));
  await using reference = isAlone ? undefined : await openTriedReference(console.error);
  await using sandbox = await openTriedSandbox();
  const results: ClientResult[] = [];
  for (const client of chosen) {
    const result = await tryClient(client, { reference, sandbox, keep });
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
  keep: string;
}

async function tryClient(client: Client, { reference, sandbox, keep }: Servers): Promise<ClientResult> {
  const started = performance.now();
  const result = (saw: readonly string[], failure?: string): ClientResult => {
    const seconds = (performance.now() - started) / 1000;
    return { client, seconds, saw, failure };
  };
  try {
    const run = await client.prepare(console.error);
    const expected = reference && !client.isForSandboxAlone ? await runOn(run, reference) : undefined;
    const found = await runOn(run, sandbox);
    if (keep) await keepSeen(keep, client, { reference: expected, sandbox: found });
    const difference = expected && firstDifference(expected, found);
    return result(found, difference && wordsOf(difference));
  } catch (failure) {
    return result([], messageOf(failure));
  }
}

async function keepSeen(folder: string, { name }: Client, seen: Record<string, string[] | undefined>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [server, lines] of Object.entries(seen)) {
    if (lines) await writeFile(join(folder, `${name}.${server}.txt`), `${lines.join('\n')}\n`);
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
