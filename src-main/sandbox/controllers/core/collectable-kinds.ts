import type { Resource } from '#common/kube/resource';
import type { KubeClient } from '#main/client/client';
import { discover } from '#main/client/discovery/discover';

/** The kinds that the garbage collector looks after. Events are too many, and nobody's: they go when their time is over. */
export async function collectableKinds(client: KubeClient, signal: AbortSignal): Promise<Resource[]> {
  const { resources } = await discover(client, signal);
  return resources.filter(
    ({ preferred, plural, verbs }) =>
      preferred && plural !== 'events' && ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)),
  );
}
