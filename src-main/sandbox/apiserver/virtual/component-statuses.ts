import type { AnyObject } from '#common/kube/object';
import { notFound } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { Exchange } from '../exchange';
import { virtualList, virtualObject } from './virtual-answer';

const COMPONENTS = ['controller-manager', 'scheduler', 'etcd-0'];

/** The parts of the control plane, which live and die with this process. */
export async function componentStatuses(exchange: Exchange): Promise<ApiResponse> {
  const { name } = exchange.info;
  if (!name) return virtualList(exchange, COMPONENTS.map(component));
  if (!COMPONENTS.includes(name)) throw notFound({ group: '', plural: 'componentstatuses' }, name);
  return virtualObject(exchange, component(name));
}

function component(name: string): AnyObject {
  const metadata = { name, creationTimestamp: null } as unknown as AnyObject['metadata'];
  const conditions = [{ type: 'Healthy', status: 'True', message: 'ok' }];
  return { kind: 'ComponentStatus', apiVersion: 'v1', metadata, conditions };
}
