import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The built program, as a person runs it: in processes of its own, with folders of its own. */

export const root = resolve(import.meta.dirname, '../..');

export interface Finished {
  code: number | null;
  out: string;
  err: string;
}

/** Brings the built program, or some parts of it, up to date; quick when it is. */
export async function ensureBuilt(...parts: ('window' | 'desktop' | 'host')[]): Promise<void> {
  const args = ['scripts/build.mjs', '--quiet', ...parts];
  const { code, err } = await finished(spawn(process.execPath, args, { cwd: root }));
  if (code !== 0) throw new Error(`the program cannot be built:\n${err}`);
}

/** Folders and environment of a person who has never started the program. */
export class Home implements AsyncDisposable {
  static async create(): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), 'pilothouse-home-')));
  }
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  get kubeconfig(): string {
    return join(this.folder, 'kubeconfig.yaml');
  }

  get env(): NodeJS.ProcessEnv {
    const { folder } = this;
    return {
      ...process.env,
      HOME: folder,
      PILOTHOUSE_HOME: join(folder, 'pilothouse'),
      PILOTHOUSE_NO_DOWNLOAD: '1',
      KUBECONFIG: this.kubeconfig,
    };
  }

  /** Starts `pilothouse …args`. */
  spawn(...args: string[]): ChildProcess {
    return spawn(process.execPath, [join(root, 'bin', 'pilothouse.js'), ...args], { env: this.env, cwd: this.folder });
  }

  /** Runs `pilothouse …args` to its end. */
  run(...args: string[]): Promise<Finished> {
    return finished(this.spawn(...args));
  }

  /** Stops every sandbox cluster that was left running, then removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { out } = await this.run('sandbox', 'list', '--json');
    const entries = out ? (JSON.parse(out) as { name: string; state: string }[]) : [];
    for (const { name, state } of entries) if (state === 'running') await this.run('sandbox', 'stop', name);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export function finished(child: ChildProcess): Promise<Finished> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (part) => (out += part));
  child.stderr?.on('data', (part) => (err += part));
  return new Promise((resolveDone, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolveDone({ code, out, err }));
  });
}

/** `pilothouse web`, running. */
export class WebProgram implements AsyncDisposable {
  static async start(home: Home, ...args: string[]): Promise<WebProgram> {
    const child = home.spawn('web', '--no-open', ...args);
    const ended = finished(child);
    const url = await new Promise<string>((resolveUrl, reject) => {
      let text = '';
      child.stdout?.on('data', (part) => {
        text += part;
        const match = /http:\/\/127\.0\.0\.1:\d+\/\?key=\S+/.exec(text);
        if (match) resolveUrl(match[0]);
      });
      void ended.then(({ err }) => reject(new Error(`pilothouse web ended:\n${err}`)));
    });
    return new WebProgram(child, url, ended);
  }
  /** Carries the key of this launch. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<Finished>;

  private constructor(child: ChildProcess, url: string, ended: Promise<Finished>) {
    this.#child = child;
    this.url = url;
    this.#ended = ended;
  }

  /** As Ctrl-C does. */
  async stop(): Promise<Finished> {
    this.#child.kill('SIGINT');
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
