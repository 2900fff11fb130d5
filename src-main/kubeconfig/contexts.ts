import { access, constants } from 'node:fs/promises';
import { Problem } from '#common/base/errors';
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from './entries';
import { readPem } from './pem';

/** A context with what it refers to, or with what is wrong with it. */
export interface KubeContext {
  name: string;
  /** The file the context was written in. */
  file: string;
  namespace: string;
  isCurrent: boolean;
  cluster?: ClusterEntry;
  user?: UserEntry;
  /** Why it cannot be opened. */
  problem?: Problem;
}

/** Every context of `kubeconfig`, each with its own diagnosis: a broken one leaves the others alone. */
export function contextsOf(kubeconfig: Kubeconfig): Promise<KubeContext[]> {
  return Promise.all([...kubeconfig.contexts.values()].map((entry) => resolveContext(kubeconfig, entry)));
}

/** Looks at what the context refers to and at the files it names; starts nothing and connects nowhere. */
export async function resolveContext(kubeconfig: Kubeconfig, entry: ContextEntry): Promise<KubeContext> {
  const cluster = kubeconfig.clusters.get(entry.cluster);
  const user = entry.user ? kubeconfig.users.get(entry.user) : anonymousUser(entry.file);
  const problem = danglingProblem(entry, cluster, user) ?? (await firstProblem(cluster, user));
  return {
    name: entry.name,
    file: entry.file,
    namespace: entry.namespace ?? 'default',
    isCurrent: kubeconfig.currentContext === entry.name,
    ...(cluster ? { cluster } : {}),
    ...(user ? { user } : {}),
    ...(problem ? { problem } : {}),
  };
}

function anonymousUser(file: string): UserEntry {
  return { name: '', file, asGroups: [], asUserExtra: {} };
}

function danglingProblem(
  { name, file, cluster, user }: ContextEntry,
  foundCluster: ClusterEntry | undefined,
  foundUser: UserEntry | undefined,
): Problem | undefined {
  const nextStep = `Correct the context in ${file}.`;
  if (!cluster) return new Problem('context-dangling', `The context "${name}" names no cluster.`, { nextStep });
  if (!foundCluster) {
    return new Problem(
      'context-dangling',
      `The context "${name}" names the cluster "${cluster}", which no kubeconfig file defines.`,
      { nextStep },
    );
  }
  if (!foundUser) {
    return new Problem(
      'context-dangling',
      `The context "${name}" names the user "${user}", which no kubeconfig file defines.`,
      { nextStep },
    );
  }
  return undefined;
}

/** Looks again at a context's files: they may have come, or gone, since the kubeconfig was read. */
export async function diagnose({ cluster, user, problem }: KubeContext): Promise<Problem | undefined> {
  return cluster && user ? firstProblem(cluster, user) : problem;
}

async function firstProblem(cluster?: ClusterEntry, user?: UserEntry): Promise<Problem | undefined> {
  if (!cluster || !user) return undefined;
  return (
    addressProblem(cluster) ??
    (await pemProblem(
      cluster,
      'certificate-authority',
      cluster.certificateAuthority,
      cluster.certificateAuthorityData,
    )) ??
    methodProblem(user) ??
    (await pemProblem(user, 'client-certificate', user.clientCertificate, user.clientCertificateData)) ??
    (await pemProblem(user, 'client-key', user.clientKey, user.clientKeyData)) ??
    (await tokenFileProblem(user))
  );
}

function addressProblem(cluster: ClusterEntry): Problem | undefined {
  const { name, file, server, proxyUrl } = cluster;
  const nextStep = `Correct the cluster "${name}" in ${file}.`;
  if (!server) return new Problem('server-missing', `The cluster "${name}" has no server URL.`, { nextStep });
  if (!isUrl(serverUrl(cluster), ['http:', 'https:'])) {
    return new Problem(
      'server-invalid',
      `The server "${server}" of the cluster "${name}" is not an http or https URL.`,
      { nextStep },
    );
  }
  if (proxyUrl && !isUrl(proxyUrl, ['http:', 'https:', 'socks5:', 'socks5h:'])) {
    return new Problem(
      'proxy-invalid',
      `The proxy-url "${withoutPassword(proxyUrl)}" of the cluster "${name}" is not an http, https or socks5 URL.`,
      { nextStep },
    );
  }
  return undefined;
}

/** The server as a URL: without a scheme it is http, or https where TLS is spoken of, as client-go fills it in. */
export function serverUrl(cluster: ClusterEntry): string {
  if (cluster.server.includes('://')) return cluster.server;
  const isSecure = cluster.insecureSkipTlsVerify || cluster.certificateAuthority || cluster.certificateAuthorityData;
  return `${isSecure ? 'https' : 'http'}://${cluster.server}`;
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol) && new URL(text).hostname !== '';
}

async function pemProblem(
  { name, file }: { name: string; file: string },
  field: string,
  path: string | undefined,
  data: string | undefined,
): Promise<Problem | undefined> {
  try {
    await readPem({ owner: name, file, field, path, data });
    return undefined;
  } catch (failure) {
    if (failure instanceof Problem) return failure;
    throw failure;
  }
}

async function tokenFileProblem({ name, tokenFile, token }: UserEntry): Promise<Problem | undefined> {
  if (!tokenFile || token) return undefined;
  const isReadable = await access(tokenFile, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (isReadable) return undefined;
  return new Problem('token-file-missing', `The token file ${tokenFile} of the user "${name}" cannot be read.`, {
    nextStep: 'Create the file, or correct tokenFile of the user.',
  });
}

function methodProblem(user: UserEntry): Problem | undefined {
  const { name, file } = user;
  const nextStep = `Correct the user "${name}" in ${file}.`;
  const hasCertificate = Boolean(user.clientCertificate ?? user.clientCertificateData);
  const hasKey = Boolean(user.clientKey ?? user.clientKeyData);
  if (hasCertificate !== hasKey) {
    const [there, lacking] = hasCertificate
      ? ['client-certificate', 'client-key']
      : ['client-key', 'client-certificate'];
    return new Problem('certificate-incomplete', `The user "${name}" has a ${there} but no ${lacking}.`, { nextStep });
  }
  return execProblem(user) ?? providerProblem(user);
}

const execVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

function execProblem({ name, file, exec }: UserEntry): Problem | undefined {
  if (!exec) return undefined;
  const nextStep = `Correct exec of the user "${name}" in ${file}.`;
  if (!exec.command)
    return new Problem('exec-invalid', `The credential plugin of the user "${name}" has no command.`, { nextStep });
  if (execVersions.includes(exec.apiVersion)) return undefined;
  const version = exec.apiVersion || 'no apiVersion';
  return new Problem(
    'auth-unsupported',
    `The credential plugin of the user "${name}" speaks ${version}; ${execVersions.join(' and ')} are supported.`,
    {
      nextStep: 'Update the plugin and write the context again with its own tool.',
    },
  );
}

function providerProblem({ name, authProvider }: UserEntry): Problem | undefined {
  if (!authProvider || authProvider.name === 'oidc') return undefined;
  return new Problem(
    'auth-unsupported',
    `The user "${name}" signs in with the auth-provider "${authProvider.name}", which Kubernetes removed in 1.26.`,
    {
      nextStep:
        'Write the context again with your provider\u2019s tool: it sets up a credential plugin (exec) instead.',
    },
  );
}
