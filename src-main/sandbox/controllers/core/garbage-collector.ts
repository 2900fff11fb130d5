import type { Clock } from '#common/base/clock';
import { isAbort } from '#common/base/errors';
import type { Scope } from '#common/base/scope';
import { keyOf, type KubeObject, type OwnerReference } from '#common/kube/object';
import { parseApiVersion, resourceId, type Resource, type TypedResource } from '#common/kube/resource';
import { APIServices, CustomResourceDefinitions } from '#common/kube/resources';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { KubeClient } from '#main/client/client';
import type { Delta, Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { ignoreGone, refOf } from '../runtime/ownership';
import type { EventWriter, RecordEvent } from '../runtime/event-recorder';
import { WorkQueue } from '../runtime/work-queue';
import type { CollectableKind } from './collectable-kinds';
import { FOREGROUND, isWaitingForDependents, ORPHAN, planDependent, planOwner, type OwnerState } from './dependents';

export interface GarbageCollectorDeps {
  client: KubeClient;
  informers: Informers;
  clock: Clock;
  scope: Scope;
  report: (controller: string, key: string, failure: unknown) => void;
  events: EventWriter;
  /** The kinds it looks after, owners and dependents, as the server has them now. */
  discover: (signal: AbortSignal) => Promise<readonly CollectableKind[]>;
}

const BY_OWNER = 'garbage-collector/owner';
const WORKERS = 10;
/** The key of the work that looks which kinds there are. */
const KINDS = 'kinds';

interface Tracked {
  resource: CollectableKind;
  informer: Informer<KubeObject>;
  /** Ends when the server no longer has the kind. */
  scope: Scope;
}

/** What tells that kinds may have come or gone. */
const SOURCES_OF_KINDS: readonly TypedResource<KubeObject>[] = [CustomResourceDefinitions, APIServices];

/** Deletes what its owners left behind, and holds owners back until their dependents are gone where that was asked for. */
export async function startGarbageCollector(deps: GarbageCollectorDeps): Promise<void> {
  await new GarbageCollector(deps).start();
}

class GarbageCollector {
  readonly #deps: GarbageCollectorDeps;
  readonly #scope: Scope;
  readonly #queue: WorkQueue;
  readonly #tracked = new Map<string, Tracked>();
  readonly #record: RecordEvent;

  constructor(deps: GarbageCollectorDeps) {
    this.#deps = deps;
    this.#scope = deps.scope.child('garbage collector');
    this.#queue = new WorkQueue({ clock: deps.clock });
    this.#record = deps.events.recorder({ component: 'garbage-collector-controller' });
  }

  async start(): Promise<void> {
    await this.#trackKinds();
    const sources = SOURCES_OF_KINDS.map((source) => this.#scope.add(this.#deps.informers.open(source)));
    await Promise.all(sources.map(({ informer }) => informer.synced(this.#scope.signal)));
    for (const { informer } of sources) this.#scope.add(informer.subscribe(() => this.#kindsChanged()));
    const workers = Array.from({ length: WORKERS }, () => this.#work());
    this.#scope.add(() => Promise.all(workers).then(() => undefined));
    this.#scope.add(() => this.#queue.close());
  }

  #kindsChanged(): void {
    this.#queue.add(KINDS);
  }

  /** Begins to look after kinds that are new, and leaves those that have gone. */
  async #trackKinds(): Promise<void> {
    const resources = await this.#deps.discover(this.#scope.signal);
    const served = new Map(resources.map((resource) => [resourceId(resource), resource]));
    for (const [id, tracked] of this.#tracked) {
      const resource = served.get(id);
      if (resource) {
        tracked.resource = resource;
        continue;
      }
      this.#tracked.delete(id);
      await tracked.scope.close();
    }
    const added = [...served].filter(([id]) => !this.#tracked.has(id)).map(([, resource]) => this.#track(resource));
    await Promise.all(added.map(({ informer, scope }) => informer.synced(scope.signal)));
    for (const tracked of added) this.#follow(tracked);
  }

  #track(resource: CollectableKind): Tracked {
    const scope = this.#scope.child(resource.plural);
    const lease = scope.add(this.#deps.informers.open<KubeObject>(resource, { indexes: { [BY_OWNER]: ownerUids } }));
    const tracked = { resource, informer: lease.informer, scope };
    this.#tracked.set(resourceId(resource), tracked);
    return tracked;
  }

  #follow(tracked: Tracked): void {
    const onDeltas = (deltas: readonly Delta<KubeObject>[]) => {
      for (const { type, object, previous } of deltas) {
        if (type === 'removed') this.#removed(object);
        else this.#changed(tracked, object, previous);
      }
    };
    tracked.scope.add(tracked.informer.subscribe(onDeltas));
    for (const object of tracked.informer.cache.values()) this.#changed(tracked, object, undefined);
  }

  #changed({ resource }: Tracked, object: KubeObject, previous: KubeObject | undefined): void {
    const { ownerReferences = [], deletionTimestamp, finalizers = [] } = object.metadata;
    if (ownerReferences.length > 0 && ownerReferences !== previous?.metadata.ownerReferences)
      this.#add(resource, object);
    if (deletionTimestamp && (finalizers.includes(FOREGROUND) || finalizers.includes(ORPHAN)))
      this.#add(resource, object);
    // An owner that waited for a blocking dependent may have been let go.
    for (const owner of previous?.metadata.ownerReferences ?? []) this.#addWaitingOwner(owner.uid);
  }

  #removed(object: KubeObject): void {
    for (const [resource, dependent] of this.#dependentsOf(object)) this.#add(resource, dependent);
    for (const owner of object.metadata.ownerReferences ?? []) this.#addWaitingOwner(owner.uid);
  }

  #addWaitingOwner(uid: string): void {
    for (const { resource, informer } of this.#tracked.values()) {
      const owner = informer.cache.byUid(uid);
      if (owner && isWaitingForDependents(owner)) this.#add(resource, owner);
    }
  }

  #add(resource: Resource, object: KubeObject): void {
    this.#queue.add(`${resourceId(resource)} ${keyOf(object)}`);
  }

  *#dependentsOf({ metadata: { uid, namespace } }: KubeObject): Generator<[Resource, KubeObject]> {
    for (const { resource, informer } of this.#tracked.values()) {
      for (const dependent of informer.cache.indexed(BY_OWNER, uid)) {
        // A namespaced owner has dependents in its own namespace only.
        if (!namespace || dependent.metadata.namespace === namespace) yield [resource, dependent];
      }
    }
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      try {
        await this.#process(key);
        this.#queue.forget(key);
      } catch (failure) {
        this.#failed(key, failure);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  #failed(key: string, failure: unknown): void {
    if (this.#scope.closed || isAbort(failure)) return;
    if (!isConflict(failure) && !isNotFound(failure)) this.#deps.report('garbage-collector', key, failure);
    this.#queue.retry(key);
  }

  async #process(key: string): Promise<void> {
    if (key === KINDS) return this.#trackKinds();
    const space = key.indexOf(' ');
    const tracked = this.#tracked.get(key.slice(0, space));
    const object = tracked?.informer.cache.get(key.slice(space + 1));
    if (!tracked || !object) return;
    if (object.metadata.deletionTimestamp) await this.#processOwner(tracked.resource, object);
    else await this.#processDependent(tracked.resource, object);
  }

  async #processOwner(resource: Resource, owner: KubeObject): Promise<void> {
    const dependents = [...this.#dependentsOf(owner)];
    const plan = planOwner(
      owner,
      dependents.map(([, dependent]) => dependent),
    );
    if (plan.step === 'nothing') return;
    if (plan.step === 'orphan') {
      for (const [kind, dependent] of dependents) await this.#unlink(kind, dependent, [owner.metadata.uid]);
      await this.#removeFinalizer(resource, owner, ORPHAN);
      return;
    }
    for (const [kind, dependent] of dependents) this.#add(kind, dependent);
    if (!plan.blocked) await this.#removeFinalizer(resource, owner, FOREGROUND);
  }

  async #processDependent(resource: Resource, object: KubeObject): Promise<void> {
    const states = new Map<string, OwnerState>();
    for (const owner of object.metadata.ownerReferences ?? []) {
      states.set(owner.uid, await this.#stateOf(owner, object));
    }
    const plan = planDependent({
      object,
      stateOf: ({ uid }) => states.get(uid) ?? 'unknown',
      hasDependents: !this.#dependentsOf(object).next().done,
    });
    if (plan.step === 'unlink') await this.#unlink(resource, object, plan.uids);
    if (plan.step !== 'delete') return;
    const { uid, resourceVersion } = object.metadata;
    const { signal } = this.#scope;
    const options = { propagationPolicy: plan.policy, preconditions: { uid, resourceVersion }, signal };
    await ignoreGone(this.#deps.client.remove(resource, refOf(object), options));
  }

  /** A cache that does not know the owner may lag behind: the server has the last word. */
  async #stateOf(owner: OwnerReference, object: KubeObject): Promise<OwnerState> {
    const { namespace } = object.metadata;
    const { group, version } = parseApiVersion(owner.apiVersion);
    const tracked = [...this.#tracked.values()].find(
      ({ resource }) => resource.kind === owner.kind && resource.group === group && resource.versions.includes(version),
    );
    if (!tracked) return 'unknown';
    const { resource, informer } = tracked;
    const known = informer.cache.byUid(owner.uid);
    const isElsewhere = resource.namespaced && known && known.metadata.namespace !== namespace;
    if (known && !isElsewhere) return isWaitingForDependents(known) ? 'waiting' : 'present';
    if (isElsewhere) this.#tellElsewhere(owner, object);
    const ref = { name: owner.name, namespace: resource.namespaced ? namespace : undefined };
    try {
      const { signal } = this.#scope;
      const live = await this.#deps.client.get<KubeObject>({ ...resource, version }, ref, { signal });
      return live.metadata.uid === owner.uid ? 'present' : 'absent';
    } catch (failure) {
      if (isNotFound(failure)) return 'absent';
      throw failure;
    }
  }

  /** An owner must be in the namespace of its dependents; one elsewhere is none. */
  #tellElsewhere({ apiVersion, kind, name, uid }: OwnerReference, object: KubeObject): void {
    const { namespace = '' } = object.metadata;
    const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    const message = `ownerRef ${owner} does not exist in namespace "${namespace}"`;
    this.#record(object, { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message });
  }

  async #unlink(resource: Resource, object: KubeObject, uids: readonly string[]): Promise<void> {
    const { metadata } = object;
    const ownerReferences = (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.includes(uid));
    await this.#patchMetadata(resource, object, {
      ownerReferences: ownerReferences.length > 0 ? ownerReferences : null,
    });
  }

  async #removeFinalizer(resource: Resource, object: KubeObject, finalizer: string): Promise<void> {
    const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    await this.#patchMetadata(resource, object, { finalizers: finalizers.length > 0 ? finalizers : null });
  }

  /** Only if the object is still the one that was looked at. */
  async #patchMetadata(resource: Resource, object: KubeObject, change: object): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const patch = { metadata: { ...change, uid, resourceVersion } };
    const { signal } = this.#scope;
    await ignoreGone(this.#deps.client.patch(resource, refOf(object), { type: 'merge', patch }, { signal }));
  }
}

function ownerUids({ metadata }: KubeObject): string[] {
  return (metadata.ownerReferences ?? []).map(({ uid }) => uid);
}
