/** apiextensions.k8s.io ConversionReview: what a conversion webhook is asked, and what its answer may be. */
import type { AnyObject } from '#common/kube/object';
import { parseApiVersion } from '#common/kube/resource';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { textOf } from '#main/sandbox/registry/field-errors';
import { annotationErrors, labelErrors } from '#main/sandbox/registry/metadata-rules';
import { goType } from './go-values';
import { isFields, type Fields } from './schema-parts';

/** One object on its way to another version. */
export interface ConversionAsked {
  /** Of the request: the answer must say it again. */
  uid: string;
  object: AnyObject;
  /** `example.com/v2`. */
  desiredAPIVersion: string;
}

const GROUP = 'apiextensions.k8s.io';
const REVIEW = 'ConversionReview';
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
/** How the server's scheme calls itself in errors. */
const SCHEME = 'pkg/runtime/scheme.go:111';

/** The first version of reviews that the definition prefers and this server knows. Throws Error without one. */
export function reviewVersionOf(preferred: readonly string[]): string {
  const version = preferred.find((one) => REVIEW_VERSIONS.includes(one));
  if (version === undefined) throw new Error('no supported conversion review versions');
  return version;
}

/** The body of the call. What is being converted has no revision of its own. */
export function conversionReview({ uid, object, desiredAPIVersion }: ConversionAsked, version: string): object {
  const { resourceVersion: _revision, ...metadata } = object.metadata;
  return {
    kind: REVIEW,
    apiVersion: `${GROUP}/${version}`,
    request: { uid, desiredAPIVersion, objects: [{ ...object, metadata }] },
    response: { uid: '', convertedObjects: null, result: { metadata: {} } },
  };
}

interface Answer {
  uid?: string;
  result?: { status?: string; message?: string };
  convertedObjects?: unknown[];
}

/**
 * The object that came back, with the metadata that it went out with: only labels and annotations are the webhook's to
 * change. Throws Error with the server's own words for an answer that is none.
 */
export function convertedObject(review: unknown, asked: ConversionAsked, version: string): AnyObject {
  const subject = conversionOf(asked.object);
  const objects = within(`${subject} failed`, () => objectsOf(review, asked.uid, version));
  if (objects.length !== 1) throw new Error(`${subject} returned ${objects.length} objects, expected 1`);
  const converted = withKind(objects[0]);
  within(`${subject} returned invalid object at index 0`, () => checkType(converted, asked));
  within(`${subject} returned invalid object`, () => checkIdentity(converted, asked.object));
  return within(`${subject} returned invalid metadata`, () => withMetadataOf(asked.object, converted));
}

/** `conversion webhook for example.com/v1, Kind=Cron`, as errors begin. */
export function conversionOf({ apiVersion, kind }: AnyObject): string {
  return `conversion webhook for ${kindText(apiVersion, kind)}`;
}

/** Tells what went wrong in which part. */
function within<T>(part: string, work: () => T): T {
  try {
    return work();
  } catch (problem) {
    throw new Error(`${part}: ${(problem as Error).message}`, { cause: problem });
  }
}

function kindText(apiVersion: string, kind: string): string {
  const { group, version } = parseApiVersion(apiVersion);
  return `${group}/${version}, Kind=${kind}`;
}

function objectsOf(review: unknown, uid: string, version: string): unknown[] {
  const { apiVersion, kind, response } = readReview(review, version);
  // Answers in the older version were never asked who they are.
  const isStrict = version === 'v1';
  const wanted = `${GROUP}/${version}`;
  if (isStrict && (apiVersion !== wanted || kind !== REVIEW)) {
    const got = kindText(apiVersion, kind);
    throw new Error(`expected webhook response of ${kindText(wanted, REVIEW)}, got ${got}`);
  }
  if (!response) throw new Error('no response provided');
  if (isStrict && response.uid !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  }
  const { status = '', message } = response.result ?? {};
  if (status !== 'Success') throw new Error(message || `response.result.status was '${status}', not 'Success'`);
  return response.convertedObjects ?? [];
}

