/** What the server's own controllers make of an object as soon as it is stored: a status, as a revision of its own. */
import type { AnyObject, KubeObject } from '#common/kube/object';
import { apiVersionOf, type Resource } from '#common/kube/resource';
import { sameValue } from '#main/sandbox/machinery/same-value';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import { timeNow } from './creation-time';
import { resetFieldsOf } from './doors';
import type { FieldOwnership } from './field-ownership';
import { draftOf } from './object-state';
import type { WriteContext } from './strategy';

/** A controller inside of the server that owns the status of a kind. */
export interface Reaction<T extends KubeObject = AnyObject> {
  /** Owner of the status; `Update` is how it writes, unless it applies. */
  readonly manager: string;
  readonly applies?: boolean;
  /** The status that the object should have; undefined for leaving it as it is. */
  status(object: Readonly<T>, context: WriteContext): object | undefined;
}

export interface ReactionPlace {
  resource: Resource;
  schema: TypeSchema | undefined;
  ownership: FieldOwnership;
  context: WriteContext;
}

/** The next state of a stored object; undefined when nothing is to be said about it. */
export function reacted(current: AnyObject, reaction: Reaction, place: ReactionPlace): AnyObject | undefined {
  const status = reaction.status(current, place.context);
  if (status === undefined || sameValue(status, current['status'])) return undefined;
  const next: AnyObject = { ...draftOf(current), status };
  if (place.schema) {
    place.ownership.record(current, next, {
      manager: reaction.manager,
      apiVersion: apiVersionOf(place.resource),
      subresource: 'status',
      time: timeNow(place.context.clock),
      schema: place.schema,
      resetFields: resetFieldsOf('status'),
    });
  }
  if (reaction.applies) next.metadata.managedFields = withApplied(next, reaction.manager);
  return next;
}

function withApplied({ metadata }: AnyObject, manager: string) {
  return (metadata.managedFields ?? []).map((entry) =>
    entry.manager === manager
      ? { ...entry, operation: 'Apply' as const, fieldsV1: withoutContainers(entry.fieldsV1 ?? {}) }
      : entry,
  );
}

/** Who applies owns the items of a list, not the list. */
function withoutContainers(fields: object, isItem = false): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => key !== '.' || isItem)
      .map(([key, inner]) => [key, key === '.' ? inner : withoutContainers(inner as object, key.startsWith('k:'))]),
  );
}
