import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSandbox, type SandboxOptions } from '#main/sandbox/index';
import { runKubectl } from '#test/harness/kubectl';
import { programPath } from '../reference/binaries';
import { startReference, stopReference } from '../reference/control-plane';
import { playedNode } from '../reference/played-node';
import type { Log, TriedServer } from './client';

export interface OpenedServer extends TriedServer, AsyncDisposable {}

const NODES = 2;

/** A fresh sandbox cluster in this process. */
export async function openTriedSandbox(options: Partial<SandboxOptions> = {}): Promise<OpenedServer> {
  const cluster = await openSandbox({ name: 'clients', nodes: NODES, scenario: 'empty', seed: 5, ...options });
  await cluster.ready();
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-clients-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, cluster.kubeconfig());
  return {
    name: 'sandbox',
    kubeconfig,
    isLive: true,
    folder,
    async [Symbol.asyncDispose]() {
      await cluster.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A fresh reference with nodes of the same names, played by kwok. */
export async function openTriedReference(log: Log): Promise<OpenedServer> {
  await stopReference();
  const { kubeconfig } = await startReference(log);
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-clients-'));
  const manifest = Array.from({ length: NODES }, (_, at) => playedNode(`node-${at + 1}`));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifest });
  const binary = programPath('kubectl');
  await runKubectl(['create', '-f', '-'], { kubeconfig, binary, input });
  await runKubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s'], { kubeconfig, binary });
  return {
    name: 'reference',
    kubeconfig,
    isLive: false,
    folder,
    async [Symbol.asyncDispose]() {
      await stopReference();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
