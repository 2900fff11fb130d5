import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChromium } from '#test/harness/browser';
import { findKubectl, runKubectl } from '#test/harness/kubectl';
import { Home, WebProgram } from '#test/harness/program';

/** The main job as a newcomer does it: an empty home, one command, a living cluster in a browser. */
const kubectl = findKubectl();
const SIZE = { width: 1280, height: 800 };

let home: Home;
let program: WebProgram;
let browser: Browser;
let page: Page;
const troubles: string[] = [];

beforeAll(async () => {
  home = await Home.create();
  browser = await openChromium();
  program = await WebProgram.start(home);
  page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
  await home?.[Symbol.asyncDispose]();
});

const rows = () => page.locator('[role=row][data-name]');
const row = (name: RegExp) => rows().filter({ hasText: name });

async function showKind(name: string): Promise<void> {
  await page
    .locator('nav.side')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
}

describe('the main job', () => {
  it('shows a living sandbox cluster from an empty home', async () => {
    await page.goto(program.url);
    await row(/^shop-/)
      .first()
      .waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.title()).toBe('Pods in sandbox – Pilothouse');
  });

  it('shows the details of a Pod with its events, YAML and describe', async () => {
    await row(/^shop-/)
      .first()
      .click();
    const detail = page.locator('section.detail');
    await detail.getByRole('heading', { name: 'Containers' }).waitFor();
    await detail.getByRole('tab', { name: 'YAML' }).click();
    await detail.getByText('apiVersion').first().waitFor();
    await detail.getByRole('tab', { name: 'Describe' }).click();
    await detail.getByText(/^Name:\s+shop-/).waitFor();
    await page.keyboard.press('Escape');
  });

  it('follows real kubectl scaling a Deployment from 2 to 40', { skip: !kubectl }, async () => {
    const kubeconfig = join(home.folder, 'sandbox.yaml');
    await home.run('sandbox', 'start', 'sandbox', '--write-kubeconfig', kubeconfig);
    const run = (...args: string[]) => runKubectl(args, { kubeconfig });
    await run('create', 'deployment', 'crowd', '--image=nginx:1.27', '--replicas=2');
    await run('rollout', 'status', 'deployment/crowd', '--timeout=60s');
    const filter = page.getByRole('textbox', { name: 'Filter' });
    await filter.fill('crowd');
    await page.getByText(/^2 of \d+$/).waitFor();
    await run('scale', 'deployment/crowd', '--replicas=40');
    await page.getByText(/^40 of \d+$/).waitFor();
    await run('rollout', 'status', 'deployment/crowd', '--timeout=90s');
  });

  it('deletes a Pod and shows its replacement', { skip: !kubectl }, async () => {
    const victim = await rows().first().getAttribute('data-name');
    await rows().first().click();
    await page.keyboard.press('Delete');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator(`[data-name="${victim}"]`).waitFor({ state: 'detached' });
    await page.getByText(/^40 of \d+$/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Filter' }).fill('');
  });

  it('shows every first-floor kind without an error', async () => {
    for (const kind of ['Deployments', 'ReplicaSets', 'Services', 'ConfigMaps', 'Nodes', 'Namespaces', 'Events']) {
      await showKind(kind);
      await rows().first().waitFor();
    }
  });

  it('has nothing for axe to find, in both themes', async () => {
    const axe = createRequire(import.meta.url).resolve('axe-core');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await showKind('Pods');
      await page.getByRole('columnheader', { name: 'Restarts' }).waitFor();
      // The forty of the crowd may stand before what is looked for.
      await page.getByRole('textbox', { name: 'Filter' }).fill('shop');
      await row(/^shop-/)
        .first()
        .click();
      // The tab that was last chosen stays chosen.
      await page.locator('section.detail').getByRole('tab', { name: 'Summary' }).click();
      await page.locator('section.detail').getByRole('heading', { name: 'Containers' }).waitFor();
      await page.evaluate(await import('node:fs').then(({ readFileSync }) => readFileSync(axe, 'utf8')));
      const found = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } };
        const { violations } = await axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      expect(found, colorScheme).toEqual([]);
    }
  });

  it('said nothing in the console that a person would have to look into', () => {
    expect(troubles).toEqual([]);
  });
});

interface AxeViolation {
  id: string;
  nodes: { html: string }[];
}
