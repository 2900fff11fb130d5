import type { Answer, Exchange, Script } from './exchange';
import { normalised } from './normalise';
import type { ConformanceServer, WireRequest } from './server';

/** The answers of a server by the names of the exchanges, made comparable. */
export type Answers = Record<string, Answer>;

/** Runs a script in a fresh namespace; the answers of its preparations are among them. */
export async function runScript(script: Script, server: ConformanceServer): Promise<Answers> {
  const namespace = namespaceOf(script);
  await prepare(namespace, server);
  const raw: Answers = {};
  const answers: Answers = {};
  for (const exchange of script.exchanges) {
    const answer = await server.ask(wireRequest(exchange, { ns: namespace, ...filled(exchange, raw) }));
    raw[exchange.name] = answer;
    answers[exchange.name] = normalised(answer);
  }
  await server.ask({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}`, headers: {}, body: undefined });
  return answers;
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
  const found = path.reduce<unknown>(
    (part, key) => (part as Record<string, unknown> | undefined)?.[key],
    answers[exchange]?.body,
  );
  return String(found);
}
