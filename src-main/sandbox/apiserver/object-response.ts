/** Objects and lists in the form the client asked for: whole, as a table, or their metadata alone. */
import { Buffer } from 'node:buffer';
import type { AnyObject, ListMeta, TableRow } from '#common/kube/object';
import { hasProtobuf } from '#main/sandbox/codec/protobuf-answer';
import type { Entry } from '#main/sandbox/store/entry';
import { after } from './after';
import type { ApiResponse, ResponseBody } from './api-request';
import { jsonBody, keptBody } from './bodies';
import type { ResourceExchange } from './exchange';
import { negotiate, type Form, type Offers, type Representation } from './negotiation';
import { protobufEntryBody, protobufListBody, protobufValueBody } from './protobuf-form';
import { isTrue } from './request-info';
import type { Printer } from './tables/printer';
import { rowBytes, rowValue, tableHead, type RowContent } from './tables/table';
import { yamlBody } from './yaml-output';

/** Answers with one object of the exchange's resource; `stored` is in the stored version. */
export function objectResponse(
  exchange: ResourceExchange,
  stored: Entry,
  status = 200,
): ApiResponse | Promise<ApiResponse> {
  return servedResponse(exchange, exchange.served.serve(stored), status);
}

/** The same with an object that is in the served version, or on its way there. */
export function servedResponse(
  exchange: ResourceExchange,
  served: Entry | Promise<Entry>,
  status = 200,
): ApiResponse | Promise<ApiResponse> {
  return after(served, (entry) => {
    const representation = negotiate(exchange.request.headers['accept'], false, offersOf(exchange));
    return answer(exchange, representation, { status, body: objectBody(exchange, entry, representation) });
  });
}

/** Answers with a value that is no stored object: a Scale, a review, a TokenRequest. */
export function valueResponse(
  exchange: { request: ResourceExchange['request'] },
  value: object,
  status = 200,
): ApiResponse {
  const body = protobufValueBody(value);
  const representation = negotiate(exchange.request.headers['accept'], false, { protobuf: body !== undefined });
  const isProtobuf = representation.encoding === 'protobuf' && body !== undefined;
  const shown = { ...representation, form: 'object' } as const;
  return answer(exchange, shown, { status, body: isProtobuf ? body : jsonBody(value) });
}

/** Answers with a value that is no stored object but has a table, as a Scale has. */
export function printedResponse(exchange: ResourceExchange, value: AnyObject, printer: Printer): ApiResponse {
  const representation = negotiate(exchange.request.headers['accept'], false, { protobuf: true });
  const { form, metaVersion } = representation;
  if (form !== 'table') return valueResponse(exchange, value);
  const { resourceVersion } = value.metadata;
  const rows = [rowValue({ object: value }, { ...rowContent(exchange, metaVersion), printer })];
  const body = jsonBody({ ...tableHead(printer, { resourceVersion }, metaVersion), rows });
  return answer(exchange, representation, { status: 200, body });
}

/** Answers with a list; `entries` are in the served version. */
export function listResponse(exchange: ResourceExchange, entries: readonly Entry[], metadata: ListMeta): ApiResponse {
  const representation = negotiate(exchange.request.headers['accept'], true, offersOf(exchange));
  return answer(exchange, representation, {
    status: 200,
    body: listBody(exchange, entries, { metadata, representation }),
  });
}

/** Built-in kinds have a protobuf form, custom ones do not. */
export function offersOf({ served }: Pick<ResourceExchange, 'served'>): Offers {
  return {
    get protobuf() {
      return hasProtobuf({ apiVersion: served.apiVersion, kind: served.definition.kind });
    },
  };
}

function answer(
  { request }: Pick<ResourceExchange, 'request'>,
  representation: Representation,
  { status, body }: { status: number; body: ResponseBody },
): ApiResponse {
  const headers = { 'content-type': representation.contentType };
  if (representation.encoding === 'yaml' && body.shape === 'value') return { status, headers, body: yamlBody(body) };
  if (representation.encoding === 'protobuf') return { status, headers, body };
  if (body.shape === 'value' && wantsPretty(request.query, request.headers['user-agent'])) {
    return { status, headers, body: jsonBody(body.value(), 2) };
  }
  return { status, headers, body };
}

/** People read what curl and browsers show. */
function wantsPretty(query: URLSearchParams, userAgent = ''): boolean {
  if (query.has('pretty')) return isTrue(query.get('pretty'));
  return /^(curl|Wget|Mozilla\/)/.test(userAgent);
}

