import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import { systemClock } from '#main/base/system-clock';
import { watchKubeconfig } from '#main/kubeconfig/watch';
import type { SandboxCluster, SandboxOptions } from '#main/sandbox/index';
import { createCatalogue } from '#main/session/catalogue';
import { memoryProtections } from '#main/session/protection';
import { createClusterSessions } from '#main/session/sessions';
import { describeSession, SCOPE_NAME, type OpenedSession } from './session-contract';

type OpenSandbox = (options: SandboxOptions) => Promise<SandboxCluster>;
const sandbox: { openSandbox?: OpenSandbox } = await import('#main/sandbox/index');

/** A session of the current context of a kubeconfig file, as a stranger to its server opens it. */
async function openContext(path: string, name: string, alsoClose: () => Promise<void>): Promise<OpenedSession> {
  const scope = new Scope(SCOPE_NAME);
  const clock = systemClock;
  const kubeconfig = await watchKubeconfig({ paths: [path], named: true }, { clock, scope });
  const catalogue = createCatalogue(kubeconfig);
  const protections = memoryProtections();
  const random = seededRandom(1);
  const sessions = createClusterSessions({ catalogue, protections, clock, random, scope, informerGraceMs: 0 });
  const { session } = sessions.open(`context:${name}`);
  return {
    session,
    async [Symbol.asyncDispose]() {
      await scope.close();
      await alsoClose();
    },
  };
}

async function openSandboxSession(open: OpenSandbox): Promise<OpenedSession> {
  const cluster = await open({ name: 'contract', nodes: 2, scenario: 'empty', seed: 1 });
  await cluster.ready();
  const folder = await mkdtemp(join(tmpdir(), 'contract-'));
  const path = join(folder, 'config');
  await writeFile(path, cluster.kubeconfig());
  return openContext(path, 'contract', async () => {
    await cluster.close();
    await rm(folder, { recursive: true });
  });
}

const { openSandbox } = sandbox;
if (openSandbox) describeSession('a sandbox cluster', () => openSandboxSession(openSandbox));
else
  describe('a session of a sandbox cluster', () =>
    it.skip('the sandbox cannot be opened in this build', () => undefined));

// Any other cluster, chosen by whoever runs the tests: its context is written to and cleaned up again.
const [kubeconfigPath, contextName] = [process.env['CONTRACT_KUBECONFIG'], process.env['CONTRACT_CONTEXT']];
if (kubeconfigPath && contextName) {
  const containers = process.env['CONTRACT_CONTAINERS'] === 'none' ? { containers: 'the cluster has no nodes' } : {};
  const open = () => openContext(kubeconfigPath, contextName, async () => undefined);
  describeSession(`the context ${contextName}`, open, containers);
}
