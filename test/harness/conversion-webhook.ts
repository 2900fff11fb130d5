/**
 * A conversion webhook on loopback, for hosts that v1 writes as `hostPort: a:80` and v2 as `host: a` with `port: 80`. The path
 * of its URL says how it answers: `/convert` rightly, the others each in their own wrong way.
 */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { clusterCertificates } from '#main/sandbox/authn/certificates';

type Fields = Record<string, unknown>;

export interface Convertible extends Fields {
  apiVersion: string;
  kind: string;
  metadata: Fields & { name: string };
  spec?: Fields;
}

interface ConversionRequest {
  uid: string;
  desiredAPIVersion: string;
  objects: Convertible[];
}

/** Of an AdmissionReview. */
export interface AdmissionRequest {
  uid: string;
  kind?: { version: string };
  requestKind?: { version: string };
  object?: Convertible;
  oldObject?: Convertible;
}

interface Answer {
  code?: number;
  body: unknown;
}

export class ConversionWebhook implements AsyncDisposable {
  /** What was asked, in its order. */
  readonly requests: ConversionRequest[] = [];
  /** How it answers, whatever the path says. */
  answers: string | undefined;
  /** Waited for before anything is answered. */
  before: (request: ConversionRequest) => Promise<void> | void = () => undefined;
  readonly admissions: AdmissionRequest[] = [];
  admit: (request: AdmissionRequest) => object = () => ({});
  readonly port: number;
  readonly caBundle: string;
  readonly #server: Server;

