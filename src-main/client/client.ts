import type { AnyObject, KubeList, KubeObject, ObjectMeta, WatchEvent } from '#common/kube/object';
import type { Resource, TypedResource } from '#common/kube/resource';
import type { CarrierRequest, CarrierResponse } from './carrier';

export interface ObjectRef {
  name: string;
  namespace?: string | undefined;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  limit?: number | undefined;
  continue?: string | undefined;
  resourceVersion?: string | undefined;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  allowWatchBookmarks?: boolean;
  /** Streams the current objects first, then a BOOKMARK annotated `k8s.io/initial-events-end` (WatchList). */
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
  /** Called once, when the server has accepted the watch: nothing may have changed yet. */
  onOpen?: () => void;
}

export interface WriteOptions extends CallOptions {
  fieldManager?: string;
  dryRun?: boolean;
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  subresource?: string;
  /** Called with the text of each Warning header of the answer. */
  onWarning?: (text: string) => void;
}

export interface DeleteOptions extends CallOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

export type Patch =
  | { type: 'json'; operations: readonly unknown[] }
  | { type: 'merge'; patch: unknown }
  | { type: 'strategic'; patch: unknown }
  | { type: 'apply'; object: unknown; force?: boolean };

/** An object on its way to the server: metadata still lacks what the server fills in. */
export type Draft<T extends KubeObject = AnyObject> = Omit<T, 'metadata' | 'apiVersion' | 'kind'> & {
  apiVersion?: string;
  kind?: string;
  metadata: Partial<ObjectMeta> & { name?: string };
};

/**
 * Speaks Kubernetes to any API server through a carrier, in raw JSON: nothing is renamed, dropped or rounded.
 * Every refusal is thrown as ApiStatusError; a broken connection as Problem `unreachable`.
 */
export interface KubeClient {
  get<T extends KubeObject>(
    resource: TypedResource<T>,
    ref: ObjectRef,
    options?: CallOptions & { subresource?: string },
  ): Promise<T>;
  list<T extends KubeObject>(resource: TypedResource<T>, options?: ListOptions): Promise<KubeList<T>>;
  /** Ends cleanly when the server ends the watch; throws ApiStatusError for an ERROR event (410 among them). */
  watch<T extends KubeObject>(resource: TypedResource<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(
    resource: TypedResource<T>,
    object: Draft<T>,
    options?: WriteOptions & { namespace?: string },
  ): Promise<T>;
  /** PUT: `object` carries the resourceVersion it was read with. */
  update<T extends KubeObject>(resource: TypedResource<T>, object: T, options?: WriteOptions): Promise<T>;
  updateStatus<T extends KubeObject>(resource: TypedResource<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(
    resource: TypedResource<T>,
    ref: ObjectRef,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T>;
  /** The server's answer: a Status, or the object while it is still there. */
  remove(resource: Resource, ref: ObjectRef, options?: DeleteOptions): Promise<AnyObject>;
  /** POST to a subresource: `binding`, `eviction`, `token`. */
  createSubresource(
    resource: Resource,
    ref: ObjectRef,
    subresource: string,
    body: unknown,
    options?: WriteOptions,
  ): Promise<AnyObject>;
  /** Any request; throws ApiStatusError for 4xx and 5xx. */
  request(request: CarrierRequest): Promise<CarrierResponse>;
}
