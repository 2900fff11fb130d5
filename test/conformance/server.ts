import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { Answer } from './exchange';

/** A server under comparison, over the wire. */
export interface ConformanceServer extends AsyncDisposable {
  readonly name: string;
  /** How long it may take for what it does in its own time. */
  readonly patienceMs: number;
  ask(request: WireRequest): Promise<Answer>;
}

export interface WireRequest {
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
  /** Leaves a watch after so many events. */
  events?: number | undefined;
}

interface KubeconfigText {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

const WAIT_MS = 30_000;

/** A server by the only context of its kubeconfig; `close` ends what was started for it. */
export function serverOf(
  { name, patienceMs }: Pick<ConformanceServer, 'name' | 'patienceMs'>,
  kubeconfig: string,
  close: () => Promise<void>,
): ConformanceServer {
  const { clusters, users } = parse(kubeconfig) as KubeconfigText;
  const [{ cluster }] = clusters as [KubeconfigText['clusters'][0]];
  const [{ user }] = users as [KubeconfigText['users'][0]];
  const pem = (data: string) => Buffer.from(data, 'base64').toString('utf8');
  const ca = pem(cluster['certificate-authority-data']);
  const cert = pem(user['client-certificate-data']);
  const agent = new Agent({ keepAlive: true, ca, cert, key: pem(user['client-key-data']) });
  // A certificate would be believed before a token.
  const stranger = new Agent({ keepAlive: true, ca });
  return {
    name,
    patienceMs,
    ask: (request) => ask(cluster.server, 'authorization' in request.headers ? stranger : agent, request),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      stranger.destroy();
      await close();
    },
  };
}

function ask(server: string, agent: Agent, { method, path, headers, body, events }: WireRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    // Whatever becomes of it, a connection that was to be upgraded is good for nothing else.
    const once = headers['upgrade'] ? { agent: new Agent({ ...agent.options, keepAlive: false }) } : { agent };
    const options: RequestOptions = { method, ...once, headers: { ...headers, ...length }, timeout: WAIT_MS };
    const outgoing = httpsRequest(`${server}${path}`, options, (incoming) => {
      read(incoming, events).then(resolve, reject);
    });
    outgoing.once('upgrade', (incoming, socket, head) => talk(incoming, socket, head).then(resolve, reject));
    outgoing.once('timeout', () =>
      outgoing.destroy(new Error(`no answer within ${WAIT_MS / 1000} s: ${method} ${path}`)),
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** What the other side says after an upgrade, to one word of ours and until it ends. */
async function talk(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<Answer> {
  socket.unshift(head);
  socket.write('hello');
  const lines = (await text(socket)).split('\n');
  return { status: incoming.statusCode ?? 0, type: '', warnings: [], body: lines.map(parsed) };
}

async function read(incoming: IncomingMessage, events: number | undefined): Promise<Answer> {
  incoming.setEncoding('utf8');
  let received = '';
  for await (const part of incoming) {
    received += part;
    if (events !== undefined && received.split('\n').length > events) break;
  }
  const warnings = incoming.headers['warning'];
  return {
    status: incoming.statusCode ?? 0,
    type: (incoming.headers['content-type'] ?? '').split(';')[0] ?? '',
    warnings: warnings === undefined ? [] : String(warnings).split(/, (?=299 )/),
    body: events !== undefined && incoming.statusCode === 200 ? eventsOf(received, events) : parsed(received),
  };
}

function eventsOf(received: string, count: number): unknown[] {
  const lines = received.split('\n').filter((line) => line !== '');
  return lines.slice(0, count).map(parsed);
}

function parsed(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    return words;
  }
}
