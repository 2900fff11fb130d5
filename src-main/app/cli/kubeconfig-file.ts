import { resolve } from 'node:path';
import { Problem } from '#common/base/errors';
import { readIfThere, writeAtomically } from '#main/base/files';
import { locateKubeconfig } from '#main/kubeconfig/locate';
import { parseKubeconfig } from '#main/kubeconfig/parse';
import { mergeIntoFile, removeFromFile } from '#main/kubeconfig/write';
import type { ClusterEntry } from '#main/kubeconfig/entries';

/** Writes the kubeconfig of a sandbox into a file of its own; answers its path. */
export async function writeOwnFile(file: string, kubeconfig: string): Promise<string> {
  const path = resolve(file);
  await writeAtomically(path, kubeconfig);
  return path;
}

/** Adds the context of a sandbox to the person's kubeconfig; answers the path of the file. */
export async function mergeIntoOwn(name: string, kubeconfig: string): Promise<string> {
  const path = ownKubeconfig();
  const added = clusterOf(name, parseKubeconfig('', kubeconfig));
  const present = clusterOf(name, parseKubeconfig(path, (await readIfThere(path)) ?? ''));
  // The same authority signed both: it is this sandbox as it was before it was started again.
  const isSame = added !== undefined && present?.certificateAuthorityData === added.certificateAuthorityData;
  try {
    await mergeIntoFile(path, kubeconfig, { replace: isSame });
  } catch (failure) {
    if (!(failure instanceof Problem) || failure.code !== 'context-name-taken') throw failure;
    throw new Problem(failure.code, failure.message, {
      nextStep: `Write a file of its own with --write-kubeconfig FILE, or take the old one away: kubectl config delete-context ${name}`,
      cause: failure,
    });
  }
  return path;
}

/** Takes the context of a sandbox that is gone out of the person's kubeconfig, if it is there. */
export async function forgetInOwn(name: string, url: string): Promise<void> {
  const path = ownKubeconfig();
  const text = await readIfThere(path);
  if (text !== undefined && clusterOf(name, parseKubeconfig(path, text))?.server === url) {
    await removeFromFile(path, name);
  }
}

/** Where kubectl would write a new context. */
function ownKubeconfig(): string {
  const [path = ''] = locateKubeconfig(process.env).paths;
  return path;
}

function clusterOf(name: string, file: ReturnType<typeof parseKubeconfig>): ClusterEntry | undefined {
  const context = file.contexts.find((entry) => entry.name === name);
  return file.clusters.find((entry) => entry.name === context?.cluster);
}
