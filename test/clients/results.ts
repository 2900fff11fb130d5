import type { Client } from './client';

export interface ClientResult {
  client: Client;
  seconds: number;
  /** What it saw of the sandbox. */
  saw: readonly string[];
  /** The first difference, or why it could not be tried; undefined for a client that passed. */
  failure: string | undefined;
}

export function lineOf({ client, seconds, saw, failure }: ClientResult): string {
  const outcome = failure === undefined ? `pass  ${client.name}  ${passedWith(client, saw)}` : `FAIL  ${client.name}`;
  return `${outcome}  ${seconds.toFixed(0)} s${failure === undefined ? '' : `\n      ${failure}`}`;
}

const passedWith = ({ isForSandboxAlone }: Client, saw: readonly string[]): string =>
  isForSandboxAlone ? saw.join('; ') : `${saw.length} lines equal`;

/** The table of docs/clients.md. */
export function clientsSection(results: readonly ClientResult[]): string {
  const passed = results.filter(({ failure }) => failure === undefined).length;
  const cell = (text: string) => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
  const rows = results.map(({ client, saw, failure }) => {
    const outcome = failure === undefined ? `pass: ${passedWith(client, saw)}` : cell(failure);
    return `| ${client.title} | ${cell(client.does)} | ${outcome} |`;
  });
  return [
    `${results.length} clients: ${passed} passed, ${results.length - passed} failed.`,
    '',
    '| client | what it does | result |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}
