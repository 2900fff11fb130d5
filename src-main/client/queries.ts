import type { CarrierRequest } from './carrier';
import type { DeleteOptions, ListOptions, Patch, WatchOptions, WriteOptions } from './client';

type Query = NonNullable<CarrierRequest['query']>;

/** The query of a LIST. */
export function listQuery(options: ListOptions): Query {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit === undefined ? undefined : String(options.limit),
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  };
}

/** The query of a WATCH. */
export function watchQuery(options: WatchOptions): Query {
  return {
    ...listQuery(options),
    watch: 'true',
    allowWatchBookmarks: options.allowWatchBookmarks ? 'true' : undefined,
    sendInitialEvents: options.sendInitialEvents ? 'true' : undefined,
    timeoutSeconds: options.timeoutSeconds === undefined ? undefined : String(options.timeoutSeconds),
  };
}

/** The query every write shares. */
export function writeQuery(options: WriteOptions, fieldManager: string): Query {
  return {
    fieldManager: options.fieldManager ?? fieldManager,
    dryRun: options.dryRun ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
  };
}

/** The DeleteOptions body of a DELETE; nothing when the defaults are meant. */
export function deleteBody(options: DeleteOptions): Record<string, unknown> | undefined {
  const body: Record<string, unknown> = {};
  if (options.gracePeriodSeconds !== undefined) body['gracePeriodSeconds'] = options.gracePeriodSeconds;
  if (options.propagationPolicy) body['propagationPolicy'] = options.propagationPolicy;
  if (options.preconditions) body['preconditions'] = options.preconditions;
  if (options.dryRun) body['dryRun'] = ['All'];
  if (Object.keys(body).length === 0) return undefined;
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...body };
}

/** Body, media type and extra query of a PATCH. */
export function patchRequest(patch: Patch): { body: unknown; contentType: string; query: Query } {
  switch (patch.type) {
    case 'json':
      return { body: patch.operations, contentType: 'application/json-patch+json', query: {} };
    case 'merge':
      return { body: patch.patch, contentType: 'application/merge-patch+json', query: {} };
    case 'strategic':
      return { body: patch.patch, contentType: 'application/strategic-merge-patch+json', query: {} };
    case 'apply':
      // JSON is YAML: the media type is the one every server with server-side apply knows.
      return {
        body: patch.object,
        contentType: 'application/apply-patch+yaml',
        query: patch.force ? { force: 'true' } : {},
      };
  }
}
