import type { Client } from './client';

export interface ClientResult {
  client: Client;
  seconds: number;
  /** Of what it saw, that were the same. */
  lines: number;
  /** The first difference, or why it could not be tried; undefined for a client that passed. */
  failure: string | undefined;
}

export function lineOf({ client, seconds, lines, failure }: ClientResult): string {
  const outcome = failure === undefined ? `pass  ${client.name}  ${lines} lines equal` : `FAIL  ${client.name}`;
  return `${outcome}  ${seconds.toFixed(0)} s${failure === undefined ? '' : `\n      ${failure}`}`;
}

/** The table of docs/clients.md. */
export function clientsSection(results: readonly ClientResult[]): string {
  const passed = results.filter(({ failure }) => failure === undefined).length;
  const cell = (text: string) => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
  const rows = results.map(({ client, lines, failure }) => {
    const outcome = failure === undefined ? `pass, ${lines} lines equal` : cell(failure);
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
