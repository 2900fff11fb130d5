import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '#common/base/errors';
import { seededRandom } from '#common/base/random';
import { randomRequest, type FuzzRequest } from './requests';
import type { FuzzServerMessage } from './serve';

const USAGE = `usage: npm run fuzz -- [--requests N] [--minutes N] [--seed N] [--at-once N]
  --requests  how many requests are sent (20000)
  --minutes   when to stop before that
  --seed      the same seed sends the same requests (1)
  --at-once   how many are under way at a time (32)`;

const ANSWER_WITHIN_MS = 20_000;
const REPORTS = 20;
/** Examples that are shown of failures that look alike. */
const SHOWN = 20;

interface Options {
  requests: number;
  minutes: number;
  seed: number;
  atOnce: number;
}

/** Sends nonsense to an API server over its wire; answers 0 when every request got an answer that is not the server's fault. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await fuzz(optionsOf(args));
  } catch (failure) {
    console.error(messageOf(failure));
    return failure instanceof TypeError ? 2 : 1;
  }
}

function optionsOf(args: readonly string[]): Options {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { requests: text, minutes: text, seed: text, 'at-once': text },
    });
    return {
      requests: Number(values.requests ?? 20_000),
      minutes: Number(values.minutes ?? Infinity),
      seed: Number(values.seed ?? 1),
      atOnce: Number(values['at-once'] ?? 32),
    };
  } catch (failure) {
    throw new TypeError(`${messageOf(failure)}\n${USAGE}`, { cause: failure });
  }
}

async function fuzz(options: Options): Promise<number> {
  const server = await FuzzedServer.start();
  try {
    const run = new Run(server, options);
    await run.all();
    return run.report();
  } finally {
    server.stop();
  }
}

class FuzzedServer {
  readonly #child: ChildProcess;
  readonly #ready: Extract<FuzzServerMessage, { kind: 'ready' }>;
  /** Set when the process ended by itself. */
  crash: string | undefined;

  private constructor(child: ChildProcess, ready: Extract<FuzzServerMessage, { kind: 'ready' }>) {
    this.#child = child;
    this.#ready = ready;
    child.once('exit', (code, signal) => (this.crash = `the server ended with ${signal ?? code}`));
  }

  static async start(): Promise<FuzzedServer> {
    const script = join(import.meta.dirname, '../../scripts/fuzz.mjs');
    const child = fork(script, ['--serve'], { execArgv: ['--expose-gc'] });
    const [message] = (await once(child, 'message')) as [FuzzServerMessage];
    if (message.kind !== 'ready') throw new Error('the server did not start');
    return new FuzzedServer(child, message);
  }

  connect(): ClientHttp2Session {
    const { url, ...tls } = this.#ready;
    const session = connect(url, { ...tls, maxSessionMemory: 300 });
    session.on('error', () => undefined);
    return session;
  }

  /** Megabytes after a collection of garbage: of the process, of its heap, and of buffers beside it. */
  async memory(): Promise<{ rss: number; heap: number; buffers: number }> {
    this.#child.send('memory');
    const [message] = (await once(this.#child, 'message')) as [FuzzServerMessage];
    if (message.kind !== 'memory') throw new Error('the server did not tell its memory');
    const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
    const { rss, heapUsed, external } = message;
    return { rss: megabytes(rss), heap: megabytes(heapUsed), buffers: megabytes(external) };
  }

  stop(): void {
    this.#child.removeAllListeners('exit');
    if (this.#child.connected) this.#child.disconnect();
  }
}

interface Answer {
  status: number;
  body: string;
}

/** Failures that look alike. */
interface Failure {
  example: string;
  count: number;
}

class Run {
  readonly #server: FuzzedServer;
  readonly #options: Options;
  readonly #random;
  readonly #counts = new Map<number, number>();
  readonly #failures = new Map<string, Failure>();
  readonly #started = performance.now();
  #session: ClientHttp2Session;
  #sent = 0;
  #slowest = { ms: 0, request: '' };

  constructor(server: FuzzedServer, options: Options) {
    this.#server = server;
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#session = server.connect();
  }

  async all(): Promise<void> {
    const { requests, atOnce } = this.#options;
    const step = Math.max(1, Math.ceil(requests / REPORTS));
    await this.#tell();
    for (let until = Math.min(step, requests); this.#sent < requests; until = Math.min(until + step, requests)) {
      await Promise.all(Array.from({ length: atOnce }, () => this.#some(until)));
      if (this.#server.crash) return;
      await this.#tell();
      if (this.#isOver) return;
    }
  }

  get #isOver(): boolean {
    return performance.now() - this.#started > this.#options.minutes * 60_000;
  }

  report(): number {
    this.#session.destroy();
    if (this.#server.crash) this.#failures.set('crash', { example: this.#server.crash, count: 1 });
    const counts = [...this.#counts].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(`${this.#sent} requests, ${counts.join(', ')}`);
    console.log(`slowest answer ${Math.round(this.#slowest.ms)} ms: ${this.#slowest.request}`);
    for (const { example, count } of [...this.#failures.values()].slice(0, SHOWN))
      console.log(`${count} times: ${example}`);
    console.log(this.#failures.size === 0 ? 'no failure' : `${this.#failures.size} kinds of failures`);
    return this.#failures.size === 0 ? 0 : 1;
  }

  async #tell(): Promise<void> {
    const { rss, heap, buffers } = await this.#server.memory();
    const seconds = (performance.now() - this.#started) / 1000;
    console.log(
      `${this.#sent} requests, ${seconds.toFixed(0)} s, ${rss} MB resident, ${heap} MB heap, ${buffers} MB buffers`,
    );
  }

  async #some(until: number): Promise<void> {
    while (this.#sent < until && !this.#server.crash && !this.#isOver) {
      this.#sent++;
      const request = randomRequest(this.#random);
      const started = performance.now();
      try {
        this.#judge(request, await this.#ask(request));
      } catch (failure) {
        this.#fail(request, messageOf(failure));
      }
      this.#timed(request, performance.now() - started);
    }
  }

  #timed(request: FuzzRequest, tookMs: number): void {
    if (tookMs <= this.#slowest.ms) return;
    this.#slowest = { ms: tookMs, request: describe(request, 100) };
  }

  #judge(request: FuzzRequest, { status, body }: Answer): void {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
    // Nobody is behind a proxy, a revision is not there yet, or a real server says 500 too, without a reason.
    const isFaithful = status === 503 || status === 504 || (status === 500 && !body.includes('InternalError'));
    if (status >= 500 && !isFaithful) this.#fail(request, `${status} ${body.slice(0, 400)}`);
  }

  /** Failures that differ in names and numbers alone are one kind. */
  #fail(request: FuzzRequest, what: string): void {
    const kind = what.replaceAll(/[0-9]+/g, '0').slice(0, 160);
    const known = this.#failures.get(kind);
    if (known) known.count++;
    else this.#failures.set(kind, { example: `${describe(request, 400)}\n  -> ${what}`, count: 1 });
  }

  #ask({ method, path, headers, bytes }: FuzzRequest): Promise<Answer> {
    if (this.#session.closed || this.#session.destroyed) this.#session = this.#server.connect();
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({ ':method': method, ':path': path, ...headers }, { endStream: false });
      const timer = setTimeout(() => {
        stream.close();
        reject(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`));
      }, ANSWER_WITHIN_MS);
      let status = 0;
      const parts: Buffer[] = [];
      stream.on('response', (got) => (status = Number(got[':status'])));
      stream.on('data', (part: Buffer) => parts.push(part));
      const settle = (problem?: Error): void => {
        clearTimeout(timer);
        if (problem) reject(problem);
        else resolve({ status, body: Buffer.concat(parts).toString('utf8') });
      };
      stream.once('end', () => settle());
      stream.once('error', settle);
      stream.once('close', () =>
        settle(status === 0 ? new Error('the stream was closed without an answer') : undefined),
      );
      stream.end(bytes);
    });
  }
}

function describe({ method, path, headers, bytes }: FuzzRequest, most: number): string {
  const sent = bytes
    .subarray(0, most)
    .toString('latin1')
    .replaceAll(/[^ -~]/g, '?');
  return `${method} ${path} ${JSON.stringify(headers)} ${bytes.length} bytes\n  ${sent}`;
}
