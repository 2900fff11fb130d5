import { basename } from 'node:path';
import { Problem } from '#common/base/errors';
import type { ClusterSummary } from '#common/contract/clusters';
import type { ClusterId } from '#common/contract/shapes';
import { connectionOf, type Connection } from '#main/kubeconfig/connection';
import { contextsOf, serverUrl, type KubeContext } from '#main/kubeconfig/contexts';
import type { CredentialOptions } from '#main/kubeconfig/credentials/source';
import type { KubeconfigFile } from '#main/kubeconfig/entries';
import { parseKubeconfig } from '#main/kubeconfig/parse';
import { mergeKubeconfigs } from '#main/kubeconfig/read';
import type { KubeconfigWatch } from '#main/kubeconfig/watch';

/** One cluster that can be opened, or a kubeconfig file that cannot be read. */
export interface CatalogueEntry extends Pick<
  ClusterSummary,
  'id' | 'name' | 'source' | 'server' | 'user' | 'sandbox' | 'insecure'
> {
  namespace: string;
  /** Why it cannot be opened. */
  problem?: Problem;
  /** Another text whenever connecting would give something else. */
  stamp: string;
  /** How to reach it now; throws its Problem. Starts nothing. */
  connect(options: CredentialOptions): Promise<Connection>;
}

/** All clusters that are known, connected or not. */
export interface Catalogue {
  entries(): readonly CatalogueEntry[];
  find(id: ClusterId): CatalogueEntry | undefined;
  /** Called after `entries()` changed. */
  subscribe(listener: () => void): Disposable;
}

/** The sandbox clusters of this computer, as their fleet lists them. */
export interface SandboxSource {
  list(): readonly SandboxListing[];
  subscribe(listener: () => void): Disposable;
  kubeconfig(name: string, options?: { signal?: AbortSignal }): Promise<string>;
}

export interface SandboxListing {
  name: string;
  state: 'starting' | 'running' | 'stopped' | 'damaged';
  nodes?: number;
  ephemeral: boolean;
  url?: string;
  message?: string;
}

/** Sandboxes first, then the contexts in the order of their files, then files that cannot be read. */
export function createCatalogue(kubeconfig: KubeconfigWatch, sandboxes?: SandboxSource): Catalogue {
  const entries = () => {
    const listed = sandboxes?.list() ?? [];
    const { contexts, kubeconfig: merged } = kubeconfig.state;
    return [
      ...listed.map((sandbox) => sandboxEntry(sandbox, (options) => sandboxes?.kubeconfig(sandbox.name, options))),
      ...contexts.filter((context) => !listed.some((sandbox) => isSame(context, sandbox))).map(contextEntry),
      ...merged.files.flatMap(fileEntry),
    ];
  };
  return {
    entries,
    find: (id) => entries().find((entry) => entry.id === id),
    subscribe(listener) {
      const held = [kubeconfig.subscribe(listener), sandboxes?.subscribe(listener)];
      return { [Symbol.dispose]: () => held.forEach((one) => one?.[Symbol.dispose]()) };
    },
  };
}

/** A sandbox that was merged into a kubeconfig is one cluster, not two. */
function isSame({ name, cluster }: KubeContext, sandbox: SandboxListing): boolean {
  return name === sandbox.name && cluster !== undefined && cluster.server === sandbox.url;
}

function contextEntry(context: KubeContext): CatalogueEntry {
  const { name, file, namespace, cluster, user, problem } = context;
  return {
    id: `context:${name}`,
    name,
    source: file,
    ...(cluster?.server ? { server: withoutCredentials(serverUrl(cluster)) } : {}),
    ...(user?.name ? { user: user.name } : {}),
    insecure: cluster?.insecureSkipTlsVerify ?? false,
    namespace,
    ...(problem ? { problem } : {}),
    stamp: JSON.stringify([context.cluster, context.user, namespace, problem?.code]),
    connect: (options) => connectionOf(context, options),
  };
}

function fileEntry({ path, problem }: KubeconfigFile): CatalogueEntry[] {
  if (!problem) return [];
  const refuse = () => Promise.reject(problem);
  const name = basename(path);
  return [
    {
      id: `file:${path}`,
      name,
      source: path,
      insecure: false,
      namespace: '',
      problem,
      stamp: problem.message,
      connect: refuse,
    },
  ];
}

type KubeconfigOf = (options: { signal?: AbortSignal }) => Promise<string> | undefined;

function sandboxEntry(sandbox: SandboxListing, kubeconfigOf: KubeconfigOf): CatalogueEntry {
  const { name, state, nodes, ephemeral, url } = sandbox;
  const problem = state === 'damaged' ? damaged(sandbox) : undefined;
  return {
    id: `sandbox:${name}`,
    name,
    ...(url ? { server: url } : {}),
    sandbox: {
      name,
      state: state === 'starting' ? 'stopped' : state,
      ephemeral,
      ...(nodes === undefined ? {} : { nodes }),
    },
    insecure: false,
    namespace: 'default',
    ...(problem ? { problem } : {}),
    stamp: JSON.stringify([state, url]),
    async connect(options) {
      if (problem) throw problem;
      if (state !== 'running') throw stopped(sandbox);
      const text = await kubeconfigOf(options.signal ? { signal: options.signal } : {});
      return connectionOf(await onlyContext(name, text ?? ''), options);
    },
  };
}

/** The context of a kubeconfig that was handed over as text. */
async function onlyContext(name: string, text: string): Promise<KubeContext> {
  const kubeconfig = mergeKubeconfigs([parseKubeconfig(`sandbox ${name}`, text)]);
  const [context] = await contextsOf(kubeconfig);
  if (context) return context;
  throw new Problem('sandbox-failed', `The sandbox cluster "${name}" gave a kubeconfig without a context.`);
}

function stopped({ name, state }: SandboxListing): Problem {
  if (state === 'starting') return new Problem('sandbox-starting', `The sandbox cluster "${name}" is starting.`);
  return new Problem('sandbox-stopped', `The sandbox cluster "${name}" is stopped.`, { nextStep: 'Start it.' });
}

function damaged({ name, message }: SandboxListing): Problem {
  return new Problem('sandbox-damaged', message ?? `The folder of the sandbox cluster "${name}" is damaged.`, {
    nextStep: 'Its folder was kept. Create a new sandbox, or delete this one.',
  });
}

function withoutCredentials(server: string): string {
  if (!URL.canParse(server)) return server;
  const url = new URL(server);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '');
}
