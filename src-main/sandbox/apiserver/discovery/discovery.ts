/** What the server serves: aggregated in two documents for clients that can read them, else group by group. */
import type { ApiResponse } from '../api-request';
import { jsonResponse } from '../bodies';
import { notServed, pageNotFound } from '../dispatch-errors';
import { documentResponse, tagged, type TaggedDocument } from '../etag';
import type { Exchange } from '../exchange';
import { negotiateDiscovery } from '../negotiation';
import type { Catalogue } from '../catalogue';
import { aggregatedDiscovery } from './aggregated';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy';

export async function discovery(exchange: Exchange, path: string): Promise<ApiResponse> {
  const { server } = exchange;
  const [, prefix = '', first = '', second = ''] = path.split('/');
  const isCore = prefix === 'api';
  if (!first) return root(exchange, isCore);
  const [group, version] = isCore ? ['', first] : [first, second];
  const document = version ? apiResourceList(server.catalogue, { group, version }) : apiGroup(server.catalogue, group);
  if (document) return jsonResponse(200, document);
  if (apiGroup(server.catalogue, group)) throw notServed();
  return pageNotFound();
}

function root({ request, server }: Exchange, isCore: boolean): ApiResponse {
  const version = negotiateDiscovery(request.headers['accept']);
  if (version === 'legacy')
    return jsonResponse(200, isCore ? apiVersions(request.headers['host'] ?? '') : apiGroupList(server.catalogue));
  return documentResponse(request, aggregated(server.catalogue, isCore, version), {
    'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    'cache-control': 'public',
  });
}

/** By the list that they tell of, which is another one when a resource comes or goes. */
const documents = new WeakMap<Catalogue['definitions'], Map<string, TaggedDocument>>();

function aggregated(catalogue: Catalogue, isCore: boolean, version: 'v2' | 'v2beta1'): TaggedDocument {
  const { definitions } = catalogue;
  let known = documents.get(definitions);
  if (!known) documents.set(definitions, (known = new Map()));
  const key = `${isCore}/${version}`;
  let document = known.get(key);
  if (!document) known.set(key, (document = tagged(aggregatedDiscovery(catalogue, isCore, version))));
  return document;
}
