import type { AnyObject } from '#common/kube/object';
import { notFound } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import type { Exchange } from '../exchange';
import { parseLabelSelector } from '../selectors/label-selector';
import { virtualList, virtualObject } from './virtual-answer';

export async function nodeMetrics(exchange: Exchange): Promise<ApiResponse> {
  return answer(exchange, exchange.server.metrics?.nodes() ?? []);
}

export async function podMetrics(exchange: Exchange): Promise<ApiResponse> {
  return answer(exchange, exchange.server.metrics?.pods(exchange.info.namespace || undefined) ?? []);
}

function answer(exchange: Exchange, items: AnyObject[]): ApiResponse {
  const { name, plural } = exchange.info;
  if (name) {
    const found = items.find(({ metadata }) => metadata.name === name);
    if (!found) throw notFound({ group: 'metrics.k8s.io', plural }, name);
    return virtualObject(exchange, found);
  }
  const selector = parseLabelSelector(exchange.request.query.get('labelSelector'));
  return virtualList(
    exchange,
    items.filter(({ metadata }) => selector.matches(metadata.labels)),
  );
}
