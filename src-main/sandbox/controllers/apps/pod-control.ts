/** Makes and ends the Pods of a controller, with the events that say so (kube-controller-manager's RealPodControl). */
import type { KubeObject } from '#common/kube/object';
import { messageOf } from '#common/base/errors';
import { Pods } from '#common/kube/resources';
import { ApiStatusError, isNotFound } from '#common/kube/status-error';
import type { Pod } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import type { ReconcileContext } from '../runtime/define-controller';
import { refOf } from '../runtime/ownership';

/** Throws what the server refused with, after telling it of the owner. */
export async function createPod(
  owner: KubeObject,
  draft: Draft<Pod>,
  { client, record, signal }: ReconcileContext,
): Promise<void> {
  try {
    const pod = await client.create(Pods, draft, { signal });
    record(owner, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
  } catch (failure) {
    if (!isNamespaceTerminating(failure)) {
      const message = `Error creating: ${messageOf(failure)}`;
      record(owner, { type: 'Warning', reason: 'FailedCreate', message });
    }
    throw failure;
  }
}

/** A Pod that is gone already needs nothing, and nobody is told. */
export async function deletePod(
  owner: KubeObject,
  pod: Pod,
  { client, record, signal }: ReconcileContext,
): Promise<void> {
  const { name, uid } = pod.metadata;
  try {
    await client.remove(Pods, refOf(pod), { preconditions: { uid }, signal });
    record(owner, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
  } catch (failure) {
    if (isNotFound(failure)) return;
    record(owner, { type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${messageOf(failure)}` });
    throw failure;
  }
}

/** Nothing can be made in a namespace that goes away, and nobody needs to be told. */
export function isNamespaceTerminating(failure: unknown): boolean {
  if (!(failure instanceof ApiStatusError)) return false;
  return failure.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}
