import { mkdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serverOf } from '#test/conformance/server';
import { openChromium } from '#test/harness/browser';
import { freePort, Home, WebProgram } from '#test/harness/program';

/** Every screen of the window: it is there, axe finds nothing in it in either theme, and it can have its picture taken. */
const pictures = process.env['PICTURES'];
const forDocs = pictures?.startsWith('docs') ?? false;
const SMALL = { width: 1280, height: 800 };
const sizes = forDocs ? [SMALL] : [SMALL, { width: 1920, height: 1080 }];

let home: Home;
let program: WebProgram;
let browser: Browser;
let page: Page;
let axe: string;

beforeAll(async () => {
  home = await Home.create();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
  browser = await openChromium();
  await home.run('sandbox', 'start', 'sandbox');
  await writeFile(home.kubeconfig, JSON.stringify(await contexts(await furnish())));
  program = await WebProgram.start(home);
  page = await browser.newPage({ viewport: SMALL });
  await page.goto(program.url);
  await openCluster('sandbox');
  await rows().first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
  await home?.[Symbol.asyncDispose]();
});

const rows = () => page.locator('[role=row][data-name]');
const row = (name: string) => page.locator(`[role=row][data-name^="${name}"]`).first();
const detail = () => page.locator('section.detail');
const tab = (name: string) => detail().getByRole('tab', { name }).click();
const press = (key: string) => page.keyboard.press(key);

/** Puts what some screens show into the cluster; answers a user who may do nothing in it. */
async function furnish(): Promise<Guest> {
  const { out } = await home.run('sandbox', 'kubeconfig', 'sandbox');
  const { clusters } = parse(out) as { clusters: [{ cluster: object }] };
  await using server = serverOf({ name: 'sandbox', patienceMs: 10_000 }, out, async () => {});
  const post = async (path: string, object: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await server.ask({ method: 'POST', path, headers, body: JSON.stringify(object) });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body as { status: { token: string } };
  };
  await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', backups);
  const spec = { schedule: '0 3 * * *', volume: 'orders' };
  for (const name of ['nightly', 'before-upgrade'])
    await post('/apis/shop.example.com/v1/namespaces/default/backups', { ...backup, metadata: { name }, spec });
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await post(accounts, { metadata: { name: 'guest' } });
  const { status } = await post(`${accounts}/guest/token`, { spec: {} });
  return { cluster: clusters[0].cluster, token: status.token };
}

interface Guest {
  cluster: object;
  token: string;
}

