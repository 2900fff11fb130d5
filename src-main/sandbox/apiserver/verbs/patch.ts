import { timestamp } from '#common/base/clock';
import type { AnyObject } from '#common/kube/object';
import { failure, type ApiStatusError } from '#common/kube/status-error';
import { decodeApplied, decodePatch, unsupportedMediaType } from '#main/sandbox/codec/decode-body';
import { applyAcrossVersions, applyServerSidePatch, type ApplyWrite } from '#main/sandbox/machinery/patch/apply-patch';
import { applyJsonPatch } from '#main/sandbox/machinery/patch/json-patch';
import { goPrint } from '#main/sandbox/machinery/go-values';
import { invalidPatch } from '#main/sandbox/machinery/patch/patch-errors';
import { UnfitObject } from '#main/sandbox/machinery/strict-fields';
import { applyMergePatch } from '#main/sandbox/machinery/patch/merge-patch';
import { applyStrategicMergePatch } from '#main/sandbox/machinery/patch/strategic-merge-patch';
import type { TypeSchema } from '#main/sandbox/machinery/schema';
import { forbiddenField, required } from '#main/sandbox/registry/field-errors';
import { draftOf } from '#main/sandbox/registry/object-state';
import type { WriteRequest } from '#main/sandbox/registry/registry-context';
import { badRequest, invalid, notFound } from '#main/sandbox/registry/status-errors';
import { after } from '../after';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { objectResponse } from '../object-response';
import { judge } from '../read-object';
import { isTrue } from '../request-info';
import { writeRequest } from '../write-request';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const PATCH_TYPES = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];
/** Nobody says how the lists of custom resources would be merged. */
const CUSTOM_PATCH_TYPES = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];

/** What stands before the words for a patch that is no JSON. */
const PREFIXES: Readonly<Record<string, string>> = {
  [JSON_PATCH]: 'error decoding patch: ',
  [MERGE_PATCH]: 'error decoding patch: ',
};

/** One patch as it came: its type and its decoded content. */
export interface PatchBody {
  type: string;
  patch: unknown;
  duplicates(): string[];
}

export async function patch(exchange: ResourceExchange): Promise<ApiResponse> {
  const { served, info, warnings } = exchange;
  const body = await readPatch(exchange);
  if (served.custom && body.type === STRATEGIC_PATCH) throw unsupportedMediaType(CUSTOM_PATCH_TYPES);
  const request = writeRequest(exchange, 'PatchOptions');
  refuseOptions(exchange, body.type);
  const patched = { ...request, isPatch: true, bringsManagedFields: body.type === APPLY_PATCH };
  const transform = (current: AnyObject | undefined) => patchedObject(exchange, current, { body, request });
  const written = await served.registry.update(info.name, transform, {
    ...patched,
    createsWhenMissing: body.type === APPLY_PATCH && info.subresource === '',
  });
  warnings.push(...written.warnings);
  return objectResponse(exchange, written.entry, written.created ? 201 : 200);
}

/** Throws 415 for a type of patch that is not known. */
export async function readPatch({
  request,
  warnings,
}: Pick<ResourceExchange, 'request' | 'warnings'>): Promise<PatchBody> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  if (!PATCH_TYPES.includes(type.trim())) {
    // Nothing that the resource has to say was reached.
    warnings.length = 0;
    throw notRouted();
  }
  const body = await request.body();
  if ('value' in body) return { type, patch: body.value, duplicates: () => [] };
  const { object, duplicates } =
    type === APPLY_PATCH ? decodeApplied(body.bytes) : decodePatch(body.bytes, PREFIXES[type]);
  return { type, patch: object, duplicates };
}

/** No route takes such a body: refused before anybody asks which types there are. */
function notRouted(): ApiStatusError {
  return failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** Applying needs an owner; forcing is for applying alone. */
function refuseOptions({ request: { query } }: ResourceExchange, type: string): void {
  const kind = { group: 'meta.k8s.io', kind: 'PatchOptions' };
  if (type === APPLY_PATCH && !query.get('fieldManager')) {
    throw invalid(kind, '', [required('fieldManager', 'is required for apply patch')]);
  }
  if (type !== APPLY_PATCH && query.has('force')) {
    throw invalid(kind, '', [forbiddenField('force', 'may not be specified for non-apply patch')]);
  }
}

interface Patching {
  body: PatchBody;
  request: WriteRequest;
}

/** The stored object after the patch, in the stored version; the patch speaks of the served one. */
function patchedObject(
  exchange: ResourceExchange,
  current: AnyObject | undefined,
  patching: Patching,
): AnyObject | Promise<AnyObject> {
  const { served, info } = exchange;
  const { schema } = served;
  if (!schema) throw badRequest('the resource has no schema');
  if (!current && patching.body.type !== APPLY_PATCH) throw notFound(served.definition, info.name);
  const before = current && served.toServed(current);
  return after(applied(exchange, before, { ...patching, schema }), (patched) =>
    storedPatch(exchange, readPatched(exchange, patched, { ...patching, schema })),
  );
}

function storedPatch({ served, info }: ResourceExchange, patched: AnyObject): AnyObject {
  const object = draftOf(patched);
  if (object.metadata.name && object.metadata.name !== info.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${info.name})`,
    );
  }
  object.metadata.name = info.name;
  return draftOf(served.toStored(object));
}

/** The canonical object; what is wrong with it is told of the patch, except when applying. */
function readPatched(
  exchange: ResourceExchange,
  patched: object,
  { body, schema }: Patching & { schema: TypeSchema },
): AnyObject {
  try {
    const { object, unknown } = exchange.served.read(patched as Record<string, unknown>);
    judge(exchange, { object, schema, unknown, duplicates: body.duplicates });
    return object as AnyObject;
  } catch (problem) {
    if (!(problem instanceof UnfitObject) || body.type === APPLY_PATCH) throw problem;
    if (body.type === STRATEGIC_PATCH) throw invalidPatch(goPrint(body.patch), problem.converted);
    throw invalidPatch(JSON.stringify(patched), problem.detail);
  }
}

function applied(
  exchange: ResourceExchange,
  current: AnyObject | undefined,
  { body, request, schema }: Patching & { schema: TypeSchema },
): object | Promise<object> {
  const { type, patch } = body;
  if (type === APPLY_PATCH) {
    const write: ApplyWrite = {
      manager: request.fieldManager,
      apiVersion: exchange.served.apiVersion,
      subresource: request.subresource,
      time: timestamp(exchange.server.clock),
      schema,
      force: isTrue(exchange.request.query.get('force')),
    };
    const versions = exchange.served.registry.strategy.form?.versions;
    return versions
      ? applyAcrossVersions(current, patch, write, versions)
      : applyServerSidePatch(current, patch, write);
  }
  const live = current ?? {};
  if (type === JSON_PATCH) return applyJsonPatch(live, patch);
  return type === MERGE_PATCH ? applyMergePatch(live, patch) : applyStrategicMergePatch(live, patch, schema);
}
