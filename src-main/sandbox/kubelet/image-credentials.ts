import { Secrets } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Pod } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import type { RegistryCredentials, RegistryLogin } from '../containers/image-profile';

interface DockerConfig {
  auths?: Record<string, { username?: string; password?: string; auth?: string }>;
}

/** The logins that the pull Secrets of a Pod hold, by registry host. Secrets that are not there are passed over. */
export async function imageCredentials(
  client: KubeClient,
  pod: Pod,
  signal: AbortSignal,
): Promise<RegistryCredentials> {
  const logins = new Map<string, RegistryLogin>();
  const { namespace = 'default' } = pod.metadata;
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    const text = await configText(client, { name, namespace }, signal);
    for (const [server, login] of Object.entries(text.auths ?? {})) logins.set(hostOf(server), loginOf(login));
  }
  return logins;
}

async function configText(
  client: KubeClient,
  ref: { name: string; namespace: string },
  signal: AbortSignal,
): Promise<DockerConfig> {
  try {
    const { data = {} } = await client.get(Secrets, ref, { signal });
    const modern = data['.dockerconfigjson'];
    const text = Buffer.from(modern ?? data['.dockercfg'] ?? 'e30=', 'base64').toString('utf8');
    const parsed = JSON.parse(text) as DockerConfig | DockerConfig['auths'];
    return modern ? (parsed as DockerConfig) : { auths: parsed as NonNullable<DockerConfig['auths']> };
  } catch (failure) {
    if (isNotFound(failure) || failure instanceof SyntaxError) return {};
    throw failure;
  }
}

const hostOf = (server: string): string => server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

function loginOf({ username, password, auth }: { username?: string; password?: string; auth?: string }): RegistryLogin {
  const [user = '', ...rest] = Buffer.from(auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return { username: username ?? user, password: password ?? rest.join(':') };
}
