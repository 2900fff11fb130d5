/** Brings EndpointSlices into the shape that a plan asks for. */
import { EndpointSlices } from '#common/kube/resources';
import { isNamespaceTerminating } from '#common/kube/status-error';
import type { OwnerReference } from '#common/kube/object';
import type { EndpointSlice } from '#common/kube/types';
import type { ReconcileContext } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import { portsKey, type SliceLayout, type SlicePlan } from './slice-plan';

/** What all slices of one owner have in common. */
export interface SliceOwner {
  name: string;
  namespace: string;
  reference: OwnerReference;
  labels: Record<string, string>;
  annotations: (current: Record<string, string> | undefined) => Record<string, string>;
  /** Other annotations are reason enough to write a slice. */
  followsAnnotations?: boolean;
  addressType: string;
}

export async function writeSlices(
  owner: SliceOwner,
  { layouts, remove }: SlicePlan,
  { client, signal }: ReconcileContext,
): Promise<void> {
  for (const layout of layouts) {
    if (layout.slice) continue;
    try {
      await client.create(EndpointSlices, draftOf(owner, layout), { signal });
    } catch (failure) {
      // It goes with the namespace.
      if (isNamespaceTerminating(failure)) return;
      throw failure;
    }
  }
  for (const { slice, endpoints, ports } of layouts) {
    if (!slice || isSame(owner, slice, { endpoints, ports })) continue;
    const { labels } = owner;
    const metadata = { ...slice.metadata, labels, annotations: owner.annotations(slice.metadata.annotations) };
    await client.update(EndpointSlices, { ...slice, metadata, endpoints, ports }, { signal });
  }
  for (const slice of remove) await ignoreGone(client.remove(EndpointSlices, refOf(slice), { signal }));
}

type Content = Pick<SliceLayout, 'endpoints' | 'ports'>;

function isSame(owner: SliceOwner, slice: EndpointSlice, { endpoints, ports }: Content): boolean {
  const { labels, followsAnnotations, annotations } = owner;
  const { metadata } = slice;
  if (followsAnnotations && !sameJson(metadata.annotations ?? {}, annotations(metadata.annotations))) return false;
  return (
    sameJson(metadata.labels, labels) &&
    sameJson(slice.endpoints ?? [], endpoints) &&
    portsKey(slice.ports ?? []) === portsKey(ports)
  );
}

function draftOf({ name, namespace, reference, labels, annotations, addressType }: SliceOwner, content: Content) {
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels,
      annotations: annotations(undefined),
      ownerReferences: [reference],
    },
    addressType,
    endpoints: content.endpoints,
    ports: content.ports,
  };
}
