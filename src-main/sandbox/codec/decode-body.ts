/** Turns a request's body into plain JSON values, by its content type. */
import { failure, type ApiStatusError } from '#common/kube/status-error';
import { goKind } from '#main/sandbox/machinery/scalars';
import { tooDeepAt } from './depth';
import { duplicateKeys, JsonSyntaxError, syntaxErrorOf } from './json-scan';
import { decodeProtobuf, UnknownKindError } from './protobuf-body';
import { WireFormatError } from './wire-reader';
import { parseYaml, yamlDuplicates, YamlSyntaxError } from './yaml-body';

export interface DecodedBody {
  object: unknown;
  /** Phrases as a strict decoding error lists them: `duplicate field "spec.replicas"`. Read the text again: ask only when strict. */
  duplicates(): string[];
}

/** What a server of built-in kinds reads; custom resources have no protobuf. */
export const BODY_MEDIA_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
] as const;

/**
 * Throws 415 for a content type that is not known and BadRequest (400) for a body that is not what it claims to be;
 * `expectedKind` is named in the latter. No content type means JSON.
 */
export function decodeBody(bytes: Uint8Array, contentType: string | undefined, expectedKind = 'object'): DecodedBody {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === '' || mediaType === 'application/json' || mediaType.endsWith('+json'))
    return json(bytes, expectedKind);
  if (mediaType === 'application/yaml' || mediaType.endsWith('+yaml')) return yaml(bytes, expectedKind);
  if (mediaType === 'application/vnd.kubernetes.protobuf') return protobuf(bytes, expectedKind);
  throw unsupportedMediaType(BODY_MEDIA_TYPES);
}

/** A JSON or merge patch. Throws BadRequest (400) with `prefix` and what is wrong with the text. */
export function decodePatch(bytes: Uint8Array, prefix = ''): DecodedBody {
  try {
    return parsedJson(bytes);
  } catch (problem) {
    if (problem instanceof JsonSyntaxError) throw failure(400, 'BadRequest', prefix + problem.message);
    throw problem;
  }
}

/** What is to be applied. Throws BadRequest (400) with what is wrong with the text. */
export function decodeApplied(bytes: Uint8Array): DecodedBody {
  const text = new TextDecoder().decode(bytes);
  try {
    return { object: parseYaml(text), duplicates: () => yamlDuplicates(text) };
  } catch (problem) {
    if (!(problem instanceof YamlSyntaxError)) throw problem;
    throw failure(400, 'BadRequest', `error decoding YAML: error converting YAML to JSON: ${problem.message}`);
  }
}

/** 415: names the content types that the place accepts. */
export function unsupportedMediaType(accepted: readonly string[]): ApiStatusError {
  const list = accepted.join(', ');
  const message = `the body of the request was in an unknown format - accepted media types include: ${list}`;
  return failure(415, 'UnsupportedMediaType', message);
}

function json(bytes: Uint8Array, expectedKind: string): DecodedBody {
  try {
    return mustBeObject(parsedJson(bytes), expectedKind, bytes);
  } catch (problem) {
    if (!(problem instanceof JsonSyntaxError)) throw problem;
    throw unrecognized(expectedKind, `couldn't get version/kind; json parse error: ${problem.message}`, bytes);
  }
}

/** Throws JsonSyntaxError. */
function parsedJson(bytes: Uint8Array): DecodedBody {
  const deep = tooDeepAt(bytes);
  if (deep !== undefined) {
    throw new JsonSyntaxError(`invalid character '${String.fromCodePoint(bytes[deep] ?? 0)}' exceeded max depth`);
  }
  const text = new TextDecoder().decode(bytes);
  try {
    return { object: JSON.parse(text) as unknown, duplicates: () => duplicateKeys(text).map(duplicatePhrase) };
  } catch {
    throw new JsonSyntaxError(syntaxErrorOf(text));
  }
}

const duplicatePhrase = (path: string): string => `duplicate field "${path}"`;

/** Null says as much as an empty object. */
function mustBeObject(body: DecodedBody, expectedKind: string, bytes: Uint8Array): DecodedBody {
  const { object } = body;
  if (object === null) return { ...body, object: {} };
  if (typeof object === 'object' && !Array.isArray(object)) return body;
  const why = `json: cannot unmarshal ${goKind(object)} into Go value of type ${TYPE_META}`;
  throw unrecognized(expectedKind, `couldn't get version/kind; json parse error: ${why}`, bytes);
}

/** What a body is read into to find out what it is. */
const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function yaml(bytes: Uint8Array, expectedKind: string): DecodedBody {
  const text = new TextDecoder().decode(bytes);
  try {
    return mustBeObject({ object: parseYaml(text), duplicates: () => yamlDuplicates(text) }, expectedKind, bytes);
  } catch (problem) {
    if (problem instanceof YamlSyntaxError) throw unrecognized(expectedKind, problem.message, bytes);
    throw problem;
  }
}

function protobuf(bytes: Uint8Array, expectedKind: string): DecodedBody {
  try {
    return { object: decodeProtobuf(bytes), duplicates: () => [] };
  } catch (problem) {
    if (problem instanceof UnknownKindError) throw failure(400, 'BadRequest', problem.message);
    if (problem instanceof WireFormatError) throw unrecognized(expectedKind, problem.message, bytes);
    throw problem;
  }
}

function unrecognized(kind: string, reason: string, bytes: Uint8Array): ApiStatusError {
  const message = `the object provided is unrecognized (must be of type ${kind}): ${reason} (${summary(bytes)})`;
  return failure(400, 'BadRequest', message);
}

const SUMMARY_LENGTH = 30;

/** The beginning of the body, in hex unless it looks like JSON. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const start = Buffer.from(bytes.subarray(0, SUMMARY_LENGTH));
  const isLonger = bytes.length > SUMMARY_LENGTH;
  return start.toString(bytes[0] === 0x7b ? 'utf8' : 'hex') + (isLonger ? ' ...' : '');
}