const backup = { apiVersion: 'shop.example.com/v1', kind: 'Backup' };
const backups = {
  metadata: { name: 'backups.shop.example.com' },
  spec: {
    group: 'shop.example.com',
    names: { plural: 'backups', singular: 'backup', kind: 'Backup' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        additionalPrinterColumns: [
          { name: 'Schedule', type: 'string', jsonPath: '.spec.schedule' },
          { name: 'Volume', type: 'string', jsonPath: '.spec.volume' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { schedule: { type: 'string' }, volume: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};

/** Contexts as people break them, each in its own way, and one that works for somebody without rights. */
async function contexts({ cluster, token }: Guest): Promise<object> {
  const port = await freePort();
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'unreachable', cluster: { server: `https://127.0.0.1:${port}` } },
      { name: 'no-file', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority': 'gone/ca.crt' } },
      { name: 'guest', cluster },
    ],
    users: [
      { name: 'somebody', user: { token: 'abc' } },
      { name: 'no-file', user: { 'client-certificate': 'gone/me.crt', 'client-key': 'gone/me.key' } },
      { name: 'guest', user: { token } },
    ],
    contexts: [
      { name: 'unreachable', context: { cluster: 'unreachable', user: 'somebody' } },
      { name: 'missing-certificate', context: { cluster: 'no-file', user: 'no-file' } },
      { name: 'dangling', context: { cluster: 'nowhere', user: 'nobody' } },
      { name: 'guest', context: { cluster: 'guest', user: 'guest' } },
    ],
  };
}

async function showKind(name: string): Promise<void> {
  await page
    .locator('nav.side')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
  await page.getByRole('columnheader', { name: 'Name', exact: true }).or(page.locator('.place')).first().waitFor();
}

async function openPod(name: string, tabName: string): Promise<void> {
  await showKind('Pods');
  await row(name).click();
  await tab(tabName);
}

async function openCluster(name: string): Promise<void> {
  await page.getByRole('button', { name: 'All clusters' }).click();
  await page.locator('li', { hasText: name }).getByRole('button', { name: 'Open' }).click();
}

/** In the order in which one leads to the next. */
const screens: Record<string, () => Promise<void>> = {
  pods: async () => {
    await row('shop-').waitFor();
    await page.getByText('Running').first().waitFor();
  },
  'pod-summary': async () => {
    await openPod('shop-', 'Summary');
    await detail().getByRole('heading', { name: 'Containers' }).waitFor();
  },
  'pod-events': async () => {
    await tab('Events');
    await detail().getByText('Scheduled').first().waitFor();
  },
  'pod-yaml': async () => {
    await tab('YAML');
    await detail().getByText('apiVersion').first().waitFor();
  },
  'pod-describe': async () => {
    await tab('Describe');
    await detail()
      .getByText(/^Name:\s+shop-/)
      .waitFor();
  },
  'pod-logs': async () => {
    await tab('Logs');
    await detail().getByText('start worker process').first().waitFor();
  },
  'pod-shell': async () => {
    await tab('Shell');
    await detail().locator('.xterm-screen').waitFor();
  },
  dock: async () => {
    await press('Escape');
    await showKind('Pods');
    await row('shop-').click();
    await tab('Summary');
    await detail().getByRole('button', { name: 'Logs' }).first().click();
    await page.locator('.dock').getByText('start worker process').first().waitFor();
  },
  deployment: async () => {
    await page
      .locator('.dock')
      .getByRole('button', { name: /^Close/ })
      .first()
      .click();
    await showKind('Deployments');
    await row('shop').click();
    await detail().getByRole('heading').first().waitFor();
  },
  'scale-dialog': async () => {
    await detail().getByRole('button', { name: 'Scale' }).click();
    await page.getByRole('dialog').getByText('The same with kubectl').waitFor();
  },
  'delete-dialog': async () => {
    await press('Escape');
    await press('Delete');
    await page.getByRole('dialog').getByText('The same with kubectl').waitFor();
  },
  'restart-dialog': async () => {
    await press('Escape');
    await detail().getByRole('button', { name: 'Restart' }).click();
    await page.getByRole('dialog').getByText('The same with kubectl').waitFor();
  },
  'yaml-refused': async () => {
    await press('Escape');
    await tab('YAML');
    await detail().getByRole('button', { name: 'Edit', exact: true }).last().click();
    await detail()
      .locator('.cm-line')
      .filter({ hasText: /^ {2}replicas: \d/ })
      .first()
      .click();
    await press('End');
    await press('Backspace');
    await page.keyboard.type('-3');
    await detail().getByRole('button', { name: 'Check' }).click();
    await detail().getByText('must be greater than or equal to 0').first().waitFor();
  },
  'yaml-diff': async () => {
    await detail().getByRole('button', { name: 'Review' }).click();
    await detail().getByRole('button', { name: 'Save' }).waitFor();
  },
  nodes: async () => {
    await detail().getByRole('button', { name: 'Back' }).click();
    await detail().getByRole('button', { name: 'Discard' }).click();
    await press('Escape');
    await press('Escape');
    await showKind('Nodes');
    await row('node-1').waitFor();
  },
  'empty-table': async () => {
    await showKind('StatefulSets');
    await page.getByText('No StatefulSets here').waitFor();
  },
  'nothing-matches': async () => {
    await showKind('Services');
    await page.getByRole('textbox', { name: 'Filter' }).fill('nothing-is-called-that');
    await page.getByText('Nothing matches the filter').waitFor();
  },
  completions: async () => {
    await page
      .getByRole('textbox', { name: 'Filter' })
      .or(page.getByRole('combobox', { name: 'Filter' }))
      .fill('n');
    await page.getByRole('option').first().waitFor();
  },
  columns: async () => {
    await page
      .getByRole('textbox', { name: 'Filter' })
      .or(page.getByRole('combobox', { name: 'Filter' }))
      .fill('');
    await press('Escape');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Age' }).waitFor();
  },
  namespaces: async () => {
    await press('Escape');
    await page.getByRole('button', { name: /^Namespaces:/ }).click();
    await page.getByRole('checkbox', { name: 'kube-system' }).waitFor();
  },
  'custom-resources': async () => {
    await press('Escape');
    await showKind('Backups');
    await row('nightly').click();
    await detail().getByText('0 3 * * *').first().waitFor();
  },
  palette: async () => {
    await press('Escape');
    await press('Control+k');
    await page.getByRole('dialog').getByRole('option').first().waitFor();
  },
  keys: async () => {
    await press('Escape');
    // In a field it is a letter like any other.
    await page.locator('nav.side header').click();
    await press('?');
    await page.getByRole('dialog').getByText('Move through the rows').waitFor();
  },
  'forward-dialog': async () => {
    await press('Escape');
    await showKind('Services');
    await row('shop').click();
    await detail().getByRole('button', { name: 'Forward' }).first().click();
    await page.getByRole('dialog').getByText('The same with kubectl').waitFor();
  },
  forwards: async () => {
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Forward|Start/ })
      .click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press('Escape');
    await page
      .getByRole('contentinfo')
      .getByRole('button', { name: /forward/ })
      .click();
    await page.getByRole('heading', { name: 'Forwards' }).or(page.getByText('127.0.0.1').first()).first().waitFor();
  },
  catalogue: async () => {
    await page.getByRole('button', { name: 'All clusters' }).click();
    await page.getByText('Kubeconfig contexts').waitFor();
  },
  'sandbox-dialog': async () => {
    await page.getByRole('button', { name: 'New sandbox cluster' }).first().click();
    await page.getByRole('dialog').getByRole('textbox').first().waitFor();
  },
  settings: async () => {
    await press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
  },
  unreachable: async () => {
    await openCluster('unreachable');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  },
  'missing-certificate': async () => {
    await page.getByRole('button', { name: 'All clusters' }).click();
    const broken = page.locator('li', { hasText: 'missing-certificate' });
    await broken.getByText(/ca\.crt .* does not exist/).waitFor();
    expect(await broken.getByRole('button', { name: 'Open' }).isDisabled()).toBe(true);
  },
  forbidden: async () => {
    await openCluster('guest');
    await page.getByText('You may not list Pods').waitFor();
    const side = page.locator('nav.side');
    expect(await side.getByRole('button', { name: /^Pods/ }).textContent()).toBe('Pods');
    expect(await side.locator('header').textContent()).not.toContain('nodes');
  },
  stale: async () => {
    await openCluster('sandbox');
    await showKind('Pods');
    await row('shop-').waitFor();
    await home.run('sandbox', 'stop', 'sandbox');
    await page.getByText(/What you see is from/).waitFor();
  },
  chinese: async () => {
    await home.run('sandbox', 'start', 'sandbox');
    page = await browser.newPage({ viewport: SMALL, locale: 'zh-CN' });
    await page.goto(program.url);
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^sandbox/ })
      .click();
    await row('shop-').click();
    await detail().getByRole('heading', { name: '容器' }).waitFor();
  },
};

