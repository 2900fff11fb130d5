import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { IFileSystem } from 'just-bash';
import type { ListenerProfile } from '../image-profile';
import type { AnswerDirectly } from '../direct-request';
import type { TlsDoor, TlsIdentity } from './tls-door';

export interface HttpListenerOptions {
  profile: ListenerProfile;
  fs: () => Promise<IFileSystem>;
  /** Where `https` comes in. */
  door: TlsDoor;
  /** Fills tokens of the profile's texts. */
  fill: (text: string, more?: Readonly<Record<string, string>>) => string;
  /** Writes an access log line. */
  log: (line: string) => void;
  /** Answers what the profile's texts and files do not. */
  handler?: HttpHandler | undefined;
  /** Does the work of a request, in milliseconds of a core. */
  work?: ((ms: number) => Promise<void>) | undefined;
}

/** A request as a handler sees it. */
export interface HandledRequest {
  method: string;
  /** Decoded, without the query. */
  path: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  client: string;
  isSecure: boolean;
}

export interface HandledAnswer {
  status: number;
  type: string;
  body: string | Uint8Array;
  headers?: Readonly<Record<string, string>>;
}

export interface HttpHandler {
  /** Nothing for what it does not know. */
  (request: HandledRequest): Promise<HandledAnswer | undefined>;
  /** https: its own certificates. */
  identity?: TlsIdentity;
}

/** What an everyday answer costs. */
const WORK_MS = 0.5;

interface Answer {
  status: number;
  type: string;
  body: Uint8Array;
  location?: string;
  headers?: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  xml: 'text/xml',
  svg: 'image/svg+xml',
  png: 'image/png',
};

/** Serves the files and fixed answers of a profile over connections that never leave the process. */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  #server: Server | undefined;

  constructor(options: HttpListenerOptions) {
    this.#options = options;
  }

  accept(connection: Duplex): void {
    const server = (this.#server ??= createServer((request, response) => {
      void this.#respond(request, response).catch(() => response.destroy());
    }));
    if (this.#isSecure)
      this.#options.door.open(
        connection,
        (inside) => void server.emit('connection', inside),
        this.#options.handler?.identity,
      );
    else server.emit('connection', connection);
  }

  /** Answers without a connection. */
  readonly answer: AnswerDirectly = ({ scheme, url, headers }) => {
    if (this.#isSecure !== (scheme === 'https')) return undefined;
    const asked: Asked = { method: 'GET', url, headers, httpVersion: '1.1', client: LOCAL, body: noBody };
    return this.#answered(asked).then((answer) => {
      this.#logAccess(asked, answer);
      return answer;
    });
  };

  get #isSecure(): boolean {
    return this.#options.profile.protocol === 'https';
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { profile } = this.#options;
    const { method = 'GET', url = '/', headers, httpVersion } = request;
    const client = clientOf(request);
    const asked: Asked = { method, url, headers, httpVersion, client, body: () => bodyOf(request) };
    const answer = await this.#answered(asked);
    response.statusCode = answer.status;
    if (profile.server) response.setHeader('Server', profile.server);
    response.setHeader('Content-Type', answer.type);
    response.setHeader('Content-Length', answer.body.length);
    if (answer.location) response.setHeader('Location', answer.location);
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    response.end(method === 'HEAD' ? undefined : answer.body);
    this.#logAccess(asked, answer);
  }

  async #answered(asked: Asked): Promise<Answer> {
    const answer = await this.#answer(asked, decodedPath(asked.url));
    await this.#options.work?.(this.#options.profile.workMs ?? WORK_MS);
    return answer;
  }

  async #answer(asked: Asked, path: string): Promise<Answer> {
    const { profile, fill } = this.#options;
    const handled = await this.#handled(asked, path);
    if (handled) return handled;
    const fixed = profile.answers?.[path] ?? prefixAnswer(profile, path);
    if (fixed) return textAnswer(fixed.status ?? 200, fixed.type ?? 'text/html', fill(fixed.body, { path }));
    const file = profile.root === undefined ? undefined : await this.#file(profile.root, path);
    return file ?? textAnswer(404, 'text/html', fill(profile.notFound ?? '404 page not found\n'));
  }

  async #handled({ body, ...asked }: Asked, path: string): Promise<Answer | undefined> {
    const { handler } = this.#options;
    if (!handler) return undefined;
    const { method, url, headers, client } = asked;
    const from = { client, isSecure: this.#isSecure };
    const answer = await handler({ method, path, url, headers, body: await body(), ...from });
    return answer && { ...answer, body: Buffer.from(answer.body) };
  }

  async #file(root: string, path: string): Promise<Answer | undefined> {
    const fs = await this.#options.fs();
    const full = fs.resolvePath(root, `.${path}`);
    if (full !== root && !full.startsWith(`${root}/`)) return undefined;
    if (!(await fs.exists(full))) return undefined;
    const { isDirectory } = await fs.stat(full);
    if (isDirectory && !path.endsWith('/')) return { ...textAnswer(301, 'text/html', ''), location: `${path}/` };
    const target = isDirectory ? `${full}/index.html`.replaceAll('//', '/') : full;
    if (!(await fs.exists(target))) return isDirectory ? textAnswer(403, 'text/html', '403 Forbidden\n') : undefined;
    const extension = target.slice(target.lastIndexOf('.') + 1);
    return { status: 200, type: TYPES[extension] ?? 'application/octet-stream', body: await fs.readFileBuffer(target) };
  }

  #logAccess({ method, url, headers, httpVersion, client }: Asked, answer: Answer): void {
    const { profile, fill, log } = this.#options;
    if (!profile.accessLog) return;
    const line = fill(profile.accessLog, {
      client,
      request: `${method} ${url} HTTP/${httpVersion}`,
      path: decodedPath(url),
      status: String(answer.status),
      bytes: String(method === 'HEAD' ? 0 : answer.body.length),
      referer: headers.referer ?? '-',
      agent: headers['user-agent'] ?? '-',
    });
    log(`${line}\n`);
  }
}

/** A request as it comes, over a connection or without one. */
interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  httpVersion: string;
  client: string;
  body: () => Promise<Buffer>;
}

const LOCAL = '127.0.0.1';
const NOTHING = Buffer.alloc(0);
const noBody = async (): Promise<Buffer> => NOTHING;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Connections of the cluster's network know who made them. */
const clientOf = ({ socket }: IncomingMessage): string => (socket as { clientAddress?: string }).clientAddress ?? LOCAL;

function prefixAnswer({ answers = {} }: ListenerProfile, path: string) {
  const prefix = Object.keys(answers).find((key) => key.endsWith('*') && path.startsWith(key.slice(0, -1)));
  return prefix === undefined ? undefined : answers[prefix];
}

const textAnswer = (status: number, type: string, text: string): Answer => ({ status, type, body: Buffer.from(text) });

function decodedPath(url: string): string {
  const path = url.replace(/[?#].*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    // A malformed escape is served as it was sent, as web servers do for a name that is not there.
    return path;
  }
}
