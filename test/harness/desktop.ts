import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { openChromium } from '#test/harness/browser';
import { finished, freePort, root, type Finished, type Home } from '#test/harness/program';

export interface DesktopOptions {
  /** Work areas of the displays. */
  displays?: { x: number; y: number; width: number; height: number }[];
  dark?: boolean;
  locale?: string;
}

/** A Chromium in which the windows of desktop programs open as pages. */
export class DesktopScreen implements AsyncDisposable {
  static async open(): Promise<DesktopScreen> {
    const port = await freePort();
    const owner = await openChromium({ args: [`--remote-debugging-port=${port}`] });
    const address = `http://127.0.0.1:${port}`;
    return new DesktopScreen(owner, await chromium.connectOverCDP(address), address);
  }
  readonly address: string;
  readonly #owner: Browser;
  readonly #view: Browser;

  private constructor(owner: Browser, view: Browser, address: string) {
    this.#owner = owner;
    this.#view = view;
    this.address = address;
  }

  /** The page of the window that shows the program. */
  async page(): Promise<Page> {
    const [context] = this.#view.contexts();
    const isWindow = (page: Page) => page.url().includes('.app.test/');
    for (;;) {
      const page = context?.pages().find(isWindow);
      if (page) return page;
      await new Promise((turn) => setTimeout(turn, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#view.close();
    await this.#owner.close();
  }
}

/** The built desktop bundle, running against the stand-in for `electron`. */
export class DesktopProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly ended: Promise<Finished>;
  #lastId = 0;

  constructor(home: Home, screen: DesktopScreen, options: DesktopOptions = {}) {
    const register = pathToFileURL(join(root, 'test/desktop/stand-in/register.mjs')).href;
    this.#child = fork(join(root, 'out/main/electron.js'), {
      execArgv: ['--import', register],
      silent: true,
      env: {
        ...home.env,
        STAND_IN_CHROMIUM: screen.address,
        STAND_IN_DISPLAYS: JSON.stringify(options.displays ?? [{ x: 0, y: 0, width: 1600, height: 1000 }]),
        STAND_IN_DARK: options.dark ? '1' : '0',
        STAND_IN_LOCALE: options.locale ?? 'en-US',
      },
    });
    this.ended = finished(this.#child);
  }

  /** A question of test/desktop/stand-in/control.mjs. */
  ask<T>(question: string, input?: unknown): Promise<T> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const listen = (message: { id: number; answer?: unknown; failure?: string }) => {
        if (message.id !== id) return;
        this.#child.off('message', listen);
        if (message.failure === undefined) resolve(message.answer as T);
        else reject(new Error(message.failure));
      };
      this.#child.on('message', listen);
      void this.ended.then(({ err }) => reject(new Error(`the desktop program has ended:\n${err}`)));
      this.#child.send({ id, question, input }, (failure) => failure && reject(failure));
    });
  }

  async quit(): Promise<Finished> {
    await this.ask('quit').catch(() => undefined);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.connected) await this.quit();
  }
}
