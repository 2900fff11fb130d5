/** The object an autoscaler scales, through its scale subresource. */
import { messageOf } from '#common/base/errors';
import { parseApiVersion, type Resource, type TypedResource } from '#common/kube/resource';
import { builtInResources } from '#common/kube/resources';
import { isConflict } from '#common/kube/status-error';
import type { CrossVersionObjectReference, Scale } from '#common/kube/types';
import type { KubeClient, ObjectRef } from '#main/client/client';
import { discover } from '#main/client/discovery/discover';

export interface ScaleTarget {
  resource: TypedResource<Scale>;
  ref: ObjectRef;
  scale: Scale;
}

/** Throws an Error whose message is the condition's. */
export async function findTarget(
  client: KubeClient,
  { apiVersion = '', kind, name }: CrossVersionObjectReference,
  namespace: string,
  signal: AbortSignal,
): Promise<ScaleTarget> {
  if (apiVersion.split('/').length > 2) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  const { group } = parseApiVersion(apiVersion);
  const found = await scaledResource(client, { group: apiVersion === '' ? '' : group, kind }, signal);
  // Scales lie in namespaces, even of kinds that do not.
  const resource = { ...found, namespaced: true };
  const ref = { namespace, name };
  return { resource, ref, scale: await client.get(resource, ref, { subresource: 'scale', signal }) };
}

async function scaledResource(
  client: KubeClient,
  wanted: { group: string; kind: string },
  signal: AbortSignal,
): Promise<TypedResource<Scale>> {
  const fits = ({ group, kind }: Resource) => group === wanted.group && kind === wanted.kind;
  const found = builtInResources.find(fits) ?? (await discover(client, signal)).resources.find(fits);
  if (found) return found as TypedResource<Scale>;
  const where = wanted.group ? ` in group "${wanted.group}"` : '';
  throw new Error(`no matches for kind "${wanted.kind}"${where}`);
}

const TRIES = 5;

/** Writes the new size; one that somebody changed meanwhile is read again. Throws the refusal. */
export async function rescale(
  client: KubeClient,
  { resource, ref, scale }: ScaleTarget,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  let current = scale;
  for (let tried = 1; ; tried++) {
    try {
      await client.update(
        resource,
        { ...current, spec: { ...current.spec, replicas } },
        { subresource: 'scale', signal },
      );
      return;
    } catch (failure) {
      if (!isConflict(failure) || tried === TRIES) throw new Error(messageOf(failure), { cause: failure });
      current = await client.get(resource, ref, { subresource: 'scale', signal });
    }
  }
}
