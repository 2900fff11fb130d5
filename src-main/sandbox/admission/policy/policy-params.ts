/** The objects that a binding hands to its policy. */
import { matchesSelector } from '#common/kinds/selector';
import type { AnyObject } from '#common/kube/object';
import { apiVersionOf, parseApiVersion, resource } from '#common/kube/resource';
import { CustomResourceDefinitions } from '#common/kube/resources';
import type { ParamKind, ParamRef } from '#common/kube/types';
import { ANY_VERSION, builtInResources } from '#main/sandbox/machinery/schema';
import type { AdmissionCluster } from '../plugin';

/** The policy itself is wrong, whatever is bound to it. */
export class UnknownParamKind extends Error {}

/**
 * One after the other; a policy without parameters works once, with none. Throws Error where there are none and should
 * be, with the words of apiserver.
 */
export function paramsOf(
  { paramKind, paramRef }: { paramKind?: ParamKind | undefined; paramRef?: ParamRef | undefined },
  namespace: string,
  cluster: AdmissionCluster,
): (AnyObject | undefined)[] {
  if (!paramKind) return [undefined];
  const { apiVersion = '', kind = '' } = paramKind;
  const home = parseApiVersion(apiVersion);
  const known = kindNamed(home, kind, cluster);
  if (!known) {
    const named = `${home.group}/${home.version}, Kind=${kind}`;
    throw new UnknownParamKind(`failed to find resource referenced by paramKind: '${named}'`);
  }
  if (!paramRef) return [undefined];
  if (!known.namespaced && paramRef.namespace)
    throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const place = known.namespaced ? paramRef.namespace || namespace : '';
  if (known.namespaced && !place)
    throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  const found = [...foundIn(cluster, known, place, paramRef)].map((object) => typed(object, paramKind));
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny')
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
  return found;
}

type Known = ReturnType<typeof kindNamed> & object;

function* foundIn(
  cluster: AdmissionCluster,
  known: Known,
  home: string,
  { name, selector }: ParamRef,
): Iterable<AnyObject> {
  const place = resource<AnyObject>(known);
  if (name) {
    const object = cluster.get(place, home ? `${home}/${name}` : name);
    if (object) yield object;
    return;
  }
  for (const object of cluster.list(place, home || undefined)) if (matchesSelector(selector, object)) yield object;
}

const typed = (object: AnyObject, { apiVersion, kind }: ParamKind): AnyObject =>
  ({ ...object, apiVersion, kind }) as AnyObject;

/** Objects of custom kinds lie together, whatever their version. */
function kindNamed(home: { group: string; version: string }, kind: string, cluster: AdmissionCluster) {
  const { group, version } = home;
  const wanted = apiVersionOf(home);
  const builtIn = builtInResources().find((one) => one.kind === kind && apiVersionOf(one) === wanted);
  if (builtIn) return builtIn;
  for (const { spec } of cluster.list(CustomResourceDefinitions)) {
    if (spec.group !== group || spec.names.kind !== kind) continue;
    if (!spec.versions.some((one) => one.served && one.name === version)) continue;
    return { group, version: ANY_VERSION, plural: spec.names.plural, kind, namespaced: spec.scope === 'Namespaced' };
  }
  return undefined;
}
