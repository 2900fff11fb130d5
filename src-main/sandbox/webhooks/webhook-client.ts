/** Asks a webhook over HTTPS: an AdmissionReview or ConversionReview goes out, its answer comes back. */
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, rootCertificates } from 'node:tls';
import type { WebhookClientConfig } from '#common/kube/types';

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

const LARGEST_ANSWER_BYTES = 10 * 2 ** 20;

/** Throws Error with the text of Go's client: `Post "https://…": context deadline exceeded`. */
export async function callWebhook(call: WebhookCall): Promise<unknown> {
  const url = urlOf(call.config, call.timeoutSeconds);
  const signal = AbortSignal.timeout(call.timeoutSeconds * 1000);
  try {
    const options = await connectionOf(call, url, signal);
    return JSON.parse(await post(url, options, JSON.stringify(call.body)));
  } catch (problem) {
    const why = signal.aborted
      ? 'context deadline exceeded'
      : problem instanceof Error
        ? problem.message
        : String(problem);
    throw new Error(`Post ${JSON.stringify(url.href)}: ${why}`, { cause: problem });
  }
}

function urlOf({ url, service }: WebhookClientConfig, timeoutSeconds: number): URL {
  const address = service
    ? `https://${service.name}.${service.namespace}.svc:${service.port ?? 443}${service.path ?? '/'}`
    : (url ?? '');
  const parsed = new URL(address);
  parsed.searchParams.set('timeout', `${timeoutSeconds}s`);
  return parsed;
}

async function connectionOf({ config, dialer }: WebhookCall, url: URL, signal: AbortSignal): Promise<RequestOptions> {
  const { service, caBundle } = config;
  const ca = caBundle ? Buffer.from(caBundle, 'base64').toString() : [...rootCertificates];
  if (!service) return { ca, signal };
  if (!dialer) throw new Error(`no route to service ${service.namespace}/${service.name}`);
  const { namespace, name, port = 443 } = service;
  const socket = await dialer.dial({ namespace, name, port }, signal);
  return { signal, agent: false, createConnection: () => connect({ socket, ca, servername: url.hostname }) };
}

function post(url: URL, options: RequestOptions, body: string): Promise<string> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'kube-apiserver-admission',
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { ...options, method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > LARGEST_ANSWER_BYTES) request.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else
          reject(
            new Error(`an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`),
          );
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
