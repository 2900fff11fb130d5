import { Deployments, ReplicaSets } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import { messageOf } from '#common/base/errors';
import { controllerOf } from '#common/kube/object';
import type { Deployment, DeploymentStatus, ReplicaSet } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import type { ReconcileContext } from '../runtime/define-controller';
import { controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameJson, sameStatus } from '../runtime/same-json';
import {
  countsOf,
  hasDeadline,
  progressingCondition,
  PROGRESSING,
  rolloutStatus,
  withCondition,
} from './deployment-status';
import {
  highestRevision,
  newSetAnnotations,
  REVISION,
  revisionOf,
  sizeAnnotations,
  splitReplicaSets,
} from './revisions';
import { newReplicas, replicasOf, type Resize } from './rollout-plan';
import { HASH_LABEL, sameTemplate, templateHash } from './template-hash';

/** One Deployment with its ReplicaSets while it is reconciled: performs what was planned and keeps up with what it wrote. */
export class DeploymentWriter {
  readonly #context: ReconcileContext;
  #deployment: Deployment;
  #newSet: ReplicaSet | undefined;
  #old: ReplicaSet[];

  constructor(deployment: Deployment, sets: readonly ReplicaSet[], context: ReconcileContext) {
    this.#context = context;
    this.#deployment = deployment;
    ({ newSet: this.#newSet, old: this.#old } = splitReplicaSets(deployment, sets));
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  get newSet(): ReplicaSet | undefined {
    return this.#newSet;
  }

  get old(): readonly ReplicaSet[] {
    return this.#old;
  }

  get all(): readonly ReplicaSet[] {
    return this.#newSet ? [...this.#old, this.#newSet] : this.#old;
  }

  /** Gives the ReplicaSet of the current template the newest revision; makes it if there is none and `create` says so. */
  async useNewReplicaSet({ create }: { create: boolean }): Promise<void> {
    if (this.#newSet) await this.#renew(this.#newSet);
    else if (create) await this.#create();
  }

  /** Changes sizes, with an event each. True when any size changed. */
  async resize(resizes: readonly Resize[]): Promise<boolean> {
    let changed = false;
    for (const { replicaSet, replicas } of resizes) {
      if (await this.#resizeOne(replicaSet, replicas)) changed = true;
    }
    return changed;
  }

  async remove(sets: readonly ReplicaSet[]): Promise<void> {
    const { client, signal } = this.#context;
    for (const set of sets) {
      await ignoreGone(client.remove(ReplicaSets, refOf(set), { propagationPolicy: 'Background', signal }));
      this.#old = this.#old.filter((other) => other !== set);
    }
  }

  /** Works the status out and writes it if it is another one. */
  async writeStatus({ withProgress }: { withProgress: boolean }): Promise<void> {
    const rollout = {
      deployment: this.#deployment,
      newSet: this.#newSet,
      all: this.all,
      nowMs: this.#context.clock.now(),
    };
    await this.putStatus(withProgress ? rolloutStatus(rollout) : countsOf(rollout));
  }

  async putStatus(status: DeploymentStatus): Promise<void> {
    if (!sameStatus(this.#deployment.status, status)) await this.#put({ ...this.#deployment, status });
  }

  async #put(deployment: Deployment): Promise<void> {
    const { client, signal } = this.#context;
    this.#deployment = await client.updateStatus(Deployments, deployment, { signal });
  }

  async #renew(set: ReplicaSet): Promise<void> {
    const revision = Math.max(highestRevision(this.#old) + 1, 1);
    const annotations = newSetAnnotations(this.#deployment, set.metadata.annotations, revision);
    const { minReadySeconds = 0 } = this.#deployment.spec;
    let current = set;
    const hasNews = !sameJson(annotations, set.metadata.annotations);
    if (hasNews || (set.spec.minReadySeconds ?? 0) !== minReadySeconds) {
      const spec = { ...set.spec, minReadySeconds };
      current = await this.#update({ ...set, metadata: { ...set.metadata, annotations }, spec });
    }
    this.#newSet = current;
    await this.#tellRevision(revisionOf(current), {
      reason: 'FoundNewReplicaSet',
      message: `Found new replica set "${current.metadata.name}"`,
    });
  }

  async #create(): Promise<void> {
    const revision = highestRevision(this.#old) + 1;
    const draft = this.#draft(revision);
    const { client, signal } = this.#context;
    try {
      this.#newSet = await client.create(ReplicaSets, draft, { signal });
    } catch (failure) {
      if (isAlreadyExists(failure)) await this.#resolveCollision(draft.metadata.name ?? '');
      else await this.#tellFailedCreate(draft.metadata.name ?? '', failure);
      throw failure;
    }
    const { name } = this.#newSet.metadata;
    if (replicasOf(this.#newSet) > 0) this.#recordScale('up', name, { from: 0, to: replicasOf(this.#newSet) });
    await this.#tellRevision(revision, {
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set "${name}"`,
      always: true,
    });
  }

  #draft(revision: number): Draft<ReplicaSet> {
    const { metadata, spec, status } = this.#deployment;
    const hash = templateHash(spec.template, status?.collisionCount);
    const labels = { ...spec.template.metadata?.labels, [HASH_LABEL]: hash };
    return {
      metadata: {
        name: `${metadata.name}-${hash}`,
        ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
        labels,
        annotations: {
          ...newSetAnnotations(this.#deployment, undefined, revision),
          ...sizeAnnotations(this.#deployment),
        },
        ownerReferences: [controllerReference(Deployments, this.#deployment)],
      },
      spec: {
        replicas: newReplicas(this.#deployment, this.#old, 0),
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
        selector: {
          ...spec.selector,
          matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash },
        },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    };
  }

  /** The name is taken. By our own ReplicaSet: the cache shows it soon. By another: the next hash is another one. */
  async #resolveCollision(name: string): Promise<void> {
    const { client, signal } = this.#context;
    const { metadata, spec, status } = this.#deployment;
    const taken = await client.get(ReplicaSets, { name, namespace: metadata.namespace }, { signal });
    const isOurs = controllerOf(taken)?.uid === metadata.uid && sameTemplate(taken.spec.template, spec.template);
    if (!isOurs) await this.putStatus({ ...status, collisionCount: (status?.collisionCount ?? 0) + 1 });
  }

  async #tellFailedCreate(name: string, failure: unknown): Promise<void> {
    const message = `Failed to create new replica set "${name}": ${messageOf(failure)}`;
    this.#context.record(this.#deployment, { type: 'Warning', reason: 'ReplicaSetCreateError', message });
    if (!hasDeadline(this.#deployment)) return;
    const { status } = this.#deployment;
    const failed = { type: PROGRESSING, status: 'False', reason: 'ReplicaSetCreateError', message };
    await this.putStatus({
      ...status,
      conditions: withCondition(status?.conditions, failed, this.#context.clock.now()),
    });
  }

  /** The Deployment carries the revision of its current ReplicaSet, and says that it has one. */
  async #tellRevision(
    revision: number,
    { reason, message, always = false }: { reason: string; message: string; always?: boolean },
  ): Promise<void> {
    const { metadata, status } = this.#deployment;
    const isNew = metadata.annotations?.[REVISION] !== String(revision);
    const tells = hasDeadline(this.#deployment) && (always || !progressingCondition(this.#deployment));
    if (!isNew && !tells) return;
    const progress = { type: PROGRESSING, status: 'True', reason, message };
    await this.#put({
      ...this.#deployment,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: String(revision) } },
      status: tells
        ? { ...status, conditions: withCondition(status?.conditions, progress, this.#context.clock.now()) }
        : { ...status },
    });
  }

  async #resizeOne(set: ReplicaSet, replicas: number): Promise<boolean> {
    const before = replicasOf(set);
    const annotations = { ...set.metadata.annotations, ...sizeAnnotations(this.#deployment) };
    const isSame = before === replicas;
    if (isSame && sameJson(annotations, set.metadata.annotations)) return false;
    await this.#update({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } });
    if (!isSame)
      this.#recordScale(replicas > before ? 'up' : 'down', set.metadata.name, { from: before, to: replicas });
    return !isSame;
  }

  async #update(set: ReplicaSet): Promise<ReplicaSet> {
    const { client, signal } = this.#context;
    const written = await client.update(ReplicaSets, set, { signal });
    if (this.#newSet?.metadata.uid === written.metadata.uid) this.#newSet = written;
    else this.#old = this.#old.map((other) => (other.metadata.uid === written.metadata.uid ? written : other));
    return written;
  }

  #recordScale(direction: 'up' | 'down', name: string, { from, to }: { from: number; to: number }): void {
    const message = `Scaled ${direction} replica set ${name} from ${from} to ${to}`;
    this.#context.record(this.#deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
  }
}
