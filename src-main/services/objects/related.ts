import { sleep, type Clock } from '#common/base/clock';
import type { RelatedObject, Relation } from '#common/contract/objects';
import type { ObjectRef } from '#common/contract/shapes';
import { genericStatus } from '#common/kinds/generic';
import type { Link } from '#common/kinds/kind';
import { kindOf } from '#common/kinds/registry';
import type { AnyObject } from '#common/kube/object';
import { parseApiVersion, type Resource } from '#common/kube/resource';
import { Pulse } from '#main/base/pulse';
import type { ClusterSession } from '#main/session/session';
import { followLink } from './family';
import { InformerSet } from './informer-set';

const PACE_MS = 200;
/** A Service over thousands of Pods is shown by its first ones. */
const MAX_PER_LINK = 200;

/** What stands in relation to an object, both ways; told again when any of it changes. */
export async function* relatedObjects(
  session: ClusterSession,
  { resource, namespace, name }: ObjectRef,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<RelatedObject[]> {
  const changed = new Pulse();
  using set = new InformerSet(session.informers, () => changed.set());
  const self = set.open<AnyObject>(resource, { namespace, fieldSelector: `metadata.name=${name}` });
  changed.set();
  let told: string | undefined;
  while (!signal.aborted) {
    await changed.taken(signal);
    if (signal.aborted) return;
    const [object] = self.cache.values();
    const related = object ? relatedTo(object, resource, { session, set }) : [];
    const text = JSON.stringify(related);
    if (text !== told && (object || self.freshness.state !== 'loading')) {
      told = text;
      yield related;
    }
    await sleep(clock, PACE_MS, signal).catch(() => undefined);
  }
}

interface Finding {
  session: ClusterSession;
  set: InformerSet;
}

function relatedTo(object: AnyObject, resource: Resource, finding: Finding): RelatedObject[] {
  const links = [...ownerLinks(object, finding.session), ...(kindOf(resource)?.links?.(object) ?? [])];
  return links.flatMap((link) => {
    const target = servedResource(link.resource, finding.session);
    return target ? linked({ ...link, resource: target }, finding.set) : [];
  });
}

function ownerLinks({ metadata }: AnyObject, session: ClusterSession): Link[] {
  return (metadata.ownerReferences ?? []).flatMap(({ apiVersion, kind, name }): Link[] => {
    const resource = session.kind({ ...parseApiVersion(apiVersion), kind });
    return resource
      ? [{ relation: 'owner', resource, ...(resource.namespaced ? { namespace: metadata.namespace } : {}), name }]
      : [];
  });
}

/** References tell a kind, not its plural; discovery knows both. Kinds the server does not have lead nowhere. */
function servedResource(resource: Resource, session: ClusterSession): Resource | undefined {
  const { group, plural, kind } = resource;
  const served = session.kind(plural ? { group, plural } : { group, kind });
  return served ?? (session.kinds.length === 0 && plural ? resource : undefined);
}

function linked(link: Link, set: InformerSet): RelatedObject[] {
  const found = followLink(link, set);
  if (found.length === 0 && link.name !== undefined) return [missing(link, link.name)];
  return found.slice(0, MAX_PER_LINK).map((object) => described(link, object));
}

function described({ relation, resource }: Link, object: AnyObject): RelatedObject {
  const { tone, word } = kindOf(resource)?.status(object) ?? genericStatus(object);
  const { name, namespace } = object.metadata;
  return { relation, resource: plain(resource), ...(namespace ? { namespace } : {}), name, tone, note: word };
}

/** Named, but not there (or not yet read, or not allowed to be). */
function missing({ relation, resource, namespace }: Link, name: string): RelatedObject {
  return {
    relation: relation satisfies Relation,
    resource: plain(resource),
    ...(namespace ? { namespace } : {}),
    name,
    tone: 'none',
    note: '',
  };
}

function plain({ group, version, plural, kind, namespaced }: Resource): Resource {
  return { group, version, plural, kind, namespaced };
}
