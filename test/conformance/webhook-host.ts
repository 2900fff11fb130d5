import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { clusterCertificates } from '#main/sandbox/authn/certificates';

/** What scripts may say about the host, by the names of their placeholders. */
export type HostValues = Readonly<Record<'webhook' | 'plain' | 'authority', string>>;

interface Metadata {
  name?: string;
  generateName?: string;
  annotations?: Record<string, string>;
}

interface Review {
  apiVersion: string;
  request: { uid: string; object: { metadata?: Metadata } | null };
}

type Reply = (review: Review, response: ServerResponse) => void;

/**
 * Webhooks that both servers under comparison call, on this computer: the path says how one answers. `/told` refuses with
 * the request that it was sent, so that requests are compared too.
 */
export class WebhookHost implements AsyncDisposable {
  readonly values: HostValues;
  readonly #servers: readonly NetServer[];

  private constructor(values: HostValues, servers: readonly NetServer[]) {
    this.values = values;
    this.#servers = servers;
  }

  static async open(): Promise<WebhookHost> {
    const { authority, server: keyed } = await clusterCertificates(undefined, Date.now());
    const secure = createServer({ cert: keyed.certificate, key: keyed.key }, (request, response) => {
      answer(request, response);
    });
    const plain = createHttpServer((_request, response) => response.end('{}'));
    await Promise.all([secure, plain].map(listening));
    const values = {
      webhook: `https://127.0.0.1:${portOf(secure)}`,
      plain: `https://127.0.0.1:${portOf(plain)}`,
      authority: Buffer.from(authority.certificate).toString('base64'),
    };
    return new WebhookHost(values, [secure, plain]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      (server as Server).closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
}

const listening = (server: NetServer): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
const portOf = (server: NetServer): number => (server.address() as AddressInfo).port;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'https://host');
  const [, name = '', detail = ''] = pathname.split('/');
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    if (name === 'status') return sendText(response, Number(detail), 'boom');
    const reply = REPLIES[name] ?? REPLIES['allow'];
    reply?.(JSON.parse(text) as Review, response);
  });
}

const sendText = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
};

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** `response` beside the uid that was asked, in the version that was asked. */
const says =
  (response: object): Reply =>
  ({ apiVersion, request: { uid } }, outgoing) =>
    send(outgoing, { apiVersion, kind: 'AdmissionReview', response: { uid, ...response } });

const encoded = (patch: unknown): string => Buffer.from(JSON.stringify(patch)).toString('base64');
const patching = (patch: unknown): object => ({ allowed: true, patchType: 'JSONPatch', patch: encoded(patch) });
const ANNOTATIONS = '/metadata/annotations';

const REPLIES: Readonly<Record<string, Reply>> = {
  allow: says({ allowed: true }),
  deny: says({ allowed: false }),
  'deny-message': says({ allowed: false, status: { code: 403, message: 'not today', reason: 'Forbidden' } }),
  'deny-reason': says({ allowed: false, status: { reason: 'Gone', code: 200 } }),
  'deny-details': says({
    allowed: false,
    status: { code: 422, message: 'wrong', details: { name: 'x', causes: [{ field: 'a', message: 'b' }] } },
  }),
  warn: says({ allowed: true, warnings: ['be careful', 'and "quoted"'], auditAnnotations: { a: 'b' } }),
  absent: ({ apiVersion }, response) => send(response, { apiVersion, kind: 'AdmissionReview' }),
  'other-uid': says({ uid: 'other', allowed: true }),
  'other-kind': ({ request: { uid } }, response) =>
    send(response, { apiVersion: 'v1', kind: 'ConfigMap', response: { uid, allowed: true } }),
  'other-version': ({ request: { uid } }, response) =>
    send(response, { apiVersion: 'admission.k8s.io/v9', kind: 'AdmissionReview', response: { uid, allowed: true } }),
  'no-kind': ({ request: { uid } }, response) => send(response, { response: { uid, allowed: true } }),
  'no-json': (_review, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a'),
  'plain-text': (_review, response) => sendText(response, 200, 'yes'),
  empty: (_review, response) => response.writeHead(200).end(),
  'hang-up': (_review, response) => response.destroy(),
  slow: (review, response) => void setTimeout(() => says({ allowed: true })(review, response), 3000),
  told: ({ apiVersion, request }, response) => {
    const { generateName, name } = request.object?.metadata ?? {};
    const words = JSON.stringify(sorted(request));
    const message = generateName && name ? words.replaceAll(name, `${generateName}<random>`) : words;
    const body = { uid: request.uid, allowed: false, status: { code: 400, message } };
    send(response, { apiVersion, kind: 'AdmissionReview', response: body });
  },
  annotate: says(patching([{ op: 'add', path: ANNOTATIONS, value: { by: 'webhook' } }])),
  count: (review, response) => {
    const before = review.request.object?.metadata?.annotations;
    const value = String(Number(before?.['count'] ?? 0) + 1);
    const patch = before
      ? [{ op: 'add', path: `${ANNOTATIONS}/count`, value }]
      : [{ op: 'add', path: ANNOTATIONS, value: { count: value } }];
    says(patching(patch))(review, response);
  },
  'patch-missing': says(patching([{ op: 'replace', path: '/nothing/there', value: 1 }])),
  'patch-test': says(patching([{ op: 'test', path: '/metadata/name', value: 'other' }])),
  'patch-type': says(patching([{ op: 'add', path: '/data', value: { a: 1 } }])),
  'patch-words': says({ ...patching([]), patch: Buffer.from('no patch').toString('base64') }),
  'patch-no-type': says({ allowed: true, patch: encoded([]) }),
  'patch-odd-type': says({ ...patching([{ op: 'add', path: '/data', value: {} }]), patchType: 'Odd' }),
  'type-no-patch': says({ allowed: true, patchType: 'JSONPatch' }),
};

/** Fields in one order; what is made anew each time is not told. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, member]) => [key, key === 'resourceVersion' ? '<revision>' : sorted(member)]),
  );
}
