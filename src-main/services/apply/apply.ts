import type { ApplyOutcome } from '#common/contract/objects';
import { Problem, messageOf } from '#common/base/errors';
import type { AnyObject } from '#common/kube/object';
import { apiVersionOf, parseApiVersion, type Resource } from '#common/kube/resource';
import { ApiStatusError, isConflict, isNotFound } from '#common/kube/status-error';
import type { KubeClient } from '#main/client/client';
import type { ClusterSession } from '#main/session/session';
import { parseManifest } from './manifest';
import { sameContent } from './same-content';

/** Owner of the fields that are written here, in managedFields. */
const FIELD_MANAGER = 'pilothouse';

export interface ApplyRequest {
  yaml: string;
  /** For namespaced objects that name none. */
  namespace?: string | undefined;
  /** Takes fields over from other managers. */
  force?: boolean | undefined;
  dryRun?: boolean | undefined;
  confirmation?: string | undefined;
}

/** Applies each document of a manifest by server-side apply, in order; one that fails does not stop the next. */
export async function applyManifest(
  session: ClusterSession,
  request: ApplyRequest,
  signal: AbortSignal,
): Promise<ApplyOutcome[]> {
  const client = request.dryRun ? session.client : session.writer(request.confirmation);
  const outcomes: ApplyOutcome[] = [];
  for (const document of parseManifest(request.yaml)) {
    if ('problem' in document)
      outcomes.push({ kind: '', name: '', outcome: 'failed', message: document.problem, warnings: [] });
    else outcomes.push(await applyOne(session, client, { request, content: document.content }, signal));
  }
  if (outcomes.length === 0)
    throw new Problem('manifest-empty', 'There is nothing to apply: the manifest has no object.');
  return outcomes;
}

async function applyOne(
  session: ClusterSession,
  client: KubeClient,
  { request, content }: { request: ApplyRequest; content: Record<string, unknown> },
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const warnings: string[] = [];
  const target = targetOf(session, content, request.namespace);
  if ('message' in target) return { ...target, outcome: 'failed', warnings };
  const { resource, kind, name, namespace } = target;
  const identity = { kind, name, ...(namespace ? { namespace } : {}) };
  const options = {
    fieldManager: FIELD_MANAGER,
    fieldValidation: 'Strict',
    dryRun: request.dryRun ?? false,
    onWarning: (text: string) => void warnings.push(text),
    signal,
  } as const;
  try {
    const before = await client.get<AnyObject>(resource, { name, namespace }, { signal }).catch(absent);
    const object = { ...content, metadata: { ...(content.metadata as object), ...(namespace ? { namespace } : {}) } };
    const patch = { type: 'apply', object, force: request.force ?? false } as const;
    const after = await client.patch<AnyObject>(resource, { name, namespace }, patch, options);
    const outcome = !before ? 'created' : sameContent(before, after) ? 'unchanged' : 'configured';
    return { ...identity, outcome, warnings, object: after };
  } catch (failure) {
    return { ...identity, ...failedOutcome(failure, signal), warnings };
  }
}

/** Replaces one object with its edited YAML. The resourceVersion it was read with makes overwriting impossible. */
export async function updateFromYaml(
  session: ClusterSession,
  request: ApplyRequest & { resource: Resource; name: string },
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const client = request.dryRun ? session.client : session.writer(request.confirmation);
  const object = editedObject(request);
  const { name, namespace } = object.metadata;
  const identity = { kind: object.kind, name, ...(namespace ? { namespace } : {}) };
  const warnings: string[] = [];
  const onWarning = (text: string) => void warnings.push(text);
  try {
    const before = await client.get<AnyObject>(request.resource, { name, namespace }, { signal });
    const options = {
      fieldManager: FIELD_MANAGER,
      fieldValidation: 'Strict',
      dryRun: request.dryRun ?? false,
    } as const;
    const after = await client.update<AnyObject>(request.resource, object, { ...options, onWarning, signal });
    return { ...identity, outcome: sameContent(before, after) ? 'unchanged' : 'configured', warnings, object: after };
  } catch (failure) {
    return { ...identity, ...failedOutcome(failure, signal), warnings };
  }
}

/** The one object of the editor; it must still be the object that was opened. */
function editedObject({
  yaml,
  resource,
  name,
  namespace,
}: ApplyRequest & { resource: Resource; name: string }): AnyObject {
  const [document, ...more] = parseManifest(yaml);
  if (!document || more.length > 0)
    throw new Problem('edit-not-one', 'The editor holds one object, no more and no less.');
  if ('problem' in document) throw new Problem('edit-unreadable', document.problem);
  const object = document.content as unknown as AnyObject;
  const wanted = [apiVersionOf(resource), resource.kind, name, namespace ?? ''];
  const found = [object.apiVersion, object.kind, object.metadata?.name, object.metadata?.namespace ?? ''];
  if (wanted.some((value, index) => value !== found[index])) {
    throw new Problem('edit-renamed', 'apiVersion, kind, name and namespace of an object cannot be edited.', {
      nextStep: 'Apply it as a new object instead.',
    });
  }
  if (!object.metadata.resourceVersion) {
    throw new Problem(
      'edit-without-revision',
      'metadata.resourceVersion is missing, so a newer change could be lost.',
      {
        nextStep: 'Read the object again and repeat the edit.',
      },
    );
  }
  return object;
}

interface Target {
  resource: Resource;
  kind: string;
  name: string;
  namespace?: string | undefined;
}

type Untargetable = Pick<ApplyOutcome, 'kind' | 'name'> & { message: string };

/** Where a document goes, with kubectl's words where it goes nowhere. */
function targetOf(
  session: ClusterSession,
  content: Record<string, unknown>,
  fallback: string | undefined,
): Target | Untargetable {
  const { apiVersion, kind } = content;
  const metadata = (content.metadata ?? {}) as { name?: unknown; namespace?: unknown };
  const name = typeof metadata.name === 'string' ? metadata.name : '';
  if (typeof kind !== 'string' || !kind) return { kind: '', name, message: "Object 'Kind' is missing." };
  if (typeof apiVersion !== 'string' || !apiVersion) return { kind, name, message: "Object 'apiVersion' is missing." };
  if (!name) return { kind, name, message: 'metadata.name is missing: server-side apply needs it.' };
  const { group, version } = parseApiVersion(apiVersion);
  const resource = session.kind({ group, version, kind });
  if (!resource) return { kind, name, message: `no matches for kind "${kind}" in version "${apiVersion}"` };
  const named = typeof metadata.namespace === 'string' ? metadata.namespace : undefined;
  return {
    resource,
    kind,
    name,
    ...(resource.namespaced ? { namespace: named ?? fallback ?? session.defaultNamespace } : {}),
  };
}

function absent(failure: unknown): undefined {
  if (isNotFound(failure)) return undefined;
  throw failure;
}

/** What the server refused is an outcome; that it could not be asked is an error of the whole call. */
function failedOutcome(failure: unknown, signal: AbortSignal): Pick<ApplyOutcome, 'outcome' | 'message' | 'conflicts'> {
  if (signal.aborted || !(failure instanceof ApiStatusError)) throw failure;
  const conflicts = isConflict(failure) ? conflictsOf(failure) : [];
  return { outcome: 'failed', message: messageOf(failure), ...(conflicts.length > 0 ? { conflicts } : {}) };
}

/** One cause per field: `conflict with "kubectl" using apps/v1`. */
function conflictsOf({ status }: ApiStatusError): { field: string; manager: string }[] {
  return (status.details?.causes ?? [])
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({ field, manager: /"([^"]*)"/.exec(message)?.[1] ?? message }));
}
