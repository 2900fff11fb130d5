import type { AnyObject } from '#common/kube/object';
import { notFound } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { Exchange } from '../exchange';
import { parseFieldSelector } from '../selectors/field-selector';
import { parseLabelSelector } from '../selectors/label-selector';
import { virtualList, virtualObject } from './virtual-answer';

export async function nodeMetrics(exchange: Exchange): Promise<ApiResponse> {
  const items = (await exchange.server.metrics?.nodes()) ?? [];
  return answer(exchange, items as unknown as AnyObject[], 'nodemetrics');
}

export async function podMetrics(exchange: Exchange): Promise<ApiResponse> {
  const items = (await exchange.server.metrics?.pods(exchange.info.namespace || undefined)) ?? [];
  return answer(exchange, items as unknown as AnyObject[], 'podmetrics');
}

/** `kind` is how refusals call the resource: metrics-server has names of its own there. */
function answer(exchange: Exchange, items: AnyObject[], kind: string): ApiResponse {
  const { name, namespace } = exchange.info;
  if (name) {
    const found = items.find(({ metadata }) => metadata.name === name);
    const asked = namespace ? `${namespace}/${name}` : name;
    if (!found) throw notFound({ group: 'metrics.k8s.io', plural: kind }, asked);
    return virtualObject(exchange, found);
  }
  const { query } = exchange.request;
  const labels = parseLabelSelector(query.get('labelSelector'));
  const fields = parseFieldSelector(query.get('fieldSelector'), SELECTABLE);
  const selected = items.filter((object) => labels.matches(object.metadata.labels) && fields.matches(object));
  return virtualList(exchange, selected.sort(byKey));
}

const SELECTABLE = { fieldLabels: ['metadata.name', 'metadata.namespace'], hasOwnLabels: false, kind: '' };

function byKey({ metadata: left }: AnyObject, { metadata: right }: AnyObject): number {
  const keys = [left, right].map(({ namespace = '', name }) => `${namespace}/${name}`);
  return (keys[0] ?? '') < (keys[1] ?? '') ? -1 : 1;
}
