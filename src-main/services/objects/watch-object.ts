import type { ObjectState } from '#common/contract/objects';
import type { ObjectRef } from '#common/contract/shapes';
import { genericSentence, genericStatus } from '#common/kinds/generic';
import { kindOf } from '#common/kinds/registry';
import { speak } from '#common/kinds/speak';
import type { AnyObject } from '#common/kube/object';
import { follow } from '#main/base/pulse';
import type { Informer } from '#main/informer/informer';
import type { ClusterSession } from '#main/session/session';
import { toYaml } from './yaml';

/** Follows one object with a watch of its own: whole, so that what an editor writes back has lost nothing. */
export async function* watchObject(
  session: ClusterSession,
  { resource, namespace, name }: ObjectRef,
  signal: AbortSignal,
): AsyncGenerator<ObjectState> {
  using lease = session.informers.open<AnyObject>(resource, { namespace, fieldSelector: `metadata.name=${name}` });
  const { informer } = lease;
  let last: AnyObject | undefined;
  const read = (): ObjectState => {
    const [now] = informer.cache.values();
    last = now ?? last;
    return objectState(last, informer, now === undefined && last !== undefined);
  };
  yield* follow((listener) => informer.subscribe(listener), read, signal);
}

function objectState(object: AnyObject | undefined, informer: Informer<AnyObject>, deleted: boolean): ObjectState {
  const { freshness } = informer;
  const message = 'message' in freshness ? { message: freshness.message } : {};
  const told = { deleted, freshness: { state: freshness.state, since: freshness.since, ...message } };
  if (!object) return told;
  return { ...told, object, yaml: toYaml(object), status: statusOf(object, informer.resource) };
}

/** Word, tone and sentence of any object, known kind or not. */
export function statusOf(
  object: AnyObject,
  resource: { group: string; plural: string },
): NonNullable<ObjectState['status']> {
  const kind = kindOf(resource);
  const { tone, word } = kind?.status(object) ?? genericStatus(object);
  const said = kind?.sentence(object) ?? genericSentence(object);
  return { tone, word, sentence: speak(said), said };
}