/** What is not said is taken as it was expected; a Status that tells of success says nothing. */
function readReview(review: unknown, version: string): { apiVersion: string; kind: string; response?: Answer } {
  const { apiVersion = '', kind = '', response } = (isFields(review) ? review : {}) as Partial<Fields>;
  const named = { apiVersion: String(apiVersion), kind: String(kind) };
  if (named.kind === 'Status' && named.apiVersion === 'v1') return { apiVersion: '', kind: '' };
  refuseOther(named.apiVersion || `${GROUP}/${version}`, named.kind || REVIEW, version);
  return isFields(response) ? { ...named, response } : named;
}

/** Throws for another kind than the review that was sent, whether the server knows it or not. */
function refuseOther(apiVersion: string, kind: string, wanted: string): void {
  const { group, version } = parseApiVersion(apiVersion);
  if (kind !== REVIEW || group !== GROUP || !REVIEW_VERSIONS.includes(version))
    throw new Error(`no kind ${JSON.stringify(kind)} is registered for version "${apiVersion}" in scheme "${SCHEME}"`);
  if (version !== wanted)
    throw new Error(`converting (${version}.${REVIEW}) to (${wanted}.${REVIEW}): unknown conversion`);
}

function withKind(value: unknown): AnyObject {
  if (value === null || value === undefined) throw new Error('unexpected end of JSON input');
  if (isFields(value) && typeof value['kind'] === 'string' && value['kind'] !== '') return value as AnyObject;
  throw new Error(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
}

function checkType({ apiVersion = '', kind }: AnyObject, { object, desiredAPIVersion }: ConversionAsked): void {
  if (apiVersion !== desiredAPIVersion)
    throw new Error(`invalid groupVersion (expected ${desiredAPIVersion}, received ${apiVersion})`);
  if (kind !== object.kind) throw new Error(`invalid kind (expected ${object.kind}, received ${kind})`);
}

function checkIdentity(converted: AnyObject, { metadata: before }: AnyObject): void {
  const after: Partial<Fields> = isFields(converted.metadata) ? converted.metadata : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  for (const [field, words] of IDENTITY) {
    const [expected, found] = [text(before[field]), text(after[field])];
    if (expected !== found) throw new Error(`must have the same ${words}: ${expected} != ${found}`);
  }
}

const IDENTITY = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

function withMetadataOf(original: AnyObject, converted: AnyObject): AnyObject {
  if (!('metadata' in converted)) throw new Error('missing metadata in converted object');
  const answered: unknown = converted.metadata;
  if (!isFields(answered)) throw new Error(`invalid metadata of type ${goType(answered)} in converted object`);
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
  const changed = {
    ...changeable('labels', answered, original),
    ...changeable('annotations', answered, original),
  };
  return { ...converted, metadata: { ...kept, ...changed } };
}

/** Labels or annotations as the webhook left them; what it did not touch is not judged again. */
function changeable(field: 'labels' | 'annotations', answered: Fields, { metadata }: AnyObject): object {
  const after = answered[field];
  if (after === undefined || after === null) return {};
  if (!isFields(after)) throw new Error(`invalid metadata.${field} of type ${goType(after)} in converted object`);
  const odd = Object.entries(after).find(([, value]) => typeof value !== 'string');
  if (odd)
    throw new Error(`metadata.${field}[${odd[0]}] must be a string, but is ${goType(odd[1])} in converted object`);
  const texts = after as Record<string, string>;
  if (!sameValue(texts, metadata[field] ?? {})) refuse(field, texts);
  return { [field]: texts };
}

function refuse(field: 'labels' | 'annotations', texts: Record<string, string>): void {
  const errors =
    field === 'labels' ? labelErrors(texts, 'metadata.labels') : annotationErrors(texts, 'metadata.annotation');
  const [only, ...others] = errors.map(textOf);
  if (only === undefined) return;
  throw new Error(others.length === 0 ? only : `[${[only, ...others].join(', ')}]`);
}