  private constructor(server: Server, authority: string) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.caBundle = Buffer.from(authority).toString('base64');
    server.on('request', (request, response) => {
      void text(request).then(async (body) => {
        const review = JSON.parse(body) as { apiVersion: string; kind: string; request: ConversionRequest };
        if (review.kind === 'AdmissionReview') return void response.end(JSON.stringify(this.#admitted(review.request)));
        this.requests.push(review.request);
        await this.before(review.request);
        const path = (request.url ?? '').replace(/\?.*$/, '').slice(1);
        const { code = 200, body: answer } = (ANSWERS[this.answers ?? path] ?? right)(
          review.request,
          review.apiVersion,
        );
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    });
  }

  static async open(): Promise<ConversionWebhook> {
    const { authority, server: keyed } = await clusterCertificates(undefined, Date.now());
    const server = createServer({ cert: keyed.certificate, key: keyed.key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ConversionWebhook(server, authority.certificate);
  }

  /** Admission reviews come here too. */
  #admitted(request: AdmissionRequest): object {
    this.admissions.push(request);
    const response = { uid: request.uid, allowed: true, ...this.admit(request) };
    return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
  }

  /** What recorded exchanges may name, by its placeholder. */
  get values(): Readonly<Record<string, string>> {
    return { 'webhook-port': String(this.port), 'webhook-ca': this.caBundle };
  }

  /** `spec.conversion` of a definition. */
  conversion(path = 'convert', more: Fields = {}) {
    const clientConfig = { url: `https://127.0.0.1:${this.port}/${path}`, caBundle: this.caBundle };
    return { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig, ...more } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function convertHost(object: Convertible, desiredAPIVersion: string): Convertible {
  const { host, port, hostPort, ...rest } = object.spec ?? {};
  if (object.apiVersion === desiredAPIVersion) return object;
  const converted = { ...object, apiVersion: desiredAPIVersion };
  if (desiredAPIVersion.endsWith('/v2')) {
    if (typeof hostPort !== 'string') return { ...converted, spec: rest };
    const [name, number] = hostPort.split(':');
    return { ...converted, spec: { ...rest, host: name, port: Number(number) } };
  }
  if (host === undefined && port === undefined) return { ...converted, spec: rest };
  return { ...converted, spec: { ...rest, hostPort: `${String(host)}:${String(port)}` } };
}

type Behaviour = (request: ConversionRequest, apiVersion: string) => Answer;

const answered = (
  { uid }: ConversionRequest,
  apiVersion: string,
  {
    convertedObjects,
    result = { status: 'Success' },
    ...more
  }: { convertedObjects?: unknown; result?: Fields } & Fields,
): Answer => ({
  body: { apiVersion, kind: 'ConversionReview', response: { uid, result, convertedObjects, ...more } },
});

const right: Behaviour = (request, apiVersion) =>
  answered(request, apiVersion, { convertedObjects: converted(request) });

const converted = ({ objects, desiredAPIVersion }: ConversionRequest): Convertible[] =>
  objects.map((object) => convertHost(object, desiredAPIVersion));

/** Rightly, but for a change of every object. */
const changing =
  (change: (object: Convertible) => unknown): Behaviour =>
  (request, apiVersion) =>
    answered(request, apiVersion, { convertedObjects: converted(request).map(change) });

const withMetadata = (more: Fields) => changing((object) => ({ ...object, metadata: { ...object.metadata, ...more } }));

const ANSWERS: Readonly<Record<string, Behaviour>> = {
  convert: right,
  'wrong-uid': (request, version) => answered(request, version, { convertedObjects: converted(request), uid: 'other' }),
  'no-uid': (request, version) => answered(request, version, { convertedObjects: converted(request), uid: undefined }),
  'no-objects': (request, version) => answered(request, version, { convertedObjects: [] }),
  'no-list': (request, version) => answered(request, version, {}),
  'two-objects': (request, version) =>
    answered(request, version, { convertedObjects: [...converted(request), ...converted(request)] }),
  'null-object': changing(() => null),
  'empty-object': changing(() => ({})),
  'other-version': changing((object) => ({ ...object, apiVersion: 'hosts.example.com/v9' })),
  'no-version': changing(({ apiVersion: _none, ...object }) => object),
  'same-version': (request, version) => answered(request, version, { convertedObjects: request.objects }),
  'other-kind': changing((object) => ({ ...object, kind: 'Guest' })),
  'other-name': withMetadata({ name: 'other' }),
  'other-namespace': withMetadata({ namespace: 'other' }),
  'other-object-uid': withMetadata({ uid: 'other' }),
  'no-metadata': changing(({ metadata: _none, ...object }) => object),
  'text-metadata': changing((object) => ({ ...object, metadata: 'none' })),
  'other-metadata': withMetadata({
    labels: { by: 'webhook' },
    annotations: { by: 'webhook' },
    finalizers: ['example.com/webhook'],
    generation: 77,
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'none', uid: 'none' }],
  }),
  'no-labels': withMetadata({ labels: undefined, annotations: null }),
  'wrong-label': withMetadata({ labels: { 'not a key': 'not a value' } }),
  'wrong-annotation': withMetadata({ annotations: { 'not a key': 'x' } }),
  'number-label': withMetadata({ labels: { a: 1 } }),
  'list-labels': withMetadata({ labels: ['a'] }),
  refused: (request, version) =>
    answered(request, version, { result: { status: 'Failed', message: 'hosts are out of stock' } }),
  'refused-without-words': (request, version) => answered(request, version, { result: { status: 'Failed' } }),
  'no-status': (request, version) => answered(request, version, { convertedObjects: converted(request), result: {} }),
  'no-response': (_request, apiVersion) => ({ body: { apiVersion, kind: 'ConversionReview' } }),
  'no-type': ({ uid }) => ({ body: { response: { uid, result: { status: 'Success' }, convertedObjects: [] } } }),
  'old-review': (request) =>
    answered(request, 'apiextensions.k8s.io/v1beta1', { convertedObjects: converted(request) }),
  'other-review': (request) => answered(request, 'example.com/v1', { convertedObjects: converted(request) }),
  'no-json': () => ({ body: 'out of order' }),
  nothing: () => ({ body: '' }),
  'code-500': () => ({ code: 500, body: 'out of order' }),
  'code-404': () => ({ code: 404, body: 'out of order' }),
  'code-400': () => ({ code: 400, body: 'out of order' }),
  'code-503': () => ({ code: 503, body: 'out of order' }),
  'code-201': (request, version) => ({ ...right(request, version), code: 201 }),
  status: () => ({
    code: 403,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      message: 'not for you',
      reason: 'Forbidden',
      code: 403,
    },
  }),
  /** Names ending in `-bad` fail, all others are converted. */
  choosy: (request, version) =>
    request.objects.some(({ metadata }) => metadata.name.endsWith('-bad'))
      ? answered(request, version, { result: { status: 'Failed', message: 'a bad host' } })
      : right(request, version),
};

/** Every way to answer. */
export const conversionBehaviours: readonly string[] = Object.keys(ANSWERS);
