import type { CredentialSource } from '#main/base/credentials';
import type { TlsTrust } from '#main/base/tls';
import { diagnose, serverUrl, type KubeContext } from './contexts';
import { credentialsOf, type CredentialOptions } from './credentials/source';
import { readPem } from './pem';

/** How to reach the cluster of a context, ready for a carrier. */
export interface Connection {
  server: string;
  trust: TlsTrust;
  credentials: CredentialSource;
  proxyUrl: string | undefined;
  disableCompression: boolean;
}

/** Reads what the context refers to; throws its Problem when it is broken. No plugin starts and nothing connects yet. */
export async function connectionOf(context: KubeContext, options: CredentialOptions): Promise<Connection> {
  const { cluster, user } = context;
  const problem = await diagnose(context);
  if (problem) throw problem;
  if (!cluster || !user) throw new Error(`the context ${context.name} was not resolved`);
  const ca = await readPem({
    owner: cluster.name,
    file: cluster.file,
    field: 'certificate-authority',
    path: cluster.certificateAuthority,
    data: cluster.certificateAuthorityData,
  });
  return {
    server: serverUrl(cluster),
    trust: {
      ...(ca ? { ca } : {}),
      ...(cluster.tlsServerName ? { serverName: cluster.tlsServerName } : {}),
      insecureSkipVerify: cluster.insecureSkipTlsVerify,
    },
    credentials: credentialsOf(user, cluster, options),
    proxyUrl: cluster.proxyUrl,
    disableCompression: cluster.disableCompression,
  };
}
