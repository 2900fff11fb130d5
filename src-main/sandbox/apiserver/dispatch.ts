import { groupResource } from '#common/kube/resource';
import { builtInResources } from '#common/kube/resources';
import type { ApiResponse } from './api-request';
import { passOn } from './aggregation/pass-on';
import { methodNotAllowed, notServed, pageNotFound } from './dispatch-errors';
import type { Exchange, ResourceExchange } from './exchange';
import { nonResource } from './non-resource';
import type { ServedResource } from './served-resource';
import { connectHandler } from './subresources/connect';
import { virtualHandler } from './virtual/virtual-resources';
import { subresourceHandler } from './subresources/subresources';
import { create } from './verbs/create';
import { remove, removeCollection } from './verbs/delete';
import { get } from './verbs/get';
import { list } from './verbs/list';
import { patch } from './verbs/patch';
import { update } from './verbs/update';
import { watch } from './verbs/watch';

type ResourceHandler = (exchange: ResourceExchange) => Promise<ApiResponse>;

const VERBS: Readonly<Record<string, ResourceHandler>> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: remove,
  deletecollection: removeCollection,
};

/** Kinds that the release advises against, by `plural.group`. */
const DEPRECATED: Readonly<Record<string, string>> = {
  componentstatuses: 'v1 ComponentStatus is deprecated in v1.19+',
  endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** Their handlers refuse unknown kinds themselves; of other groups nobody knows anything. */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(builtInResources.map(({ group }) => group));

/** The end of the chain: the handler of a request. */
export async function dispatch(exchange: Exchange): Promise<ApiResponse> {
  const { info, server } = exchange;
  const answer = await passOn(exchange);
  if (answer) return answer;
  if (!info.isResource) return nonResource(exchange);
  const virtual = virtualHandler(exchange);
  if (virtual) {
    const deprecation = DEPRECATED[groupResource(info)];
    if (deprecation) exchange.warnings.push(deprecation);
    return virtual(exchange);
  }
  const served = server.catalogue.find(info);
  if (!served && !BUILT_IN_GROUPS.has(info.group)) return pageNotFound();
  if (!served) throw notServed();
  if (isMisplaced(exchange, served.definition)) throw isOfAllNamespaces(info) ? methodNotAllowed() : notServed();
  const resourceExchange: ResourceExchange = Object.assign(exchange, { served });
  const handler = handlerOf(resourceExchange);
  const deprecation = deprecationOf(served);
  if (deprecation) exchange.warnings.push(deprecation);
  return handler(resourceExchange);
}

function deprecationOf({ definition, custom, apiVersion }: ServedResource): string | undefined {
  if (!custom) return DEPRECATED[groupResource(definition)];
  if (!custom.declared.deprecated) return undefined;
  const { deprecationWarning } = custom.declared;
  const { replacement } = custom;
  const advice = replacement ? `; use ${definition.group}/${replacement} ${definition.kind}` : '';
  return deprecationWarning ?? `${apiVersion} ${definition.kind} is deprecated${advice}`;
}

/** Cluster-scoped kinds do not lie below a namespace; namespaced ones do, unless all namespaces are listed. */
function isMisplaced({ info }: Exchange, { plural, namespaced }: ResourceExchange['served']['definition']): boolean {
  if (plural === 'namespaces' && info.group === '') return false;
  if (!namespaced) return info.namespace !== '';
  const spansAll = info.name === '' && ['list', 'watch', 'create', 'deletecollection'].includes(info.verb);
  return info.namespace === '' && !spansAll;
}

/** The list of all namespaces is there, but only to be read. */
const isOfAllNamespaces = ({ namespace, name }: Exchange['info']): boolean => namespace === '' && name === '';

/** Objects are created in their collection, and changed one by one. */
function isVerbOfPlace({ verb, name }: Exchange['info']): boolean {
  if (verb === 'create') return name === '';
  return name !== '' || !['update', 'patch'].includes(verb);
}

function handlerOf(exchange: ResourceExchange): ResourceHandler {
  const { info, served } = exchange;
  if (info.subresource) {
    const handler = connectHandler(exchange) ?? subresourceHandler(exchange);
    if (handler) return handler;
    throw notServed();
  }
  const handler = isVerbOfPlace(info) ? VERBS[info.verb] : undefined;
  if (handler && served.definition.verbs.includes(info.verb)) return handler;
  throw methodNotAllowed();
}
