import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Problem } from '#common/base/errors';

const tmux = promisify(execFile);

const WIDTH = 200;
const HEIGHT = 50;
const WAIT_MS = 60_000;
const LOOK_MS = 200;

export async function checkTmux(): Promise<void> {
  try {
    await tmux('tmux', ['-V']);
  } catch (failure) {
    throw new Problem('no-tmux', 'tmux is not installed, in which terminal programs are tried.', {
      nextStep: 'Install tmux, or leave such clients out with --only.',
      cause: failure,
    });
  }
}

/** A program in a terminal of its own, used by keys and read by its screen. */
export class Terminal implements AsyncDisposable {
  readonly #server: string;

  private constructor(server: string) {
    this.#server = server;
  }

  static async start(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Terminal> {
    const terminal = new Terminal(`pilothouse-${process.pid}-${Date.now()}`);
    const variables = Object.entries({ ...env, TERM: 'screen-256color' }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    const size = ['-x', String(WIDTH), '-y', String(HEIGHT)];
    // The user's own settings have no part in it.
    await terminal.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, ...variables, command.map(quoted).join(' '));
    return terminal;
  }

  /** Presses keys by tmux' names: `Enter`, `Escape`, `C-d`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  async screen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p')).stdout;
  }

  /** The screen once it shows `wanted`; throws with what it shows instead. */
  async shows(wanted: RegExp | ((screen: string) => boolean), what: string): Promise<string> {
    const isShown = typeof wanted === 'function' ? wanted : (screen: string) => wanted.test(screen);
    const until = performance.now() + WAIT_MS;
    for (;;) {
      const screen = await this.screen();
      if (isShown(screen)) return screen;
      if (performance.now() > until)
        throw new Error(`the screen does not show ${what}:\n${screen.replaceAll(/\n\s*\n+/g, '\n')}`);
      await delay(LOOK_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
  }

  #tmux(...args: string[]): Promise<{ stdout: string }> {
    return tmux('tmux', ['-L', this.#server, ...args]);
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
