// Measures the way to the first table: a person types the command in an empty home and sees a row in a browser.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { runNode } from './bare.mjs';

const TURNS = 3;

/** The best of some turns; the browser is open already, the page is new. */
export async function measureWindow({ root, home, env }) {
  const { module: harness } = await runnerImport(join(root, 'test/harness/browser.ts'));
  const browser = await harness.openChromium();
  try {
    const times = [];
    for (let turn = 0; turn < TURNS; turn++) times.push(await firstTable(browser, { root, home, env }));
    return {
      page_ms: Math.min(...times.map(({ page }) => page)),
      first_table_ms: Math.min(...times.map(({ table }) => table)),
    };
  } finally {
    await browser.close();
  }
}

async function firstTable(browser, { root, home, env: common }) {
  const own = mkdtempSync(join(home, 'window-'));
  const env = { ...common, HOME: own, PILOTHOUSE_HOME: join(own, 'pilothouse') };
  const page = await browser.newPage();
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'bin/pilothouse.js'), 'web', '--no-open'], { env });
  try {
    await page.goto(await addressFrom(child.stdout));
    const opened = performance.now() - started;
    await page.locator('[role=row][data-name]').first().waitFor();
    return { page: opened, table: performance.now() - started };
  } finally {
    await page.close();
    child.kill('SIGINT');
    await once(child, 'close');
    await runNode([join(root, 'bin/pilothouse.js'), 'sandbox', 'stop', 'sandbox'], env).catch(() => undefined);
    rmSync(own, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Goes on reading afterwards: a program whose output nobody takes would end. */
function addressFrom(stream) {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (part) => {
      text += part;
      const match = /http:\/\/127\.0\.0\.1:\d+\/\?key=\S+/.exec(text);
      if (match) resolve(match[0]);
    });
    stream.once('end', () => reject(new Error('pilothouse web ended without an address')));
  });
}
