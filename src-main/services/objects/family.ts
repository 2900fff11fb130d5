import type { Link } from '#common/kinds/kind';
import { kindOf } from '#common/kinds/registry';
import type { AnyObject } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import type { InformerSet } from './informer-set';

/** Generations below an object: a CronJob's Jobs' Pods, a Deployment's ReplicaSets' Pods. */
const MAX_GENERATIONS = 3;

export interface Relative {
  resource: Resource;
  object: AnyObject;
}

/** The objects a link leads to, as far as they are known now. */
export function followLink({ resource, namespace, name, matches, ...selector }: Link, set: InformerSet): AnyObject[] {
  const fieldSelector = name === undefined ? selector.fieldSelector : `metadata.name=${name}`;
  const { cache } = set.open<AnyObject>(resource, { namespace, labelSelector: selector.labelSelector, fieldSelector });
  return [...cache.values()].filter(
    (object) => (name === undefined || object.metadata.name === name) && (matches?.(object) ?? true),
  );
}

/** What an object owns, and what that owns, nearest first. */
export function descendants(object: AnyObject, resource: Resource, set: InformerSet): Relative[] {
  const found: Relative[] = [];
  let generation: Relative[] = [{ resource, object }];
  for (let depth = 0; depth < MAX_GENERATIONS && generation.length > 0; depth++) {
    generation = generation.flatMap((parent) => children(parent, set));
    found.push(...generation);
  }
  return found;
}

function children({ resource, object }: Relative, set: InformerSet): Relative[] {
  const links = kindOf(resource)?.links?.(object) ?? [];
  return links
    .filter(({ relation }) => relation === 'owned')
    .flatMap((link) => followLink(link, set).map((child) => ({ resource: link.resource, object: child })));
}
