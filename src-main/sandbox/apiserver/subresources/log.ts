import type { LogQuery } from '#main/base/node-api';
import { forbiddenField, invalidValue, type FieldError } from '#main/sandbox/registry/field-errors';
import { invalid } from '#main/sandbox/registry/status-errors';
import type { ApiResponse } from '../api-request';
import { bytesResponse, textResponse } from '../bodies';
import type { ResourceExchange } from '../exchange';
import { isTrue } from '../request-info';
import { containerOf, podOf, podOnNode } from './pod-on-node';

const OPTIONS = { group: '', kind: 'PodLogOptions' };

/** The log of a container, as it is or as it grows. */
export async function podLog(exchange: ResourceExchange): Promise<ApiResponse> {
  const { request, info } = exchange;
  const query = logQuery(request.query, info.name);
  const pod = podOf(exchange);
  query.container = containerOf(pod, request.query.get('container'));
  // A Pod that is on no node yet has no log.
  if (!pod.spec.nodeName) return textResponse(200, '');
  const { node, ref } = podOnNode(exchange);
  const chunks = await node.logs(ref, query, request.signal);
  return bytesResponse(chunks, { 'content-type': 'text/plain' });
}

function logQuery(query: URLSearchParams, name: string): LogQuery {
  const errors: FieldError[] = [];
  const number = (key: string, least: number): number | undefined => {
    const text = query.get(key);
    if (text === null || text === '') return undefined;
    const value = Number(text);
    if (!(value >= least))
      errors.push(invalidValue(key, value, `must be greater than ${least === 0 ? 'or equal to 0' : '0'}`));
    return value;
  };
  const sinceSeconds = number('sinceSeconds', 1);
  const tailLines = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined && sinceTime) {
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  }
  if (errors.length > 0) throw invalid(OPTIONS, name, errors);
  return {
    container: '',
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...sinceOf(sinceSeconds, sinceTime),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}

/** Seconds are counted back from now on the node, a time is absolute; the node gets the latter as is. */
function sinceOf(seconds: number | undefined, time: string | null): Pick<LogQuery, 'sinceMs'> {
  if (time) return { sinceMs: Date.parse(time) };
  return seconds === undefined ? {} : { sinceMs: -seconds * 1000 };
}
