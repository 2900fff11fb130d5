import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { openChromium } from '#test/harness/browser';
import { Home, WebProgram } from '#test/harness/program';

/** A cluster of somebody else's, reached through a kubeconfig file only. */
let browser: Browser;
let theirs: Home;
let ours: Home;
let program: WebProgram;

beforeAll(async () => {
  browser = await openChromium();
  theirs = await Home.create();
  ours = await Home.create();
  await theirs.run('sandbox', 'start', 'shop', '--ephemeral', '--nodes', '2', '--write-kubeconfig', ours.kubeconfig);
  program = await WebProgram.start(ours);
});

afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
  await theirs?.[Symbol.asyncDispose]();
  await ours?.[Symbol.asyncDispose]();
});

describe('a cluster of a kubeconfig', () => {
  it('is only a context until a person opens it, then shows its Pods', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(program.url);
    await page.getByText('Kubeconfig contexts').waitFor();
    expect(await page.locator('li', { hasText: 'shop' }).textContent()).toContain('Not connected');
    await page.locator('li', { hasText: 'shop' }).getByRole('button', { name: 'Open' }).click();
    await page.locator('[role=row][data-name^="shop-"]').first().waitFor();
    expect(await page.locator('nav.side header').textContent()).toContain('shop');
  });
});
