/** Metadata that the server owns, and how it moves through an object's life. */
import { formatTime } from '#common/base/clock';
import type { AnyObject, KubeObject } from '#common/kube/object';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { timeNow } from './creation-time';
import type { WriteContext } from './strategy';
import { newUid } from './uid';

/** Fills in what a new object gets, whatever the client sent. */
export function beginLife(draft: AnyObject, { clock, random }: WriteContext): void {
  const { metadata } = draft;
  metadata.uid = newUid(random);
  metadata.creationTimestamp = timeNow(clock);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.generation;
}

/** Takes over from `current` what no update may change. */
export function continueLife(draft: AnyObject, { metadata: before }: AnyObject): void {
  const { metadata } = draft;
  metadata.name = before.name;
  metadata.uid = before.uid;
  metadata.creationTimestamp = before.creationTimestamp;
  keep(metadata, before, 'namespace');
  keep(metadata, before, 'generation');
  keep(metadata, before, 'deletionTimestamp');
  keep(metadata, before, 'deletionGracePeriodSeconds');
  keep(metadata, before, 'generateName');
  delete metadata.selfLink;
}

function keep<T extends object, K extends keyof T>(target: T, source: T, field: K): void {
  if (source[field] === undefined) delete target[field];
  else target[field] = source[field];
}

/** Shares what did not change with the stored object: it costs no memory twice and compares at sight. */
export function shareUnchanged(next: AnyObject, current: AnyObject): void {
  for (const field of Object.keys(next)) {
    if (field === 'metadata' || next[field] === current[field]) continue;
    if (sameValue(next[field], current[field])) next[field] = current[field];
  }
}

/** Whether anything but metadata and status differs. Expects `shareUnchanged` to have run. */
export function changesDesiredState(next: AnyObject, current: AnyObject): boolean {
  const fields = new Set([...Object.keys(next), ...Object.keys(current)]);
  for (const field of fields) {
    if (field === 'metadata' || field === 'status' || field === 'kind' || field === 'apiVersion') continue;
    if (next[field] !== current[field] && !sameValue(next[field], current[field])) return true;
  }
  return false;
}

/** Whether the write would change nothing that anybody can see but the times of managedFields. */
export function isNoChange(next: AnyObject, current: AnyObject): boolean {
  for (const field of new Set([...Object.keys(next), ...Object.keys(current)])) {
    if (field !== 'metadata' && !sameValue(next[field], current[field])) return false;
  }
  return sameValue(withoutVolatile(next), withoutVolatile(current));
}

function withoutVolatile({ metadata }: AnyObject): object {
  const { resourceVersion: _revision, managedFields, ...rest } = metadata;
  return { ...rest, managedFields: managedFields?.map(({ time: _time, ...entry }) => entry) };
}

export function bumpGeneration({ metadata }: KubeObject): void {
  if (metadata.generation) metadata.generation++;
}

/** The object waits for its finalizers. */
export function markAsDeleting(draft: AnyObject, { clock }: WriteContext): void {
  const { metadata } = draft;
  if (!metadata.deletionTimestamp) {
    metadata.deletionTimestamp = timeNow(clock);
    bumpGeneration(draft);
  }
  metadata.deletionGracePeriodSeconds = 0;
}

/** As `markAsDeleting`, for kinds whose deletion is their own: nothing but the time tells of it. */
export function markAsLeaving({ metadata }: AnyObject, { clock }: WriteContext): void {
  metadata.deletionTimestamp ??= timeNow(clock);
}

/** The object goes when the grace is over. */
export function beginGrace(draft: AnyObject, seconds: number, { clock }: WriteContext): void {
  const { metadata } = draft;
  const since = metadata.deletionTimestamp
    ? Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
    : clock.now();
  if (!metadata.deletionTimestamp) bumpGeneration(draft);
  metadata.deletionTimestamp = formatTime(since + seconds * 1000);
  metadata.deletionGracePeriodSeconds = seconds;
}

/** Neither finalizers nor grace hold an object that is being deleted any more. */
export function isReleased({ metadata }: AnyObject): boolean {
  if (!metadata.deletionTimestamp || (metadata.finalizers?.length ?? 0) > 0) return false;
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

/** An object that may be edited without touching the stored one: itself and its metadata are copies, the rest is shared. */
export function draftOf(object: AnyObject): AnyObject {
  return { ...object, metadata: { ...object.metadata } };
}
