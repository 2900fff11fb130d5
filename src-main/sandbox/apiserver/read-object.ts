/** Reads the object of a write: decoded, of the right kind, its fields known and canonical, and nobody else's. */
import type { AnyObject } from '#common/kube/object';
import { decodeBody } from '#main/sandbox/codec/decode-body';
import { schemaOf, type Gvk, type TypeSchema } from '#main/sandbox/machinery/schema';
import { checkFields, strictDecodingError } from '#main/sandbox/machinery/strict-fields';
import { copyJson } from '#main/sandbox/registry/copy-json';
import { badRequest } from '#main/sandbox/registry/status-errors';
import { apiVersionOf, parseApiVersion } from '#common/kube/resource';
import type { Exchange } from './exchange';
import type { ServedResource } from './served-resource';

type Fields = Record<string, unknown>;

interface Decoded {
  value: unknown;
  duplicates(): string[];
}

/** The body of a write as an object of `gvk`. Unknown fields are dropped, told or refused as `fieldValidation` says. */
export async function readObject(exchange: Exchange, gvk: Gvk, served?: ServedResource): Promise<AnyObject> {
  const decoded = await decode(exchange, gvk.kind);
  if (!isFields(decoded.value)) throw badRequest('the body of the request is not an object');
  const schema = expectedSchema(decoded.value, gvk, served);
  const object = { ...decoded.value, apiVersion: apiVersionOf(gvk), kind: gvk.kind };
  if (!schema) return withMetadata(object);
  const checked = served?.read(object) ?? checkFields(object, schema);
  judge(exchange, { object, schema, unknown: checked.unknown, duplicates: decoded.duplicates });
  return withMetadata(checked.object);
}

/** The body of a request that may have none: DeleteOptions. */
export async function readOptions(exchange: Exchange, kind: string): Promise<Fields | undefined> {
  const body = await exchange.request.body();
  if ('bytes' in body ? body.bytes.length === 0 : body.value === undefined) return undefined;
  const { value } = await decode(exchange, kind);
  if (!isFields(value)) return undefined;
  const schema = schemaOf({ group: '', version: 'v1', kind });
  const object = { apiVersion: 'v1', ...value, kind };
  return schema ? checkFields(object, schema).object : object;
}

async function decode({ request }: Exchange, expectedKind: string): Promise<Decoded> {
  const body = await request.body();
  if ('value' in body) return { value: copyJson(body.value), duplicates: () => [] };
  const { object, duplicates } = decodeBody(body.bytes, request.headers['content-type'], expectedKind);
  return { value: object, duplicates };
}

interface Judged {
  object: Fields;
  schema: TypeSchema;
  unknown: string[];
  duplicates(): string[];
}

/**
 * `Warn` is what a server does unless told otherwise. Finding keys that come twice means reading the body once more: only
 * for those who ask, as kubectl does.
 */
export function judge({ request, warnings }: Exchange, { object, schema, unknown, duplicates }: Judged): void {
  const validation = request.query.get('fieldValidation');
  if (validation === 'Ignore') return;
  const found = validation ? [...unknown, ...duplicates()] : unknown;
  if (found.length === 0) return;
  if (validation === 'Strict') throw strictDecodingError(object, schema, found);
  warnings.push(...found);
}

function expectedSchema(value: Fields, gvk: Gvk, served?: ServedResource): TypeSchema | undefined {
  const { apiVersion, kind } = value;
  const expected = apiVersionOf(gvk);
  if (typeof kind === 'string' && kind !== '' && kind !== gvk.kind) throw wrongKind(value, gvk);
  if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  return served?.schema ?? schemaOf(gvk);
}

/** A kind that the release knows cannot become another one; any other is not known to its scheme. */
function wrongKind(value: Fields, gvk: Gvk) {
  const found = { ...parseApiVersion(String(value['apiVersion'] ?? apiVersionOf(gvk))), kind: String(value['kind']) };
  const { version, kind } = found;
  const why = schemaOf(found)
    ? `converting (${version}.${kind}) to (${internalPackage(gvk.group)}.${gvk.kind}): unknown conversion`
    : `no kind "${kind}" is registered for version "${apiVersionOf(found)}" in scheme "${SCHEME}"`;
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${gvk.kind}: ${why}`);
}

/** Where the server keeps the form of a kind that no version has: `core`, `rbac`. */
function internalPackage(group: string): string {
  const [first = ''] = group.split('.');
  return first === '' || first === 'events' ? 'core' : first;
}

/** How the server's scheme calls itself in errors. */
const SCHEME = 'pkg/runtime/scheme.go:111';

function withMetadata(object: Fields): AnyObject {
  object['metadata'] ??= {};
  return object as AnyObject;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
