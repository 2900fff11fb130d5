import { Namespaces, Pods } from '#common/kube/resources';
import type { Namespace, Pod } from '#common/kube/types';
import type { ControllerCache } from '../runtime/controller-cache';
import { again, defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { ignoreGone } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import { deletionConditions, emptyNamespace, type Emptying, type Remaining } from './namespace-content';

const KUBERNETES = 'kubernetes';
/** How long content that other finalizers hold is left alone (finalizerEstimateSeconds of the namespace controller). */
const FINALIZER_SECONDS = 15;
/** After a kind that could not be emptied, or an API that does not answer. */
const RETRY_SECONDS = 10;

/** Empties a namespace that was deleted, then lets it go. */
export const namespaceController = defineController({
  name: 'namespace',
  reconciles: Namespaces,
  watches: [watched(Pods, terminatingNamespace)],
  gatherMs: 100,

  async reconcile(key, context) {
    const namespace = context.cache.get(Namespaces, key);
    if (!namespace?.metadata.deletionTimestamp) return settled;
    if (!namespace.spec?.finalizers?.includes(KUBERNETES)) return settled;

    const emptying = await emptyNamespace(context.client, { namespace: key, signal: context.signal });
    const told = await tell(namespace, emptying, context);
    if (emptying.silent.length > 0 || emptying.failures.length > 0) return again(RETRY_SECONDS * 1000);
    if (emptying.remaining.length > 0) return again((secondsLeft(emptying.remaining) / 2 + 1) * 1000);
    await finalize(told, context);
    return settled;
  },
});

async function tell(
  namespace: Namespace,
  emptying: Emptying,
  { client, clock, signal }: ReconcileContext,
): Promise<Namespace> {
  const conditions = deletionConditions(emptying, namespace.status?.conditions, clock.now());
  const status = { ...namespace.status, phase: 'Terminating', conditions };
  if (sameJson(status, namespace.status)) return namespace;
  return client.updateStatus(Namespaces, { ...namespace, status }, { signal });
}

async function finalize(namespace: Namespace, { client, signal }: ReconcileContext): Promise<void> {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== KUBERNETES);
  const finalized = { ...namespace, spec: { ...namespace.spec, finalizers } };
  await ignoreGone(client.update(Namespaces, finalized, { subresource: 'finalize', signal }));
}

export function secondsLeft(remaining: readonly Remaining[]): number {
  return remaining.reduce((most, { finalizers, graceSeconds }) => {
    const held = Object.keys(finalizers).length > 0 ? FINALIZER_SECONDS : 0;
    return Math.max(most, held, graceSeconds);
  }, 0);
}

/** A Pod that is gone may have been the last of its namespace. */
function terminatingNamespace({ metadata }: Pod, cache: ControllerCache): string[] {
  const { namespace = '' } = metadata;
  return cache.get(Namespaces, namespace)?.metadata.deletionTimestamp ? [namespace] : [];
}
