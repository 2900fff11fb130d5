import { Deployments, Pods, ReplicaSets } from '#common/kube/resources';
import { controllerOf, keyOf } from '#common/kube/object';
import type { Deployment, Pod, ReplicaSet } from '#common/kube/types';
import { matchesSelector } from '#common/kinds/selector';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  again,
  defineController,
  settled,
  watched,
  type Outcome,
  type ReconcileContext,
} from '../runtime/define-controller';
import { claim } from '../runtime/ownership';
import {
  hasDeadline,
  isComplete,
  progressingCondition,
  TIMED_OUT,
  untilTimedOut,
  withCondition,
} from './deployment-status';
import { DeploymentWriter } from './deployment-writer';
import { planCleanup } from './revisions';
import { DESIRED_REPLICAS, planNewReplicaSet, planOldReplicaSets, planScale, replicasOf } from './rollout-plan';

/** Brings the Pods of a Deployment from one template to the next, as fast as its strategy allows. */
export const deploymentController = defineController({
  name: 'deployment',
  reconciles: Deployments,
  owns: [ReplicaSets],
  watches: [watched(ReplicaSets, wouldBeOwners), watched(Pods, recreatedBy)],

  async reconcile(key, context) {
    const deployment = context.cache.get(Deployments, key);
    if (!deployment) return settled;

    const { selector } = deployment.spec;
    if (selectsEverything(deployment)) return settled;
    const ownerResource = Deployments;
    const sets = await claim({ owner: deployment, ownerResource, selector, resource: ReplicaSets }, context);
    const writer = new DeploymentWriter(deployment, sets, context);
    if (deployment.metadata.deletionTimestamp) {
      await writer.writeStatus({ withProgress: false });
      return settled;
    }
    await roll(writer, context);
    return afterwards(writer.deployment, context.clock.now());
  },
});

async function roll(writer: DeploymentWriter, context: ReconcileContext): Promise<void> {
  await tellPause(writer, context.clock.now());
  if (writer.deployment.spec.paused || isScaling(writer)) await scale(writer);
  else if (writer.deployment.spec.strategy?.type === 'Recreate') await recreate(writer, context.cache);
  else await rollingUpdate(writer);
}

/** Paused, or only its size changed: the shares of the ReplicaSets are kept. */
async function scale(writer: DeploymentWriter): Promise<void> {
  await writer.useNewReplicaSet({ create: false });
  await writer.resize(planScale(writer.deployment, writer.newSet, writer.old));
  if (writer.deployment.spec.paused) await writer.remove(planCleanup(writer.deployment, writer.old));
  await writer.writeStatus({ withProgress: false });
}

async function rollingUpdate(writer: DeploymentWriter): Promise<void> {
  await writer.useNewReplicaSet({ create: true });
  const { deployment, newSet } = writer;
  const up = newSet && planNewReplicaSet(deployment, writer.all, newSet);
  if (up && (await writer.resize([up]))) {
    await writer.writeStatus({ withProgress: true });
    return;
  }
  if (await writer.resize(planOldReplicaSets(deployment, writer.old, writer.newSet))) {
    await writer.writeStatus({ withProgress: true });
    return;
  }
  await finish(writer);
}

/** All old Pods go before the first new one comes. */
async function recreate(writer: DeploymentWriter, cache: ControllerCache): Promise<void> {
  await writer.useNewReplicaSet({ create: false });
  const active = writer.old.filter((set) => replicasOf(set) > 0);
  const down = await writer.resize(active.map((replicaSet) => ({ replicaSet, replicas: 0 })));
  if (down || hasRunningPods(writer.old, cache)) {
    await writer.writeStatus({ withProgress: true });
    return;
  }
  await writer.useNewReplicaSet({ create: true });
  const { newSet, deployment } = writer;
  if (newSet) await writer.resize([{ replicaSet: newSet, replicas: replicasOf(deployment) }]);
  await finish(writer);
}

async function finish(writer: DeploymentWriter): Promise<void> {
  const { deployment } = writer;
  if (deployment.status && isComplete(deployment, deployment.status)) {
    await writer.remove(planCleanup(deployment, writer.old));
  }
  await writer.writeStatus({ withProgress: true });
}

/** The deadline stands still while a Deployment is paused. */
async function tellPause(writer: DeploymentWriter, nowMs: number): Promise<void> {
  const { deployment } = writer;
  if (!hasDeadline(deployment)) return;
  const condition = progressingCondition(deployment);
  if (condition?.reason === TIMED_OUT) return;
  const isTold = condition?.reason === 'DeploymentPaused';
  const isPaused = deployment.spec.paused === true;
  if (isTold === isPaused) return;
  const reason = isPaused ? 'DeploymentPaused' : 'DeploymentResumed';
  const message = isPaused ? 'Deployment is paused' : 'Deployment is resumed';
  const change = { type: 'Progressing', status: 'Unknown', reason, message };
  await writer.putStatus({
    ...deployment.status,
    conditions: withCondition(deployment.status?.conditions, change, nowMs),
  });
}

/** An active ReplicaSet still has the shares of another size. */
function isScaling({ deployment, all }: DeploymentWriter): boolean {
  return all.some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
    return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== replicasOf(deployment);
  });
}

function hasRunningPods(old: readonly ReplicaSet[], cache: ControllerCache): boolean {
  return old.some((set) =>
    cache.ownedBy(Pods, set).some(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded'),
  );
}

/** Looks again when the rollout may have become stuck; while a Deployment is paused its deadline stands still. */
export function afterwards(deployment: Deployment, nowMs: number): Outcome {
  const leftMs = untilTimedOut(deployment, nowMs);
  const cannotGetStuck = leftMs === Infinity || progressingCondition(deployment)?.reason === TIMED_OUT;
  if (cannotGetStuck || deployment.spec.paused) return settled;
  // A second more, so that the deadline has truly passed by then.
  return again(Math.max(0, leftMs) + 1000);
}

function selectsEverything({ spec }: Deployment): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec.selector ?? {};
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

function wouldBeOwners(set: ReplicaSet, cache: ControllerCache): string[] {
  if (set.metadata.deletionTimestamp || controllerOf(set)) return [];
  return cache
    .inNamespace(Deployments, set.metadata.namespace)
    .filter(({ spec }) => matchesSelector(spec.selector, set))
    .map(keyOf);
}

/** A Recreate Deployment waits for the last of its old Pods. */
function recreatedBy(pod: Pod, cache: ControllerCache): string[] {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return [];
  const set = cache.get(ReplicaSets, `${pod.metadata.namespace}/${owner.name}`);
  const deployment = set && controllerOf(set);
  if (!deployment) return [];
  const key = `${pod.metadata.namespace}/${deployment.name}`;
  return cache.get(Deployments, key)?.spec.strategy?.type === 'Recreate' ? [key] : [];
}
