import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, afterEach } from 'vitest';
import { DesktopProgram, DesktopScreen, type DesktopOptions } from '#test/harness/desktop';
import { ensureBuilt, Home } from '#test/harness/program';

interface WindowFacts {
  options: { webPreferences: Record<string, unknown>; x: number; y: number; width: number; height: number };
  isVisible: boolean;
  focused: number;
  backgroundColor: string;
  url: string;
}

let screen: DesktopScreen;
let home: Home;
const programs: DesktopProgram[] = [];

beforeAll(async () => {
  await ensureBuilt('desktop', 'window', 'host');
  screen = await DesktopScreen.open();
});
afterAll(() => screen[Symbol.asyncDispose]());

beforeEach(async () => {
  home = await Home.create();
  // A context that nobody opens: the program starts no sandbox cluster of its own.
  await writeFile(home.kubeconfig, someKubeconfig);
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

function start(options?: DesktopOptions): DesktopProgram {
  const program = new DesktopProgram(home, screen, options);
  programs.push(program);
  return program;
}

const windowsOf = (program: DesktopProgram) => program.ask<WindowFacts[]>('windows');

async function opened(program: DesktopProgram): Promise<WindowFacts> {
  await expect.poll(async () => (await windowsOf(program))[0]?.isVisible, { timeout: 30_000 }).toBe(true);
  const [window] = await windowsOf(program);
  return window!;
}

describe('the desktop program', () => {
  it('opens one locked-down window on its own page, which reaches the host through its port', async () => {
    const program = start();
    const window = await opened(program);
    expect(window.url).toBe('app://pilothouse/?host=desktop');
    expect(window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
    });
    const page = await screen.page();
    await page.getByText('prod-eu').first().waitFor();
    expect(await page.evaluate(() => 'require' in globalThis || 'process' in globalThis)).toBe(false);
  });

  it('serves its page under a strict policy', async () => {
    const program = start();
    await opened(program);
    const page = await screen.page();
    const reply = await page.evaluate(async () => {
      const { headers, status } = await fetch('/');
      return { status, policy: headers.get('content-security-policy') };
    });
    expect(reply.policy).toContain("default-src 'none'");
    expect(reply.policy).toContain("script-src 'self'");
    const missing = await page.evaluate(async () => (await fetch('/../package.json')).status);
    expect(missing).toBe(404);
  });

  it('finds its way back to the host after a reload', async () => {
    const program = start();
    await opened(program);
    const page = await screen.page();
    await page.getByText('prod-eu').first().waitFor();
    await page.reload();
    await page.getByText('prod-eu').first().waitFor();
    expect(await windowsOf(program)).toHaveLength(1);
  });

  it('goes nowhere, and opens only web addresses outside', async () => {
    const program = start();
    await opened(program);
    const page = await screen.page();
    await page.evaluate(() => location.assign('https://example.com/away'));
    await page.evaluate(() => window.open('https://example.com/docs'));
    await page.evaluate(() => window.open('file:///etc/passwd'));
    await page.evaluate(() => window.open('smb://host/share'));
    await expect.poll(() => program.ask('openedOutside')).toEqual(['https://example.com/docs']);
    expect((await windowsOf(program)).map(({ url }) => url)).toEqual(['app://pilothouse/?host=desktop']);
  });

  it('grants the page nothing but writing to the clipboard', async () => {
    const program = start();
    await opened(program);
    const asked: [permission: string, url: string, allowed: boolean][] = [
      ['clipboard-sanitized-write', 'app://pilothouse/', true],
      ['clipboard-sanitized-write', 'https://example.com/', false],
      ['clipboard-read', 'app://pilothouse/', false],
      ['notifications', 'app://pilothouse/', false],
      ['geolocation', 'app://pilothouse/', false],
      ['media', 'app://pilothouse/', false],
    ];
    for (const [permission, url, allowed] of asked) {
      const answer = await program.ask('permission', { permission, url });
      expect({ permission, url, answer }).toEqual({ permission, url, answer: { check: allowed, request: allowed } });
    }
  });

  it('is there once: a second start brings the first window to the front', async () => {
    const first = start();
    const before = await opened(first);
    const second = start();
    expect(await second.ended).toMatchObject({ code: 0 });
    await expect.poll(async () => (await opened(first)).focused).toBe(before.focused + 1);
    expect(await windowsOf(first)).toHaveLength(1);
  });

  it('opens again where it was closed, unless that display is gone', async () => {
    const place = { x: 1700, y: 100, width: 1000, height: 700 };
    const two = [
      { x: 0, y: 0, width: 1600, height: 1000 },
      { x: 1600, y: 0, width: 1600, height: 1000 },
    ];
    const first = start({ displays: two });
    await opened(first);
    await first.ask('move', { bounds: place });
    await first.quit();

    const second = start({ displays: two });
    expect((await opened(second)).options).toMatchObject(place);
    await second.quit();

    const third = start({ displays: two.slice(0, 1) });
    expect((await opened(third)).options).toMatchObject({ x: 80, y: 50, width: 1440, height: 900 });
  });

  it('ends with its last window, and leaves nothing behind that holds it', async () => {
    const program = start();
    await opened(program);
    await program.ask('closeWindow');
    expect(await program.ended).toMatchObject({ code: 0, err: '' });
  });

  it('has a native menu that presses the keys of the page', async () => {
    const program = start();
    await opened(program);
    const menu = await program.ask<{ path: string[]; accelerator?: string; role?: string }[]>('menu');
    expect(menu.map(({ path }) => path.join(' > '))).toContain('&File > Go to anything…');
    expect(menu.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['about', 'quit', 'reload', 'zoomIn', 'zoomOut', 'resetZoom', 'togglefullscreen']),
    );
    const page = await screen.page();
    await page.getByText('prod-eu').first().waitFor();
    await program.ask('clickMenu', { id: 'palette' });
    await page.getByRole('dialog').waitFor();
  });

  it('speaks the language of the system in its menu', async () => {
    const program = start({ locale: 'zh-CN' });
    await opened(program);
    const menu = await program.ask<{ path: string[] }[]>('menu');
    expect(menu.map(({ path }) => path.join(' > '))).toContain('文件(&F) > 转到任意对象…');
  });

  it('takes on the theme that was chosen before', async () => {
    const state = join(home.folder, 'pilothouse');
    const program = start();
    await opened(program);
    expect(await program.ask('theme')).toBe('system');
    await program.quit();
    const preferences = join(state, 'preferences.json');
    const kept = JSON.parse(await readFile(preferences, 'utf8').catch(() => '{}')) as object;
    await writeFile(preferences, JSON.stringify({ ...kept, theme: 'dark' }));
    const again = start();
    expect((await opened(again)).backgroundColor).toBe('#0b0e13');
    expect(await again.ask('theme')).toBe('dark');
  });
});

const someKubeconfig = `apiVersion: v1
kind: Config
clusters:
  - name: prod-eu
    cluster: { server: https://127.0.0.1:1 }
users:
  - name: ada
    user: { token: none }
contexts:
  - name: prod-eu
    context: { cluster: prod-eu, user: ada }
`;
