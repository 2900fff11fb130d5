/** Asks a webhook over HTTPS: an AdmissionReview or ConversionReview goes out, its answer comes back. */
import { X509Certificate } from 'node:crypto';
import { posix } from 'node:path';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, rootCertificates } from 'node:tls';
import type { WebhookClientConfig } from '#common/kube/types';
import { programAuthority } from '#main/base/x509/program-certificates';
import { connectionProblem, documentOf, type Answered } from './go-words';

/** Connects to a port of a Service of the cluster. */
export interface ServiceDialer {
  dial(service: { namespace: string; name: string; port: number }, signal: AbortSignal): Promise<Duplex>;
}

export interface WebhookCall {
  config: WebhookClientConfig;
  /** The review. */
  body: unknown;
  timeoutSeconds: number;
  dialer: ServiceDialer | undefined;
}

/** Nobody can be asked with such a configuration. */
export class NoClient extends Error {}

const LARGEST_ANSWER_BYTES = 10 * 2 ** 20;

/** The document of the answer. Throws Error with the words of Go's client: `Post "https://…": context deadline exceeded`. */
export async function callWebhook(call: WebhookCall): Promise<unknown> {
  const ca = authoritiesOf(call.config);
  const place = placeOf(call.config);
  const address = `https://${place.authority}${place.path}?timeout=${call.timeoutSeconds}s`;
  const signal = AbortSignal.timeout(call.timeoutSeconds * 1000);
  let answered: Answered;
  try {
    const connection = await connectionOf(call, place, { ca, signal });
    const options = { ...connection, headers: { ...HEADERS, host: place.authority } };
    answered = await post(new URL(address), options, JSON.stringify(call.body));
  } catch (problem) {
    const why = signal.aborted ? 'context deadline exceeded' : connectionProblem(problem as Error, place);
    throw new Error(`Post ${JSON.stringify(address)}: ${why}`, { cause: problem });
  }
  return documentOf(answered);
}

function authoritiesOf({ caBundle }: WebhookClientConfig): string | string[] {
  if (!caBundle) return [...rootCertificates, programAuthority()];
  const text = Buffer.from(caBundle, 'base64').toString();
  if (isCertificate(text)) return text;
  throw new NoClient('unable to load root certificates: unable to parse bytes as PEM block');
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

interface Place {
  host: string;
  port: string;
  /** As it stands in the URL: the port of a URL only where it was given. */
  authority: string;
  path: string;
}

function placeOf({ url, service }: WebhookClientConfig): Place {
  if (service) {
    const [host, port] = [`${service.name}.${service.namespace}.svc`, String(service.port ?? 443)];
    return { host, port, authority: `${host}:${port}`, path: joined(service.path ?? '') };
  }
  const [, authority = '', path = ''] = /^https:\/\/([^/?#]*)([^?#]*)/i.exec(url ?? '') ?? [];
  const { hostname, port } = new URL(url ?? '');
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port || '443', authority, path: joined(path) };
}

/** As client-go joins paths: from the root, without an end of its own. */
function joined(path: string): string {
  const clean = posix.join('/', path);
  return clean.length > 1 ? clean.replace(/\/$/, '') : clean;
}

async function connectionOf(
  { config, dialer }: WebhookCall,
  place: Place,
  { ca, signal }: { ca: string | string[]; signal: AbortSignal },
): Promise<RequestOptions> {
  const { service } = config;
  if (!service) return { ca, signal };
  if (!dialer) throw new Error(`no route to service ${service.namespace}/${service.name}`);
  const { namespace, name, port = 443 } = service;
  const socket = await dialer.dial({ namespace, name, port }, signal);
  // With an agent, even one of its own, a request would look up the name and connect by itself.
  return { signal, createConnection: () => connect({ socket, ca, servername: place.host }) };
}

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'user-agent': 'kube-apiserver-admission',
};

function post(url: URL, options: RequestOptions, body: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { ...options, method: 'POST' }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > LARGEST_ANSWER_BYTES) request.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({
          code: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
