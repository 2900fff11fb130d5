import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '#common/base/errors';
import { partOf, valueAt } from './answer-parts';
import type { Answer, Exchange, Script } from './exchange';
import { normalised, withoutValues } from './normalise';
import type { ConformanceServer, WireRequest } from './server';

/** The answers of a server by the names of the exchanges, made comparable. */
export type Answers = Record<string, Answer>;

/** How often a server is asked about what it does in its own time. */
const ASKED_AGAIN_MS = 100;

/**
 * Runs a script in a fresh namespace; the answers of its preparations are among them. `values` are those of the
 * surroundings, which exchanges may name and answers do not show.
 */
export async function runScript(
  script: Script,
  server: ConformanceServer,
  values: Readonly<Record<string, string>> = {},
): Promise<Answers> {
  const namespace = namespaceOf(script);
  await prepare(namespace, server);
  const raw: Answers = {};
  const answers: Answers = {};
  for (const exchange of script.exchanges) {
    const all = { ns: namespace, ...values, ...filled(exchange, raw) };
    const wanted = awaited(exchange, all);
    const ask = async () => partOf(await server.ask(wireRequest(exchange, all)), exchange.only);
    const answer = await settledAnswer(wanted, server, ask).catch((cause: unknown) => {
      throw new Error(`${server.name}: ${script.name}/${exchange.name}: ${messageOf(cause)}`, { cause });
    });
    raw[exchange.name] = answer;
    answers[exchange.name] = withoutValues(normalised(answer), values);
  }
  await server.ask({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}`, headers: {}, body: undefined });
  return answers;
}

type Wanted = readonly (readonly [path: string, value: unknown])[];

function awaited({ until = {} }: Exchange, values: Readonly<Record<string, string>>): Wanted {
  return Object.entries(until).map(([path, value]) => [path, typeof value === 'string' ? fill(value, values) : value]);
}

/** The first answer with everything that is awaited; the last one where that does not come. */
async function settledAnswer(
  wanted: Wanted,
  { patienceMs }: ConformanceServer,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const latest = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (wanted.every(([path, value]) => valueAt(answer, path) === value) || performance.now() > latest) return answer;
    await delay(ASKED_AGAIN_MS);
  }
}

/** A DNS label from the end of the script's name, with room for what scripts add to it. */
export const namespaceOf = ({ name }: Script): string =>
  `c-${name
    .replace(/^.*\//, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 45)
    .replace(/-$/, '')}`;

/** Without controllers nobody makes the account that Pods need. */
async function prepare(namespace: string, server: ConformanceServer): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const create = (path: string, name: string) =>
    server.ask({ method: 'POST', path, headers, body: JSON.stringify({ metadata: { name } }) });
  const { status, body } = await create('/api/v1/namespaces', namespace);
  if (status !== 201) throw new Error(`${server.name}: no namespace ${namespace}: ${JSON.stringify(body)}`);
  await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, 'default');
}

function wireRequest(exchange: Exchange, values: Record<string, string>): WireRequest {
  const { request, body, type = 'application/json', accept = 'application/json', headers = {}, events } = exchange;
  const [method = 'GET', path = '/'] = fill(request, values).split(' ');
  const text = body === undefined ? undefined : fill(typeof body === 'string' ? body : JSON.stringify(body), values);
  const contentType: Record<string, string> = text === undefined ? {} : { 'content-type': type };
  return {
    method,
    path,
    headers: { accept, 'user-agent': 'conformance', ...contentType, ...filledHeaders(headers, values) },
    body: text,
    events,
  };
}

function filledHeaders(headers: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, values)]));
}

/** `{name}` for every value that there is. Other braces stay: bodies are full of them. */
function fill(words: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((filled_, [name, value]) => filled_.replaceAll(`{${name}}`, value), words);
}

function filled({ with: wanted = {} }: Exchange, answers: Answers): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).map(([name, place]) => [name, find(place, answers)]));
}

function find(place: string, answers: Answers): string {
  const [exchange = '', ...path] = place.split('.');
  return String(valueAt(answers[exchange]?.body, path.join('.')));
}
