/** Connections to the servers behind APIServices. */
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { APIService, Service } from '#common/kube/types';
import type { ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import { referenceOf } from './availability';

export interface BackendNetwork {
  dialer: ServiceDialer | undefined;
  /** How the API server proves to others that it may speak for its users. */
  identity(): { certificate: string; key: string };
}

/** A Service that is not there any more, or of a kind that leads nowhere. */
export class Unresolved extends Error {}

/** Resolves when TLS is established. Rejects with words like Go's packages have them, or Unresolved. */
export async function connectBackend(
  apiService: APIService,
  service: Service | undefined,
  { dialer, identity }: BackendNetwork,
  signal: AbortSignal,
): Promise<Duplex> {
  const { namespace, name, port } = referenceOf(apiService);
  if (!service) throw new Unresolved(`services ${JSON.stringify(name)} not found`);
  const socket = await dialed();
  const { caBundle, insecureSkipTLSVerify } = apiService.spec;
  const servername = `${name}.${namespace}.svc`;
  const { certificate, key } = identity();
  const secure = connectTls({
    socket,
    servername,
    cert: certificate,
    key,
    ca: caBundle ? Buffer.from(caBundle, 'base64').toString() : [...rootCertificates],
    rejectUnauthorized: !insecureSkipTLSVerify,
  });
  signal.addEventListener('abort', () => secure.destroy(new Error('context deadline exceeded')), { once: true });
  return new Promise((resolve, reject) => {
    secure.once('secureConnect', () => resolve(secure));
    secure.once('error', (problem) => reject(new Error(wordsOf(problem, servername), { cause: problem })));
    secure.once('close', () => reject(new Error('EOF')));
  });

  async function dialed(): Promise<Duplex> {
    const { type, externalName = '' } = service?.spec ?? {};
    if (type === 'ExternalName') return tcp(externalName, port, signal);
    if (!dialer) throw new Error(`no route to service ${namespace}/${name}`);
    return dialer.dial({ namespace, name, port }, signal);
  }
}

function tcp(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, signal }, () => resolve(socket));
    socket.once('error', (problem: NodeJS.ErrnoException) => {
      const why = problem.code === 'ECONNREFUSED' ? 'connect: connection refused' : problem.message;
      reject(new Error(`dial tcp ${host}:${port}: ${why}`, { cause: problem }));
    });
  });
}

const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function wordsOf(problem: NodeJS.ErrnoException, servername: string): string {
  const failed = 'tls: failed to verify certificate: x509:';
  if (UNKNOWN_AUTHORITY.has(problem.code ?? '')) return `${failed} certificate signed by unknown authority`;
  if (problem.code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return problem.message;
  const { cert } = problem as { cert?: { subjectaltname?: string } };
  const names = (cert?.subjectaltname ?? '').split(', ').map((one) => one.slice(one.indexOf(':') + 1));
  return `${failed} certificate is valid for ${names.join(', ')}, not ${servername}`;
}
