import { isAbort } from '#common/base/errors';
import type { Clock } from '#common/base/clock';
import type { Scope } from '#common/base/scope';
import { controllerOf, keyOf, type KubeObject, type ObjectKey } from '#common/kube/object';
import { parseApiVersion, type Resource, type TypedResource } from '#common/kube/resource';
import { isAlreadyExists, isConflict, isForbidden, isNotFound } from '#common/kube/status-error';
import type { KubeClient } from '#main/client/client';
import type { Delta } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { ControllerCache } from './controller-cache';
import { TerminalError, type Change, type Controller, type Outcome } from './define-controller';
import type { RecordEvent } from './event-recorder';
import { NotingClient, OwnWrites } from './own-writes';
import { WorkQueue } from './work-queue';

/** What every controller of one cluster is given. */
export interface ControllerWorld {
  client: KubeClient;
  informers: Informers;
  record: RecordEvent;
  clock: Clock;
  scope: Scope;
  /** A reconcile that failed for no everyday reason. */
  report: (controller: string, key: string, failure: unknown) => void;
}

type KeysOf = (object: KubeObject, change: Change) => readonly ObjectKey[];

const DEFAULT_CONCURRENCY = 5;

/** Runs `controller` until the scope of `world` closes. Resolves when its caches are filled and its workers run. */
export async function runController(controller: Controller, world: ControllerWorld): Promise<void> {
  const runner = new ControllerRunner(controller, world);
  await runner.start();
}

class ControllerRunner {
  readonly #controller: Controller;
  readonly #world: ControllerWorld;
  readonly #scope: Scope;
  readonly #cache: ControllerCache;
  readonly #queue: WorkQueue;
  readonly #writes = new Map<ObjectKey, OwnWrites>();

  constructor(controller: Controller, world: ControllerWorld) {
    this.#controller = controller;
    this.#world = world;
    this.#scope = world.scope.child(`controller ${controller.name}`);
    this.#cache = this.#scope.add(new ControllerCache(world.informers));
    const { retryMs } = controller;
    const limits = retryMs ? { firstRetryMs: retryMs.first, maxRetryMs: retryMs.longest } : {};
    this.#queue = new WorkQueue({ clock: world.clock, ...limits });
  }

  async start(): Promise<void> {
    const { reconciles, owns = [], watches = [], indexes = [] } = this.#controller;
    const resources = [reconciles, ...owns, ...watches.map(({ resource }) => resource)];
    const informers = [...new Set(resources)].map((resource) => this.#open(resource, indexes));
    await Promise.all(informers.map((informer) => informer.synced(this.#scope.signal)));
    this.#followReconciled();
    for (const resource of owns) this.#follow(resource, (object) => this.#ownerKeys(object), this.#controller.gatherMs);
    for (const { resource, keys, isUrgent } of watches) {
      const gatherMs = isUrgent ? 0 : this.#controller.gatherMs;
      this.#follow(resource, (object, change) => keys(object, this.#cache, change), gatherMs);
    }
    const workers = Array.from({ length: this.#controller.concurrency ?? DEFAULT_CONCURRENCY }, () => this.#work());
    this.#scope.add(() => Promise.all(workers).then(() => undefined));
    this.#scope.add(() => this.#queue.close());
  }

  #open(resource: TypedResource<KubeObject>, indexes: NonNullable<Controller['indexes']>) {
    const own = indexes.filter((index) => isSameKind(index.resource, resource));
    return this.#cache.informer(resource, own);
  }

  #followReconciled(): void {
    const { reconciles, waitMs = () => 0 } = this.#controller;
    const informer = this.#cache.informer(reconciles);
    const onDeltas = (deltas: readonly Delta<KubeObject>[]) => {
      for (const { object, previous } of deltas) {
        const wait = previous ? waitMs(object, previous, this.#world.clock.now()) : 0;
        this.#queue.addAfter(keyOf(object), wait);
      }
    };
    this.#scope.add(informer.subscribe(onDeltas));
    for (const object of informer.cache.values()) this.#queue.add(keyOf(object));
  }

  #follow(resource: TypedResource<KubeObject>, keys: KeysOf, gatherMs = 0): void {
    const add = (object: KubeObject, change: Change) => {
      for (const key of keys(object, change)) this.#queue.addAfter(key, gatherMs);
    };
    const informer = this.#cache.informer(resource);
    const onDeltas = (deltas: readonly Delta<KubeObject>[]) => {
      for (const { type, object, previous } of deltas) {
        add(object, type);
        if (previous) add(previous, type);
      }
    };
    this.#scope.add(informer.subscribe(onDeltas));
    for (const object of informer.cache.values()) add(object, 'added');
  }

  #ownerKeys(object: KubeObject): readonly ObjectKey[] {
    const owner = controllerOf(object);
    const { reconciles } = this.#controller;
    if (!owner || owner.kind !== reconciles.kind) return [];
    if (parseApiVersion(owner.apiVersion).group !== reconciles.group) return [];
    const { namespace } = object.metadata;
    return [reconciles.namespaced && namespace ? `${namespace}/${owner.name}` : owner.name];
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      try {
        await this.#ownWritesSeen(key);
        this.#after(key, await this.#reconcile(key));
      } catch (failure) {
        this.#failed(key, failure);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  async #reconcile(key: ObjectKey): Promise<Outcome> {
    const writes = new OwnWrites();
    const client = new NotingClient(this.#world.client, writes);
    try {
      const { clock, record } = this.#world;
      return await this.#controller.reconcile(key, {
        cache: this.#cache,
        client,
        record,
        clock,
        signal: this.#scope.signal,
      });
    } finally {
      // Also after a failure: what was written before it counts.
      if (!writes.isEmpty) this.#writes.set(key, writes);
    }
  }

  async #ownWritesSeen(key: ObjectKey): Promise<void> {
    const writes = this.#writes.get(key);
    if (!writes) return;
    this.#writes.delete(key);
    await writes.seen((resource) => this.#cache.find(resource), this.#scope.signal);
  }

  #after(key: ObjectKey, { againAfterMs }: Outcome): void {
    this.#queue.forget(key);
    if (againAfterMs !== undefined) this.#queue.addAfter(key, againAfterMs);
  }

  #failed(key: ObjectKey, failure: unknown): void {
    if (this.#scope.closed || isAbort(failure)) return;
    if (!isEveryday(failure)) this.#world.report(this.#controller.name, key, failure);
    if (failure instanceof TerminalError) this.#queue.forget(key);
    else this.#queue.retry(key);
  }
}

/** Someone else was quicker, and the next look at the cache shows it; or a rule of the cluster forbids it, as events tell. */
function isEveryday(failure: unknown): boolean {
  return isConflict(failure) || isNotFound(failure) || isAlreadyExists(failure) || isForbidden(failure);
}

function isSameKind(left: Resource, right: Resource): boolean {
  return left.group === right.group && left.plural === right.plural;
}