describe('the screens', { timeout: 60_000 }, () => {
  it.each(Object.entries(screens))('%s', async (name, open) => {
    await open();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
      if (pictures) await takePictures(`${name}-${colorScheme}`);
      expect(await violations(), `${name} ${colorScheme}`).toEqual([]);
    }
  });
});

const complaint = /warn|error|reject/i;

describe('the program behind the screens', () => {
  it('has nothing to complain about', async () => {
    const { code, err } = await program.stop();
    expect(code).toBe(0);
    expect(err).not.toMatch(complaint);
    const logs = join(home.folder, 'pilothouse', 'logs');
    for (const name of await readdir(logs)) {
      expect(await readFile(join(logs, name), 'utf8'), name).not.toMatch(complaint);
    }
  });
});

/** For the documentation in one size and small, for looking closely in two sizes and exact. */
async function takePictures(name: string): Promise<void> {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  for (const size of sizes) {
    await page.setViewportSize(size);
    const path = join(pictures, `${name}${size === SMALL ? '' : '-large'}`);
    if (forDocs) await writeFile(`${path}.webp`, await webPicture());
    else await page.screenshot({ animations: 'disabled', path: `${path}.png` });
  }
  await page.setViewportSize(SMALL);
}

async function webPicture(): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 85 });
  await session.detach();
  return Buffer.from(data, 'base64');
}

/** What axe finds, each with the first element it stands in. What flashes or slides in has come to rest before. */
async function violations(): Promise<string[]> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    const found = await tool.run();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

interface Violation {
  id: string;
  nodes: { html: string }[];
}
