// The same work done by the reference, a real control plane (docs/reference.md), in the same run.
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { ApiClient } from './api-client.mjs';
import { measureApiServer } from './apiserver.mjs';
import { cpuMs, residentMb } from './sandbox.mjs';

const PREFIX = 'reference_';

/**
 * Figures of a freshly started reference under the names of the sandbox's, with `reference_` before them. CPU is that of
 * its API server and etcd, memory that of everything it runs. kwok plays no node of this: binding is where it ends.
 */
export async function measureReference(root) {
  const { module: reference } = await runnerImport(join(root, 'test/reference/control-plane.ts'), {
    oxc: { target: 'node20' },
  });
  await reference.stopReference();
  const started = performance.now();
  const { kubeconfig, pids } = await reference.startReference((line) => process.stderr.write(`${line}\n`));
  const answer_ms = performance.now() - started;
  const client = ApiClient.fromKubeconfig(kubeconfig);
  try {
    await accountsExist(client);
    const serverCpu = () => cpuMs(pids['kube-apiserver']) + cpuMs(pids.etcd);
    const figures = await measureApiServer(client, process.platform === 'linux' ? serverCpu : () => undefined);
    const resident_mb = Object.values(pids).reduce((sum, pid) => sum + residentMb(pid), 0);
    return prefixed({ answer_ms, ...figures, resident_mb });
  } finally {
    client.close();
    await reference.stopReference();
  }
}

/** The controllers take some seconds to start; a namespace has its account when they did. */
async function accountsExist(client) {
  for (;;) {
    const { status } = await client.send('GET', '/api/v1/namespaces/default/serviceaccounts/default');
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const prefixed = (figures) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [PREFIX + name, value]));
