import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Problem } from '#common/base/errors';
import { openChromium } from '#test/harness/browser';
import { runKubectl } from '#test/harness/kubectl';
import { ensureBuilt, Home, WebProgram } from '#test/harness/program';
import { programPath } from './binaries';
import { startReference, stopReference } from './control-plane';
import { playedNode } from './played-node';

type Log = (line: string) => void;

const NODES = 10;
const DEPLOYMENTS = [
  'cart',
  'catalogue',
  'checkout',
  'payments',
  'search',
  'shipping',
  'stock',
  'web',
  'mail',
  'reports',
];
const REPLICAS = 100;
const PODS = DEPLOYMENTS.length * REPLICAS;
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

/** Opens the built window on the reference with a thousand Pods, checks its count, and takes pictures into a folder. */
export async function showWindow(folder: string, log: Log): Promise<void> {
  await ensureBuilt('window', 'host');
  await stopReference();
  const { kubeconfig } = await startReference(log);
  try {
    await furnish(kubeconfig, log);
    await using home = await Home.create();
    await writeFile(home.kubeconfig, await readFile(kubeconfig, 'utf8'));
    await using program = await WebProgram.start(home);
    await using browser = await openChromium();
    const page = await browser.newPage({ viewport: SIZES[0] });
    await page.goto(program.url);
    await showPods(page);
    await compareCounts(page, kubeconfig);
    await takePictures(page, folder, log);
  } finally {
    await stopReference();
  }
}

async function furnish(kubeconfig: string, log: Log): Promise<void> {
  log(`making ${NODES} nodes and ${PODS} Pods`);
  const items = [
    ...Array.from({ length: NODES }, (_, at) => playedNode(`node-${String(at + 1).padStart(2, '0')}`)),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    ...DEPLOYMENTS.map(deployment),
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(kubeconfig, ['create', '-f', '-'], input);
  for (const name of DEPLOYMENTS) {
    await kubectl(kubeconfig, ['rollout', 'status', `deployment/${name}`, '-n', 'shop', '--timeout=300s']);
  }
}

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    replicas: REPLICAS,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: `registry.test/${name}:1.4` }] },
    },
  },
});

async function kubectl(kubeconfig: string, args: readonly string[], input?: string): Promise<string> {
  const options = { kubeconfig, binary: programPath('kubectl'), ...(input === undefined ? {} : { input }) };
  return (await runKubectl(args, options)).out;
}

async function showPods(page: Page): Promise<void> {
  await page.locator('li', { hasText: 'reference' }).getByRole('button', { name: 'Open' }).click();
  const pods = page.locator('nav.side').getByRole('button', { name: /^Pods/ });
  await pods.click();
  await page.locator('[role=row][data-name]').first().waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
}

/** What the window says beside its table against what kubectl counts. */
async function compareCounts(page: Page, kubeconfig: string): Promise<void> {
  const names = await kubectl(kubeconfig, ['get', 'pods', '--all-namespaces', '-o', 'name']);
  const expected = names.trim().split('\n').length;
  const button = page.locator('nav.side').getByRole('button', { name: /^Pods/ });
  const shown = Number(((await button.textContent()) ?? '').replaceAll(/\D/g, ''));
  if (shown !== expected) {
    throw new Problem('window-count', `The window shows ${shown} Pods where kubectl counts ${expected}.`);
  }
}

async function takePictures(page: Page, folder: string, log: Log): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const path = join(folder, `reference-pods-${colorScheme}${size === SIZES[0] ? '' : '-large'}.webp`);
      await writeFile(path, await webPicture(page));
      log(path);
    }
  }
}

async function webPicture(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 85 });
  await session.detach();
  return Buffer.from(data, 'base64');
}
