import { ApiStatusError, isForbidden } from '#common/kube/status-error';
import type { KubeClient } from '../client';
import { fromAggregated, isAggregated } from './aggregated';
import type { Discovery } from './discovered';
import { discoverEachGroup } from './each-group';

const ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** Every kind the server has: two requests where it has aggregated discovery (1.26 and newer), one per group version before. */
export async function discover(client: KubeClient, signal?: AbortSignal): Promise<Discovery> {
  const [core, groups] = await Promise.all([
    read(client, '/api', signal),
    read(client, '/apis', signal).catch(nothingWhenForbidden),
  ]);
  if (isAggregated(core) && isAggregated(groups)) return merge(fromAggregated(core), fromAggregated(groups));
  return discoverEachGroup(client, groups, signal);
}

async function read(client: KubeClient, path: string, signal: AbortSignal | undefined): Promise<unknown> {
  const response = await client.request({ method: 'GET', path, headers: { accept: ACCEPT }, signal });
  return response.json();
}

/** Without system:discovery only the core group may be there to see. */
function nothingWhenForbidden(failure: unknown): unknown {
  if (isForbidden(failure) || (failure instanceof ApiStatusError && failure.code === 404)) return { groups: [] };
  throw failure;
}

function merge(first: Discovery, second: Discovery): Discovery {
  return { resources: [...first.resources, ...second.resources], failed: [...first.failed, ...second.failed] };
}
