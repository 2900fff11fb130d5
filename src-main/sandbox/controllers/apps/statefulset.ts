import { messageOf } from '#common/base/errors';
import { ControllerRevisions, PersistentVolumeClaims, Pods, StatefulSets } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
  StatefulSetStatus,
} from '#common/kube/types';
import { again, defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { claim, ignoreGone, refOf } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { currentRevision, planRevisionCleanup, removeRevisions } from './controller-revisions';
import { untilAvailable } from './pod-facts';
import { claimDrafts, claimNames, isStaleClaim, planClaimOwners } from './statefulset-claims';
import { identityLabels, POD_NAME_LABEL, podFrom, podNameOf, templateOf } from './statefulset-pods';
import { ordinalOf, planStatefulSet, revisionOfPod, statusOf, type StatefulStep } from './statefulset-plan';

/** Where the label of a revision's hash stands. */
const HASH_LABEL = 'controller.kubernetes.io/hash';

/** Keeps Pods with names, numbers and claims of their own, in order. */
export const statefulSetController = defineController({
  name: 'statefulset',
  reconciles: StatefulSets,
  owns: [Pods, ControllerRevisions],
  watches: [watched(PersistentVolumeClaims, () => [])],

  async reconcile(key, context) {
    const set = context.cache.get(StatefulSets, key);
    if (!set) return settled;
    const { selector } = set.spec;
    const only = (pod: Pod) => ordinalOf(set, pod) !== undefined;
    const claimed = await claim({ owner: set, ownerResource: StatefulSets, selector, resource: Pods, only }, context);
    const pods = claimed.filter(only);
    const kind = { resource: StatefulSets, label: HASH_LABEL };
    const { update, all, collisionCount } = await currentRevision(set, kind, context);
    const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const nowMs = context.clock.now();
    const names = { currentRevision: current.metadata.name, updateRevision: update.metadata.name };
    const crew = new Crew(set, all, context);
    const ground = { set, pods, ...names, nowMs };
    const steps = planStatefulSet({ ...ground, isStale: (podName) => crew.isStale(podName) });
    const failure = await crew.perform(steps);
    const outdated = steps.filter((step) => step.step === 'delete' && step.outdated).length;
    await writeStatus(set, { ...statusOf(ground, outdated), collisionCount }, context);
    const inUse = new Set([...Object.values(names), ...pods.map(revisionOfPod)]);
    await removeRevisions(planRevisionCleanup(set, all, inUse), context);
    if (failure !== undefined) throw failure;
    const waitMs = nextAvailable(set, pods, nowMs);
    return waitMs === undefined ? settled : again(waitMs);
  },
});

/** When the next ready Pod becomes available. */
function nextAvailable({ spec }: StatefulSet, pods: readonly Pod[], nowMs: number): number | undefined {
  const waits = pods.flatMap((pod) => untilAvailable(pod, spec.minReadySeconds ?? 0, nowMs) || []);
  return waits.length > 0 ? Math.min(...waits) : undefined;
}

/** Takes the steps that were planned for one set, and tells of each. */
class Crew {
  readonly #set: StatefulSet;
  readonly #revisions: readonly ControllerRevision[];
  readonly #context: ReconcileContext;

  constructor(set: StatefulSet, revisions: readonly ControllerRevision[], context: ReconcileContext) {
    this.#set = set;
    this.#revisions = revisions;
    this.#context = context;
  }

  isStale(podName: string): boolean {
    return this.#claims(podName).some((claim) => isStaleClaim(claim, this.#set, podName));
  }

  /** Answers what stood in the way of the first step that failed; those after it are not taken. */
  async perform(steps: readonly StatefulStep[]): Promise<unknown> {
    try {
      for (const step of steps) await this.#take(step);
    } catch (failure) {
      return failure;
    }
    return undefined;
  }

  async #take(step: StatefulStep): Promise<void> {
    if (step.step === 'create') await this.#create(step);
    else if (step.step === 'delete') await this.#delete(step.pod);
    else if (step.step === 'keep') await this.#keep(step.pod);
    else {
      if (step.step === 'provide') await this.#createClaims(step.pod.metadata.name);
      await this.#ownClaims(step.pod);
    }
  }

  async #create({ ordinal, revision }: Extract<StatefulStep, { step: 'create' }>): Promise<void> {
    const { client, signal } = this.#context;
    const name = podNameOf(this.#set, ordinal);
    const remembered = this.#revisions.find(({ metadata }) => metadata.name === revision);
    const template = templateOf(remembered) ?? this.#set.spec.template;
    try {
      await this.#createClaims(name);
      await client.create(Pods, podFrom(this.#set, template, { ordinal, revision }), { signal });
      this.#tell('Create', `Pod ${name}`);
    } catch (failure) {
      if (!isAlreadyExists(failure)) this.#tell('Create', `Pod ${name}`, failure);
      throw failure;
    }
  }

  async #delete(pod: Pod): Promise<void> {
    const { client, signal } = this.#context;
    const what = `Pod ${pod.metadata.name}`;
    try {
      await ignoreGone(client.remove(Pods, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal }));
    } catch (failure) {
      this.#tell('Delete', what, failure);
      throw failure;
    }
    this.#tell('Delete', what);
  }

  /** Its labels and the owners of its claims are set right, should somebody have changed them. */
  async #keep(pod: Pod): Promise<void> {
    const { client, signal } = this.#context;
    const { name, labels = {} } = pod.metadata;
    const isNamed = labels[POD_NAME_LABEL] === name;
    const hasChanged = await this.#ownClaims(pod);
    if (isNamed && !hasChanged) return;
    const patch = { metadata: { labels: identityLabels(name, ordinalOf(this.#set, pod) ?? 0) } };
    if (!isNamed) await client.patch(Pods, refOf(pod), { type: 'merge', patch }, { signal });
    this.#tell('Update', `Pod ${name}`);
  }

  async #createClaims(podName: string): Promise<void> {
    const { cache, client, signal } = this.#context;
    const namespace = this.#set.metadata.namespace ?? '';
    for (const draft of claimDrafts(this.#set, podName)) {
      const { name = '' } = draft.metadata;
      const known = cache.get(PersistentVolumeClaims, `${namespace}/${name}`);
      if (known?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`);
      if (known) continue;
      try {
        await client.create(PersistentVolumeClaims, draft, { signal });
        this.#record('Normal', 'SuccessfulCreate', `Create Claim ${name} Pod ${podName}`, 'success');
      } catch (failure) {
        if (isAlreadyExists(failure)) continue;
        const why = messageOf(failure);
        this.#record('Warning', 'FailedCreate', `Create Claim ${name} for Pod ${podName}`, `failed error: ${why}`);
        throw new Error(`failed to create PVC ${name}: ${why}`, { cause: failure });
      }
    }
  }

  /** True when a claim got other owners. */
  async #ownClaims(pod: Pod): Promise<boolean> {
    const { client, signal } = this.#context;
    let hasChanged = false;
    for (const claim of this.#claims(pod.metadata.name)) {
      const ownerReferences = planClaimOwners(claim, { set: this.#set, pod });
      if (!ownerReferences) continue;
      const next = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
      await client.update(PersistentVolumeClaims, next, { signal });
      hasChanged = true;
    }
    return hasChanged;
  }

  #claims(podName: string): PersistentVolumeClaim[] {
    const namespace = this.#set.metadata.namespace ?? '';
    return claimNames(this.#set, podName).flatMap(
      (name) => this.#context.cache.get(PersistentVolumeClaims, `${namespace}/${name}`) ?? [],
    );
  }

  #tell(verb: 'Create' | 'Update' | 'Delete', what: string, failure?: unknown): void {
    if (failure === undefined) this.#record('Normal', `Successful${verb}`, `${verb} ${what}`, 'successful');
    else this.#record('Warning', `Failed${verb}`, `${verb} ${what}`, `failed error: ${messageOf(failure)}`);
  }

  #record(type: 'Normal' | 'Warning', reason: string, deed: string, outcome: string): void {
    const message = `${deed} in StatefulSet ${this.#set.metadata.name} ${outcome}`;
    this.#context.record(this.#set, { type, reason, message });
  }
}

async function writeStatus(
  set: StatefulSet,
  status: StatefulSetStatus,
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameStatus(set.status, status)) return;
  await ignoreGone(client.updateStatus(StatefulSets, { ...set, status }, { signal }));
}
