import type { Resource } from '#common/kube/resource';
import type { KubeClient } from '#main/client/client';
import { discover } from '#main/client/discovery/discover';

/** A kind in the version that the server prefers. */
export interface CollectableKind extends Resource {
  /** Every version in which it is served: owners may be named in any of them. */
  versions: readonly string[];
}

/** The kinds that the garbage collector looks after. Events are too many, and nobody's: they go when their time is over. */
export async function collectableKinds(client: KubeClient, signal: AbortSignal): Promise<CollectableKind[]> {
  const { resources } = await discover(client, signal);
  const versionsOf = (one: Resource): string[] =>
    resources.filter(({ group, plural }) => group === one.group && plural === one.plural).map(({ version }) => version);
  return resources
    .filter(
      ({ preferred, plural, verbs }) =>
        preferred && plural !== 'events' && ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)),
    )
    .map((resource) => ({ ...resource, versions: versionsOf(resource) }));
}
