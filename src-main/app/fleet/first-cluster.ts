import { locateKubeconfig } from '#main/kubeconfig/locate';
import { readKubeconfig } from '#main/kubeconfig/read';
import type { SandboxFleet } from '#main/services/sandboxes/fleet';
import { DEFAULT_NODES, DEFAULT_SCENARIO } from './new-sandbox';

/** What a program without any cluster begins with. */
const FIRST = { name: 'sandbox', nodes: DEFAULT_NODES, scenario: DEFAULT_SCENARIO, ephemeral: false };

export interface FirstCluster {
  /** The cluster to open first. */
  id: string;
  /** Resolves when it runs; rejects with the reason why it does not. */
  started: Promise<void>;
}

/** Where no kubeconfig has a context, a sandbox cluster is started or opened again, so that the first screen lives. */
export async function startFirstCluster(
  fleet: SandboxFleet,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FirstCluster | undefined> {
  const { contexts } = await readKubeconfig(locateKubeconfig(env));
  if (contexts.size > 0) return undefined;
  const isThere = fleet.list().some(({ name }) => name === FIRST.name);
  const started = isThere ? fleet.start(FIRST.name) : fleet.create(FIRST);
  return { id: `sandbox:${FIRST.name}`, started: started.then(() => undefined) };
}
