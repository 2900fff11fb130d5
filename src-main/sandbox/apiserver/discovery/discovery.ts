/** What the server serves: aggregated in two documents for clients that can read them, else group by group. */
import type { ApiResponse } from '../api-request';
import { jsonResponse } from '../bodies';
import { notServed, pageNotFound } from '../dispatch-errors';
import { documentResponse, tagged, type TaggedDocument } from '../etag';
import type { Exchange } from '../exchange';
import { negotiateDiscovery } from '../negotiation';
import type { Catalogue } from '../catalogue';
import { aggregatedDiscovery, type DiscoverySources } from './aggregated';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy';

export async function discovery(exchange: Exchange, path: string): Promise<ApiResponse> {
  const { server } = exchange;
  const [, prefix = '', first = '', second = ''] = path.split('/');
  const isCore = prefix === 'api';
  if (!first) return root(exchange, isCore);
  const [group, version] = isCore ? ['', first] : [first, second];
  const document = version
    ? apiResourceList(server.catalogue, { group, version })
    : apiGroup(sourcesOf(exchange), group);
  if (document) return jsonResponse(200, document);
  if (server.catalogue.definitions.some((one) => one.group === group)) throw notServed();
  return pageNotFound();
}

function sourcesOf({ server }: Exchange): DiscoverySources {
  return { catalogue: server.catalogue, listing: server.aggregator.listing };
}

function root(exchange: Exchange, isCore: boolean): ApiResponse {
  const { request } = exchange;
  const sources = sourcesOf(exchange);
  const version = negotiateDiscovery(request.headers['accept']);
  if (version === 'legacy')
    return jsonResponse(200, isCore ? apiVersions(request.headers['host'] ?? '') : apiGroupList(sources));
  return documentResponse(request, aggregated(sources, isCore, version), {
    'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    'cache-control': 'public',
  });
}

type Documents = Map<string, TaggedDocument>;

/** By the lists that they tell of, which are others when a resource comes or goes. */
const documents = new WeakMap<Catalogue['definitions'], WeakMap<DiscoverySources['listing'], Documents>>();

function aggregated(sources: DiscoverySources, isCore: boolean, version: 'v2' | 'v2beta1'): TaggedDocument {
  const known = documentsOf(sources);
  const key = `${isCore}/${version}`;
  let document = known.get(key);
  if (!document) known.set(key, (document = tagged(aggregatedDiscovery(sources, isCore, version))));
  return document;
}

function documentsOf({ catalogue: { definitions }, listing }: DiscoverySources): Documents {
  let all = documents.get(definitions);
  if (!all) documents.set(definitions, (all = new WeakMap()));
  let known = all.get(listing);
  if (!known) all.set(listing, (known = new Map()));
  return known;
}
