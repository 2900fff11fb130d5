import type { Problem } from '#common/base/errors';

/** A cluster of a kubeconfig file. Paths are absolute; `file` is where the entry was written. */
export interface ClusterEntry {
  name: string;
  file: string;
  server: string;
  certificateAuthority?: string;
  /** Base64 of PEM, as written. */
  certificateAuthorityData?: string;
  insecureSkipTlsVerify: boolean;
  tlsServerName?: string;
  proxyUrl?: string;
  disableCompression: boolean;
  /** The extension `client.authentication.k8s.io/exec`, handed to plugins that ask for the cluster. */
  execConfig?: unknown;
}

/** A user of a kubeconfig file. Paths are absolute. */
export interface UserEntry {
  name: string;
  file: string;
  clientCertificate?: string;
  clientCertificateData?: string;
  clientKey?: string;
  clientKeyData?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  exec?: ExecEntry;
  authProvider?: AuthProviderEntry;
  as?: string;
  asUid?: string;
  asGroups: readonly string[];
  asUserExtra: Readonly<Record<string, readonly string[]>>;
}

/** A credential plugin (client.authentication.k8s.io). */
export interface ExecEntry {
  apiVersion: string;
  command: string;
  args: readonly string[];
  env: readonly { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo: boolean;
  interactiveMode: string;
}

export interface AuthProviderEntry {
  name: string;
  config: Readonly<Record<string, string>>;
}

export interface ContextEntry {
  name: string;
  file: string;
  cluster: string;
  user: string;
  namespace?: string;
}

/** One file of the list, as far as it could be read. */
export interface KubeconfigFile {
  path: string;
  /** Why nothing, or not everything, of it is used. */
  problem?: Problem;
  clusters: readonly ClusterEntry[];
  users: readonly UserEntry[];
  contexts: readonly ContextEntry[];
  currentContext?: string;
}

/** All files as one, the first to name a thing winning. */
export interface Kubeconfig {
  files: readonly KubeconfigFile[];
  clusters: ReadonlyMap<string, ClusterEntry>;
  users: ReadonlyMap<string, UserEntry>;
  contexts: ReadonlyMap<string, ContextEntry>;
  currentContext?: string;
}