function objectBody(exchange: ResourceExchange, entry: Entry, representation: Representation): ResponseBody {
  const { form, metaVersion, encoding } = representation;
  if (encoding === 'protobuf') return protobufEntryBody(entry);
  switch (form) {
    case 'object':
      return keptBody(entry.object, () => entry.bytes);
    case 'metadata':
      return jsonBody(partialObject(entry.object, metaVersion));
    case 'table':
      return jsonBody({
        ...tableHead(exchange.served.printer, { resourceVersion: entry.object.metadata.resourceVersion }, metaVersion),
        rows: [rowOf(exchange, entry, metaVersion)],
      });
  }
}

interface ListShape {
  metadata: ListMeta;
  representation: Representation;
}

function listBody(exchange: ResourceExchange, entries: readonly Entry[], shape: ListShape): ResponseBody {
  const { metadata, representation } = shape;
  const { metaVersion } = representation;
  const { served } = exchange;
  const kind = `${served.definition.kind}List`;
  if (representation.encoding === 'protobuf') {
    return protobufListBody({ kind, apiVersion: served.apiVersion, metadata }, entries);
  }
  switch (representation.form satisfies Form) {
    case 'object':
      return {
        shape: 'value',
        value: () => ({ kind, apiVersion: served.apiVersion, metadata, items: entries.map(({ object }) => object) }),
        ...sized(() =>
          served.custom
            ? customListBytes({ kind, apiVersion: served.apiVersion, metadata }, entries)
            : listBytes({ kind, apiVersion: served.apiVersion, metadata }, entries),
        ),
      };
    case 'metadata': {
      const value = () => ({
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${metaVersion}`,
        metadata,
        items: entries.map(({ object }) => partialObject(object, metaVersion)),
      });
      return { shape: 'value', value, ...sized(() => [Buffer.from(JSON.stringify(value()))]) };
    }
    case 'table': {
      const head = tableHead(served.printer, metadata, metaVersion);
      const content = rowContent(exchange, metaVersion);
      const rows = inPrintedOrder(entries, served.printer);
      return {
        shape: 'value',
        value: () => ({ ...head, rows: rows.map((entry) => rowValue(entry, content)) }),
        ...sized(() =>
          framed(
            head,
            'rows',
            rows.map((entry) => rowBytes(entry, content)),
          ),
        ),
      };
    }
  }
}

function inPrintedOrder(entries: readonly Entry[], { order }: Printer): readonly Entry[] {
  return order ? entries.toSorted((left, right) => order(left.object, right.object)) : entries;
}

/** Items keep the bytes of their objects; only the commas and the head are new. */
function listBytes(head: object, entries: readonly Entry[]): Buffer[] {
  const opened = entries.map(({ itemBytes }) => [OPEN, itemBytes] as const);
  return framed(head, 'items', opened);
}

interface ListHead {
  kind: string;
  apiVersion: string;
  metadata: ListMeta;
}

/** Items of custom kinds say what they are, and their lists where they end. */
function customListBytes({ metadata, ...head }: ListHead, entries: readonly Entry[]): Buffer[] {
  const whole = { ...head, metadata: { ...metadata, continue: metadata.continue ?? '' } };
  return framed(
    whole,
    'items',
    entries.map(({ bytes }) => [bytes] as const),
  );
}

const OPEN = Buffer.from('{');
const COMMA = Buffer.from(',');
const END = Buffer.from(']}\n');
const CHUNK_BYTES = 2 ** 20;

/** `{…head, "field":[parts]}` gathered into pieces of about a megabyte. */
function framed(head: object, field: string, items: readonly (readonly Uint8Array[])[]): Buffer[] {
  const start = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"${field}":[`);
  const pieces: Buffer[] = [];
  let parts: Uint8Array[] = [start];
  let bytes = start.length;
  items.forEach((item, at) => {
    if (at > 0) parts.push(COMMA);
    for (const part of item) {
      parts.push(part);
      bytes += part.length;
    }
    if (bytes < CHUNK_BYTES) return;
    pieces.push(Buffer.concat(parts));
    parts = [];
    bytes = 0;
  });
  parts.push(END);
  pieces.push(Buffer.concat(parts));
  return pieces;
}

function sized(make: () => Buffer[]): { chunks(): Buffer[]; length(): number } {
  let made: Buffer[] | undefined;
  const chunks = (): Buffer[] => (made ??= make());
  return { chunks, length: () => chunks().reduce((sum, { length }) => sum + length, 0) };
}

export function partialObject({ metadata }: AnyObject, metaVersion: string): AnyObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata };
}

/** What the rows of this request's table carry beside their cells. */
export function rowContent({ request, server, served }: ResourceExchange, metaVersion: string): RowContent {
  const include = request.query.get('includeObject') ?? 'Metadata';
  return {
    printer: served.printer,
    now: server.clock.now(),
    metaVersion,
    include: include === 'Object' || include === 'None' ? include : 'Metadata',
  };
}

export function rowOf(exchange: ResourceExchange, entry: Entry, metaVersion: string): TableRow {
  return rowValue(entry, rowContent(exchange, metaVersion));
}
