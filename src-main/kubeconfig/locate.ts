import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

export interface Locations {
  paths: readonly string[];
  /** Named by $KUBECONFIG: a file that is missing is worth a word then. */
  named: boolean;
}

/** The kubeconfig files in the order they win: those of $KUBECONFIG, else `~/.kube/config`. */
export function locateKubeconfig(env: Readonly<Record<string, string | undefined>>, home = homedir()): Locations {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length === 0) return { paths: [join(home, '.kube', 'config')], named: false };
  return { paths: [...new Set(listed.map((path) => resolve(path)))], named: true };
}
