/** The clients that are built from their modules, at the versions that are tried. */
import { buildKubernetesProgram, buildModuleProgram } from '../reference/binaries';
import { builtOnce } from './built-once';

export type Log = (line: string) => void;

/** What the page says of a client: its name and version. */
export interface Release {
  name: string;
  version: string;
}

export const HELM_4: Release = { name: 'helm', version: 'v4.3.1' };
export const HELM_3: Release = { name: 'helm', version: 'v3.22.0' };
export const K9S: Release = { name: 'k9s', version: 'v0.50.16' };
/** The two minors before the one that the sandbox imitates: what a cluster has to serve. */
export const OLDER_KUBECTLS: readonly Release[] = [
  { name: 'kubectl', version: 'v1.35.4' },
  { name: 'kubectl', version: 'v1.34.4' },
];

export function helm(release: Release, log: Log): Promise<string> {
  const [major] = release.version.split('.');
  const module = `helm.sh/helm/${major}`;
  return builtOnce({ ...release, log }, (cwd, output) =>
    buildModuleProgram({ module, version: release.version, path: `${module}/cmd/helm` }, cwd, output),
  );
}

export function k9s(log: Log): Promise<string> {
  const module = 'github.com/derailed/k9s';
  return builtOnce({ ...K9S, log }, (cwd, output) =>
    buildModuleProgram({ module, version: K9S.version, path: module }, cwd, output),
  );
}

export const olderKubectl = (release: Release, log: Log): Promise<string> =>
  builtOnce({ ...release, log }, (cwd, output) => buildKubernetesProgram(release.name, cwd, output, release.version));
