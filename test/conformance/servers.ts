import { readFile } from 'node:fs/promises';
import { seededRandom } from '#common/base/random';
import { systemClock } from '#main/base/system-clock';
import { createApiServer } from '#main/sandbox/apiserver/server';
import { kubeconfigText } from '#main/sandbox/kubeconfig-text';
import { startReference, stopReference } from '../reference/control-plane';
import { serverOf, type ConformanceServer } from './server';

/** The sandbox's API server alone: without controllers its objects stand still, as those of the reference do. */
export async function openSandboxServer(): Promise<ConformanceServer> {
  const server = await createApiServer({
    clock: systemClock,
    random: seededRandom(1),
    nodes: () => undefined,
    frozen: true,
  });
  const { url } = await server.listen(0);
  return serverOf({ name: 'sandbox', patienceMs: 10_000 }, kubeconfigText('sandbox', url, server.certificates), () =>
    server.close(),
  );
}

/** A fresh kube-apiserver with its etcd; both end with it. */
export async function openReferenceServer(log: (line: string) => void): Promise<ConformanceServer> {
  await stopReference('api');
  const { kubeconfig } = await startReference(log, 'api');
  return serverOf({ name: 'reference', patienceMs: 45_000 }, await readFile(kubeconfig, 'utf8'), () =>
    stopReference('api'),
  );
}
