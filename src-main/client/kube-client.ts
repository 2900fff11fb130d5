import type { Clock } from '#common/base/clock';
import type { AnyObject, KubeList, KubeObject, WatchEvent } from '#common/kube/object';
import { apiVersionOf, resourcePath, type Resource, type TypedResource } from '#common/kube/resource';
import { systemClock } from '#main/base/system-clock';
import type { Carrier, CarrierRequest, CarrierResponse } from './carrier';
import type {
  CallOptions,
  DeleteOptions,
  Draft,
  KubeClient,
  ListOptions,
  ObjectRef,
  Patch,
  WatchOptions,
  WriteOptions,
} from './client';
import { deleteBody, listQuery, patchRequest, watchQuery, writeQuery } from './queries';
import { sendWithRetries } from './retries';
import { statusErrorOf } from './status-of-response';
import { parseWarnings } from './warnings';
import { watchEvents } from './watch-events';

export interface ClientOptions {
  /** Waits for Retry-After on this clock; the computer's own unless given. */
  clock?: Clock;
  /** Owner of the fields that are written; `pilothouse` unless given. */
  fieldManager?: string;
  /** Called with the text of each Warning header. */
  onWarning?: (text: string, request: CarrierRequest) => void;
}

/** A client that speaks to the API server behind `carrier`. */
export function createClient(carrier: Carrier, options: ClientOptions = {}): KubeClient {
  return new CarrierClient(carrier, options);
}

class CarrierClient implements KubeClient {
  readonly #carrier: Carrier;
  readonly #clock: Clock;
  readonly #fieldManager: string;
  readonly #onWarning: ClientOptions['onWarning'];

  constructor(carrier: Carrier, options: ClientOptions) {
    this.#carrier = carrier;
    this.#clock = options.clock ?? systemClock;
    this.#fieldManager = options.fieldManager ?? 'pilothouse';
    this.#onWarning = options.onWarning;
  }

  async request(request: CarrierRequest): Promise<CarrierResponse> {
    const response = await sendWithRetries((again) => this.#carrier.send(again), request, this.#clock);
    if (this.#onWarning) {
      for (const text of parseWarnings(response.headers['warning'])) this.#onWarning(text, request);
    }
    if (response.status >= 400) throw await statusErrorOf(request, response);
    return response;
  }

  async get<T extends KubeObject>(
    resource: TypedResource<T>,
    { name, namespace }: ObjectRef,
    { signal, subresource }: CallOptions & { subresource?: string } = {},
  ): Promise<T> {
    const path = resourcePath(resource, { namespace, name, subresource });
    return (await this.#json({ method: 'GET', path, signal })) as T;
  }

  async list<T extends KubeObject>(resource: TypedResource<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    const path = resourcePath(resource, options);
    const list = await this.#json({ method: 'GET', path, query: listQuery(options), signal: options.signal });
    return withKinds(resource, list as KubeList<T>);
  }

  async *watch<T extends KubeObject>(
    resource: TypedResource<T>,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    const path = resourcePath(resource, options);
    const response = await this.request({
      method: 'GET',
      path,
      query: watchQuery(options),
      signal: options.signal,
    });
    options.onOpen?.();
    yield* watchEvents<T>(response);
  }

  async create<T extends KubeObject>(
    resource: TypedResource<T>,
    object: Draft<T>,
    options: WriteOptions & { namespace?: string } = {},
  ): Promise<T> {
    const namespace = options.namespace ?? object.metadata.namespace;
    const path = resourcePath(resource, { namespace, subresource: options.subresource });
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
    return (await this.#write('POST', path, { body }, options)) as T;
  }

  async update<T extends KubeObject>(resource: TypedResource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { name, namespace } = object.metadata;
    const path = resourcePath(resource, { namespace, name, subresource: options.subresource });
    return (await this.#write('PUT', path, { body: object }, options)) as T;
  }

  updateStatus<T extends KubeObject>(resource: TypedResource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    return this.update(resource, object, { ...options, subresource: 'status' });
  }

  async patch<T extends KubeObject>(
    resource: TypedResource<T>,
    { name, namespace }: ObjectRef,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = resourcePath(resource, { namespace, name, subresource: options.subresource });
    return (await this.#write('PATCH', path, patchRequest(patch), options)) as T;
  }

  async remove(resource: Resource, { name, namespace }: ObjectRef, options: DeleteOptions = {}): Promise<AnyObject> {
    const path = resourcePath(resource, { namespace, name });
    const body = deleteBody(options);
    const request: CarrierRequest = { method: 'DELETE', path, signal: options.signal };
    return (await this.#json(body ? { ...request, body } : request)) as AnyObject;
  }

  // eslint-disable-next-line max-params -- resource, object, subresource and body are the request itself
  async createSubresource(
    resource: Resource,
    { name, namespace }: ObjectRef,
    subresource: string,
    body: unknown,
    options: WriteOptions = {},
  ): Promise<AnyObject> {
    const path = resourcePath(resource, { namespace, name, subresource });
    return (await this.#write('POST', path, { body }, options)) as AnyObject;
  }

  async #write(
    method: CarrierRequest['method'],
    path: string,
    content: Pick<CarrierRequest, 'body' | 'contentType' | 'query'>,
    options: WriteOptions,
  ): Promise<unknown> {
    const query = { ...writeQuery(options, this.#fieldManager), ...content.query };
    const response = await this.request({ ...content, method, path, query, signal: options.signal });
    if (options.onWarning) parseWarnings(response.headers['warning']).forEach(options.onWarning);
    return response.json();
  }

  async #json(request: CarrierRequest): Promise<unknown> {
    const response = await this.request(request);
    return response.json();
  }
}

/** Built-in lists leave `apiVersion` and `kind` out of their items; readers of single objects rely on them. */
function withKinds<T extends KubeObject>(resource: Resource, list: KubeList<T>): KubeList<T> {
  const apiVersion = apiVersionOf(resource);
  const { kind } = resource;
  const items = (list.items ?? []).map((item) => (item.kind ? item : Object.assign({ apiVersion, kind }, item)));
  return { ...list, metadata: list.metadata ?? {}, items };
}
