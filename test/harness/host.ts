import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '#common/base/scope';
import { createApi } from '#common/contract/api';
import { contract, type PilothouseApi } from '#common/contract/contract';
import { serve } from '#common/contract/serve';
import type { HostFrame, WindowFrame } from '#common/contract/wire';
import { composeHost } from '#main/app/compose';
import type { SandboxCluster, SandboxOptions } from '#main/sandbox/index';
import type { SandboxFleet } from '#main/services/sandboxes/fleet';
import { memoryChannels } from '#test/contracts/memory-channel';

type OpenSandbox = (options: SandboxOptions) => Promise<SandboxCluster>;
const sandbox: { openSandbox?: OpenSandbox } = await import('#main/sandbox/index');

/** Undefined in a build whose sandbox cannot be opened. */
export const { openSandbox } = sandbox;

/** The whole host on one sandbox cluster, which it reaches through a kubeconfig file, as a window sees it. */
export interface TestHost extends AsyncDisposable {
  api: PilothouseApi;
  /** `context:NAME` */
  cluster: string;
  /** Of the kubeconfig file. */
  kubeconfig: string;
  /** Removed with everything else. */
  folder: string;
}

/** No sandboxes of this computer: tests bring their own cluster. */
const noFleet = {
  list: () => [],
  subscribe: () => ({ [Symbol.dispose]: () => undefined }),
  scenarios: () => Promise.resolve([]),
} as unknown as SandboxFleet;

export async function openTestHost(options: Omit<SandboxOptions, 'name'> = {}): Promise<TestHost> {
  if (!openSandbox) throw new Error('the sandbox cannot be opened in this build');
  const name = 'host-test';
  const cluster = await openSandbox({ name, nodes: 2, scenario: 'empty', seed: 7, ...options });
  await cluster.ready();
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-host-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, cluster.kubeconfig());
  const scope = new Scope('test host');
  const { handlers } = await composeHost({
    info: { version: '0.0.0', host: 'browser', platform: 'linux' },
    stateFolder: folder,
    fleet: noFleet,
    scope,
    env: { KUBECONFIG: kubeconfig },
  });
  const { left, right } = memoryChannels<WindowFrame, HostFrame>();
  serve(contract, handlers, right);
  return {
    api: createApi(contract, left),
    cluster: `context:${name}`,
    kubeconfig,
    folder,
    async [Symbol.asyncDispose]() {
      left.close();
      await scope.close();
      await cluster.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The first item that `accepts` takes; the stream is left then. */
export async function firstOf<T>(stream: AsyncIterable<T>, accepts: (item: T) => boolean): Promise<T> {
  for await (const item of stream) if (accepts(item)) return item;
  throw new Error('the stream ended before it told what was waited for');
}
