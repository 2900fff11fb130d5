import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type LaunchOptions } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const places: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [process.env['ProgramFiles'], process.env['ProgramFiles(x86)'], process.env['LocalAppData']].flatMap((base) =>
    base
      ? [join(base, 'Google/Chrome/Application/chrome.exe'), join(base, 'Microsoft/Edge/Application/msedge.exe')]
      : [],
  ),
};

/** A headless Chromium: the one of this computer, or the one that came with the packages. */
export async function openChromium(options: LaunchOptions = {}): Promise<Browser> {
  const installed = await installedChromium();
  const { executablePath, args } = installed ? { executablePath: installed, args: [] } : await packagedChromium();
  // Chromium refuses its own sandbox to root; the pages are our own.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ ...options, executablePath, args: [...args, ...asRoot, ...(options.args ?? [])] });
}

async function installedChromium(): Promise<string | undefined> {
  const asked = process.env['CHROMIUM_PATH'];
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  const candidates = [...(asked ? [asked] : []), ...onPath, ...(places[process.platform] ?? [])];
  for (const path of candidates) if (await isExecutable(path)) return path;
  return undefined;
}

/** The package unpacks its libraries only where it believes to run in a known place, which it reads when it is loaded. */
async function packagedChromium(): Promise<{ executablePath: string; args: string[] }> {
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs22.x';
  const { default: packaged } = await import('@sparticuz/chromium');
  return { executablePath: await packaged.executablePath(), args: packaged.args };
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
