import { timestamp } from '#common/base/clock';
import type { AnyObject } from '#common/kube/object';
import { Pods } from '#common/kube/resources';
import type { Binding, Pod } from '#common/kube/types';
import { unforeseen, type Status } from '#common/kube/status-error';
import { notSupported, required, textOf } from '#main/sandbox/registry/field-errors';
import { draftOf } from '#main/sandbox/registry/object-state';
import { conflict } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { Exchange, ResourceExchange } from '../exchange';
import { valueResponse } from '../object-response';
import { readObject } from '../read-object';
import { writeRequest } from '../write-request';

const BINDING = { group: '', version: 'v1', kind: 'Binding' };

/** Gives a Pod to a node, once and for all: how the scheduler writes. */
export async function bind(exchange: ResourceExchange): Promise<ApiResponse> {
  return bindPod(exchange, (await readObject(exchange, BINDING)) as unknown as Binding);
}

/** The same by the older way: a Binding that names its Pod, created in the namespace. */
export async function createBinding(exchange: Exchange): Promise<ApiResponse> {
  const binding = (await readObject(exchange, BINDING)) as unknown as Binding;
  const served = exchange.server.catalogue.find(Pods);
  if (!served) throw new Error('Pods are not served');
  const info = { ...exchange.info, plural: Pods.plural, name: binding.metadata.name, subresource: 'binding' };
  return bindPod({ ...exchange, info, served }, binding);
}

async function bindPod(exchange: ResourceExchange, binding: Binding): Promise<ApiResponse> {
  mustBeBinding(binding);
  // Nobody comes to own what a binding sets.
  const request = {
    ...writeRequest(exchange, 'CreateOptions'),
    isPatch: true,
    bringsManagedFields: true,
    subresource: 'binding',
  };
  await exchange.served.registry.update(exchange.info.name, (current) => bound(exchange, current, binding), request);
  return valueResponse(exchange, success, 201);
}

/** Its rules speak without a Status of their own. */
function mustBeBinding({ target }: Binding): void {
  if (target?.kind && target.kind !== 'Node') {
    throw unforeseen(textOf(notSupported('target.kind', target.kind, ['Node', '<empty>'])));
  }
  if (!target?.name) throw unforeseen(textOf(required('target.name')));
}

function bound(
  { served, info, server }: ResourceExchange,
  current: AnyObject | undefined,
  binding: Binding,
): AnyObject {
  const entry = current ?? served.registry.get(info.namespace, info.name).object;
  const pod = draftOf(entry) as unknown as Pod;
  const refuse = (why: string) => conflict({ group: '', plural: 'pods/binding' }, info.name, why);
  if (binding.metadata.uid && binding.metadata.uid !== pod.metadata.uid) {
    throw refuse(
      `Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${pod.metadata.uid}`,
    );
  }
  if (pod.metadata.deletionTimestamp)
    throw refuse(`pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) {
    throw refuse(`pod ${pod.metadata.name} is already assigned to node "${pod.spec.nodeName}"`);
  }
  if (pod.spec.schedulingGates?.length) {
    throw refuse(`pod ${pod.metadata.name} has non-empty .spec.schedulingGates`);
  }
  pod.spec = { ...pod.spec, nodeName: binding.target.name ?? '' };
  if (binding.metadata.annotations) {
    pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  }
  const time = timestamp(server.clock);
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: time };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  // It need not wait for a node any more.
  const { nominatedNodeName: _waitedFor, ...status } = pod.status ?? {};
  return { ...pod, status: { ...status, conditions: [...others, scheduled] } } as unknown as AnyObject;
}

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
