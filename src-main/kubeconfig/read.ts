import { readFile } from 'node:fs/promises';
import { messageOf, Problem } from '#common/base/errors';
import type { Kubeconfig, KubeconfigFile } from './entries';
import type { Locations } from './locate';
import { parseKubeconfig } from './parse';

/** Reads every file of the list and merges them as kubectl does: the first to name a thing wins. Never rejects. */
export async function readKubeconfig({ paths, named }: Locations): Promise<Kubeconfig> {
  const files = await Promise.all(paths.map((path) => readOne(path, named)));
  return mergeKubeconfigs(files);
}

export function mergeKubeconfigs(files: readonly KubeconfigFile[]): Kubeconfig {
  const currentContext = files.find((file) => file.currentContext)?.currentContext;
  return {
    files,
    clusters: firstByName(files.flatMap((file) => file.clusters)),
    users: firstByName(files.flatMap((file) => file.users)),
    contexts: firstByName(files.flatMap((file) => file.contexts)),
    ...(currentContext ? { currentContext } : {}),
  };
}

async function readOne(path: string, named: boolean): Promise<KubeconfigFile> {
  try {
    return parseKubeconfig(path, await readFile(path, 'utf8'));
  } catch (failure) {
    const nothing = { path, clusters: [], users: [], contexts: [] };
    const isMissing = failure instanceof Error && 'code' in failure && failure.code === 'ENOENT';
    // Without $KUBECONFIG there need not be a file: that is a fresh machine, not a mistake.
    if (isMissing && !named) return nothing;
    return { ...nothing, problem: isMissing ? missing(path) : unreadable(path, failure) };
  }
}

function firstByName<T extends { name: string }>(entries: readonly T[]): Map<string, T> {
  const byName = new Map<string, T>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return byName;
}

function missing(path: string): Problem {
  return new Problem('kubeconfig-missing', `The kubeconfig file ${path}, named by $KUBECONFIG, does not exist.`, {
    nextStep: 'Create it, or take it out of $KUBECONFIG.',
  });
}

function unreadable(path: string, cause: unknown): Problem {
  return new Problem('kubeconfig-unreadable', `The kubeconfig file ${path} cannot be read: ${messageOf(cause)}`, {
    nextStep: 'Check the permissions of the file.',
    cause,
  });
}
