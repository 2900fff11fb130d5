import { keyOf, type AnyObject, type KubeList, type KubeObject, type WatchEvent } from '#common/kube/object';
import { resourceId, type Resource, type TypedResource } from '#common/kube/resource';
import type { CarrierRequest, CarrierResponse } from '#main/client/carrier';
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
} from '#main/client/client';
import type { Informer } from '#main/informer/informer';

type FindInformer = (resource: Resource) => Informer<KubeObject> | undefined;

/**
 * The writes of one reconcile. A cache lags behind what its reader wrote: acting on it again would do the work twice.
 * `seen` resolves when the cache has caught up; it takes the place of the expectations that Kubernetes keeps per controller.
 */
export class OwnWrites {
  readonly #revisions = new Map<string, { resource: Resource; revision: string }>();
  readonly #removed: { resource: Resource; ref: ObjectRef; uid: string | undefined }[] = [];

  wrote(resource: Resource, { metadata }: KubeObject): void {
    const id = resourceId(resource);
    const known = this.#revisions.get(id);
    const { resourceVersion: revision } = metadata;
    if (!revision || (known && Number(known.revision) >= Number(revision))) return;
    this.#revisions.set(id, { resource, revision });
  }

  removed(resource: Resource, ref: ObjectRef, uid: string | undefined): void {
    this.#removed.push({ resource, ref, uid });
  }

  get isEmpty(): boolean {
    return this.#revisions.size === 0 && this.#removed.length === 0;
  }

  async seen(find: FindInformer, signal: AbortSignal): Promise<void> {
    for (const { resource, revision } of this.#revisions.values()) await find(resource)?.reached(revision, signal);
    for (const { resource, ref, uid } of this.#removed) {
      const informer = find(resource);
      if (informer) await untilGone(informer, keyOf({ metadata: ref as { name: string } }), uid, signal);
    }
  }
}

/** Waits until `key` is gone, is another object, or is on its way out. */
function untilGone(
  informer: Informer<KubeObject>,
  key: string,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const isGone = () => {
    const object = informer.cache.get(key);
    return !object || (uid !== undefined && object.metadata.uid !== uid) || !!object.metadata.deletionTimestamp;
  };
  if (isGone() || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      subscription[Symbol.dispose]();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const subscription = informer.subscribe(() => isGone() && finish());
    signal.addEventListener('abort', finish, { once: true });
  });
}

/** A KubeClient that notes its writes; reads pass through. */
export class NotingClient implements KubeClient {
  readonly #client: KubeClient;
  readonly #writes: OwnWrites;

  constructor(client: KubeClient, writes: OwnWrites) {
    this.#client = client;
    this.#writes = writes;
  }

  get<T extends KubeObject>(
    resource: TypedResource<T>,
    ref: ObjectRef,
    options?: CallOptions & { subresource?: string },
  ): Promise<T> {
    return this.#client.get(resource, ref, options);
  }

  list<T extends KubeObject>(resource: TypedResource<T>, options?: ListOptions): Promise<KubeList<T>> {
    return this.#client.list(resource, options);
  }

  watch<T extends KubeObject>(resource: TypedResource<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>> {
    return this.#client.watch(resource, options);
  }

  async create<T extends KubeObject>(
    resource: TypedResource<T>,
    object: Draft<T>,
    options?: WriteOptions & { namespace?: string },
  ): Promise<T> {
    return this.#note(resource, await this.#client.create(resource, object, options));
  }

  async update<T extends KubeObject>(resource: TypedResource<T>, object: T, options?: WriteOptions): Promise<T> {
    return this.#note(resource, await this.#client.update(resource, object, options));
  }

  async updateStatus<T extends KubeObject>(resource: TypedResource<T>, object: T, options?: WriteOptions): Promise<T> {
    return this.#note(resource, await this.#client.updateStatus(resource, object, options));
  }

  async patch<T extends KubeObject>(
    resource: TypedResource<T>,
    ref: ObjectRef,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T> {
    return this.#note(resource, await this.#client.patch(resource, ref, patch, options));
  }

  async remove(resource: Resource, ref: ObjectRef, options?: DeleteOptions): Promise<AnyObject> {
    const answer = await this.#client.remove(resource, ref, options);
    if (answer.kind === resource.kind) this.#note(resource, answer);
    this.#writes.removed(resource, ref, options?.preconditions?.uid);
    return answer;
  }

  // eslint-disable-next-line max-params -- the signature of KubeClient
  createSubresource(
    resource: Resource,
    ref: ObjectRef,
    subresource: string,
    body: unknown,
    options?: WriteOptions,
  ): Promise<AnyObject> {
    return this.#client.createSubresource(resource, ref, subresource, body, options);
  }

  request(request: CarrierRequest): Promise<CarrierResponse> {
    return this.#client.request(request);
  }

  #note<T extends KubeObject>(resource: Resource, object: T): T {
    this.#writes.wrote(resource, object);
    return object;
  }
}
