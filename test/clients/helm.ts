import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programPath } from '../reference/binaries';
import type { Client, TriedServer } from './client';
import { CommandLine } from './command-line';
import { helm, HELM_3, HELM_4, type Release } from './programs';

const CHART = join(import.meta.dirname, 'chart');

const helmClient = (name: string, release: Release, rollBackOnFailure: string): Client => ({
  name,
  title: `helm ${release.version}`,
  does: 'install, test, upgrade, history, rollback, an upgrade that fails and is rolled back, a release whose Secret is nearly as large as one may be, list, uninstall',
  async prepare(log) {
    const program = await helm(release, log);
    return (server) => tryHelm(new HelmTrial(program, server, name), rollBackOnFailure);
  },
});

export const helm4 = helmClient('helm-4', HELM_4, '--rollback-on-failure');
export const helm3 = helmClient('helm-3', HELM_3, '--atomic');

class HelmTrial {
  readonly helm: CommandLine;
  readonly kubectl: CommandLine;
  readonly namespace: string;
  readonly #folder: string;

  constructor(program: string, { kubeconfig, folder }: TriedServer, namespace: string) {
    const home = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
    this.namespace = namespace;
    this.#folder = folder;
    const env = { ...home, KUBECONFIG: kubeconfig, HELM_NAMESPACE: namespace };
    this.helm = new CommandLine('helm', program, { env });
    this.kubectl = new CommandLine('kubectl', programPath('kubectl'), { env });
    // One transcript, in the order of the calls.
    this.kubectl.lines = this.helm.lines;
  }

  /** A copy of the chart with a file of `bytes` that cannot be compressed, as what releases hold is. */
  async chart(bytes = 0): Promise<string> {
    const folder = join(await mkdtemp(join(this.#folder, 'chart-')), 'shop');
    await cp(CHART, folder, { recursive: true });
    await mkdir(join(folder, 'files'));
    await writeFile(join(folder, 'files', 'noise'), noise(bytes));
    return folder;
  }
}

async function tryHelm(trial: HelmTrial, rollBackOnFailure: string): Promise<string[]> {
  const { helm, kubectl, namespace } = trial;
  const here = ['-n', namespace];
  const chart = await trial.chart();
  // Paths and times of this run are not part of what is compared.
  const run = (...args: string[]) =>
    helm.run(args, { without: /^\S*(LAST DEPLOYED|chart-)|^Last (Started|Completed)/ });
  const wait = ['--wait', '--timeout', '90s'];
  const at = { cwd: chart };
  await helm.run(['install', 'shop', '.', '--create-namespace', ...wait], { ...at, without: /LAST DEPLOYED|level=/ });
  // Kinds stand there in no order.
  await helm.run(['status', 'shop'], { without: /LAST DEPLOYED/, isUnordered: true });
  await run('get', 'manifest', 'shop');
  await run('test', 'shop');
  await helm.run(['upgrade', 'shop', '.', '--set', 'message=again,replicas=3', ...wait], {
    ...at,
    without: /LAST DEPLOYED|level=/,
  });
  await kubectl.run(['get', 'deployment,configmap,cart,serviceaccount,role,job', '-o', 'name', ...here]);
  await run('get', 'values', 'shop');
  await run('history', 'shop');
  await run('rollback', 'shop', '1', ...wait);
  await kubectl.run(['get', 'deployment', 'shop', '-o', 'jsonpath={.spec.replicas} {.status.readyReplicas}', ...here]);
  await kubectl.run(['get', 'configmap', 'shop', '-o', 'jsonpath={.data.message}', ...here]);
  const broken = ['upgrade', 'shop', '.', '--set', 'broken=true', rollBackOnFailure, '--timeout', '10s'];
  await helm.run(broken, { ...at, without: /level=|^I\d{4}/ });
  await run('history', 'shop');
  await kubectl.run(['get', 'deployment', 'shop', '-o', 'jsonpath={.spec.replicas} {.status.readyReplicas}', ...here]);
  await large(trial);
  await run('list');
  await run('uninstall', 'shop', ...wait);
  await run('uninstall', 'large', ...wait);
  await run('list', '--all');
  await kubectl.run(['get', 'all,configmap,secret,cart', ...here, '-o', 'name']);
  await kubectl.quietly(['delete', 'namespace', namespace]);
  await kubectl.quietly(['delete', 'crd', 'carts.shop.test']);
  return helm.lines;
}

/** Bytes of noise that make a release's Secret about 1 MB of data, where 1 MiB is the most it may be. */
const LARGE = 740_000;
const TOO_LARGE = 900_000;

async function large(trial: HelmTrial): Promise<void> {
  const { helm, kubectl, namespace } = trial;
  const install = async (bytes: number) =>
    helm.run(['install', 'large', '.', '--no-hooks', '--replace'], {
      cwd: await trial.chart(bytes),
      without: /LAST DEPLOYED|level=/,
    });
  await install(LARGE);
  const secrets = ['get', 'secret', 'sh.helm.release.v1.large.v1', '-n', namespace, '-o'];
  const { out } = await kubectl.quietly([...secrets, 'jsonpath={.data.release}']);
  helm.lines.push(`a release of ${Math.round((out.length * 3) / 4 / 100_000) / 10} MB`);
  await helm.run(['upgrade', 'large', '.'], { cwd: await trial.chart(TOO_LARGE), without: /LAST DEPLOYED|level=/ });
}

/** The same bytes in every run. */
function noise(bytes: number): string {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes; at += 32) parts.push(createHash('sha256').update(String(at)).digest());
  return Buffer.concat(parts).toString('base64').slice(0, bytes);
}
