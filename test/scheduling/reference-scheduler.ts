/** The real scheduler beside the real API server, with the profiles of the comparison. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { anonymous } from '#main/base/credentials';
import { createHttpsCarrier } from '#main/client/carrier/https-carrier';
import type { KubeClient } from '#main/client/client';
import { createClient } from '#main/client/kube-client';
import { freePort } from '#test/harness/program';
import { cacheFolder, programPath } from '../reference/binaries';
import { startReference, stopReference } from '../reference/control-plane';
import { configuration } from './profiles';

export interface ReferenceScheduler extends AsyncDisposable {
  readonly client: KubeClient;
  /** What it said so far: scores among it. */
  log(): Promise<string>;
}

export async function openReferenceScheduler(log: (line: string) => void): Promise<ReferenceScheduler> {
  await stopReference('api');
  const { kubeconfig } = await startReference(log, 'api');
  const folder = join(cacheFolder(), 'run-scheduling');
  await mkdir(folder, { recursive: true });
  const logFile = join(folder, 'kube-scheduler.log');
  await writeFile(logFile, '');
  const configFile = join(folder, 'configuration.yaml');
  await writeFile(configFile, configurationText(kubeconfig));
  const args = [
    `--config=${configFile}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${await freePort()}`,
    `--cert-dir=${join(folder, 'made')}`,
    // Every score of every node, and nothing else.
    '--vmodule=schedule_one=10',
  ];
  const out = openSync(logFile, 'a');
  const scheduler = spawn(programPath('kube-scheduler'), args, { stdio: ['ignore', out, out] });
  const carrier = await carrierOf(kubeconfig);
  return {
    client: createClient(carrier, { fieldManager: 'comparison' }),
    log: () => readFile(logFile, 'utf8'),
    async [Symbol.asyncDispose]() {
      scheduler.kill();
      await carrier.close();
      await stopReference('api');
    },
  };
}

function configurationText(kubeconfig: string): string {
  const kinded = configuration.profiles?.map(({ pluginConfig = [], ...profile }) => ({
    ...profile,
    pluginConfig: pluginConfig.map(({ name, args }) => ({
      name,
      args: { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: `${name}Args`, ...args },
    })),
  }));
  return stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig, qps: 5000, burst: 10_000 },
    leaderElection: { leaderElect: false },
    ...configuration,
    profiles: kinded,
  });
}

async function carrierOf(kubeconfig: string) {
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8'));
  const pem = (data: string) => Buffer.from(data, 'base64').toString('utf8');
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  const credentials = { headers: {}, certificate: { cert: pem(cert), key: pem(key) } };
  return createHttpsCarrier({
    server,
    trust: { ca: pem(ca) },
    credentials: { ...anonymous, current: async () => credentials },
  });
}
