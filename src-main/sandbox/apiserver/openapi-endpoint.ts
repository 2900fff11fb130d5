/** `/openapi/v3`: an index of documents with the hash of each, and the documents themselves, which a hash makes immutable. */
import { customOpenApi } from '#main/sandbox/custom/custom-openapi';
import type { CustomVersion } from '#main/sandbox/custom/custom-kinds';
import { openApiDocument, openApiGroupVersions, openApiPath } from '#main/sandbox/machinery/openapi/openapi-v3';
import type { ApiResponse } from './api-request';
import type { AggregatedVersion } from './aggregation/aggregator';
import { apiServiceName } from './aggregation/local-api-services';
import { passOnTo } from './aggregation/pass-on';
import { documentResponse, tagged, type TaggedDocument } from './etag';
import type { Catalogue } from './catalogue';
import type { Exchange } from './exchange';

const PREFIX = '/openapi/v3';

export async function openApi(exchange: Exchange, path: string): Promise<ApiResponse> {
  const { request, server } = exchange;
  if (path === PREFIX) return documentResponse(request, await index(server), TEXT_HEADERS);
  const key = path.slice(PREFIX.length + 1);
  const document = await documentOf(key, server.catalogue);
  if (!document) return (await openApiOfOthers(exchange, key)) ?? { status: 404, headers: {} };
  const isNamed = request.query.get('hash') === hashOf(document);
  return documentResponse(request, document, isNamed ? { ...JSON_HEADERS, ...FOREVER } : JSON_HEADERS);
}

const JSON_HEADERS = { 'content-type': 'application/json' };
/** The index is served as a file without a name that would tell what it is. */
const TEXT_HEADERS = { 'content-type': 'text/plain; charset=utf-8' };
const FOREVER = { 'cache-control': 'public, immutable', expires: 'Fri, 31 Dec 2100 00:00:00 GMT' };

/** Documents are the same for every server of this process, and take time to make. */
const documents = new Map<string, Promise<TaggedDocument | undefined>>();

function documentAt(key: string): Promise<TaggedDocument | undefined> {
  let document = documents.get(key);
  if (!document) {
    document = makeDocument(key);
    documents.set(key, document);
  }
  return document;
}

async function makeDocument(key: string): Promise<TaggedDocument | undefined> {
  const groupVersion = openApiGroupVersions().find((one) => openApiPath(one) === key);
  const document = groupVersion && (await openApiDocument(groupVersion));
  return document && tagged(document);
}

type CustomDocuments = Map<string, { kinds: CustomVersion[]; document?: Promise<TaggedDocument> }>;

/** By the list that they tell of, which is another one when a resource comes or goes. */
const custom = new WeakMap<Catalogue['definitions'], CustomDocuments>();

/** What each group version that definitions made is about; the v3 document is made when it is asked for. */
export function customDocuments(catalogue: Catalogue): CustomDocuments {
  let known = custom.get(catalogue.definitions);
  if (known) return known;
  custom.set(catalogue.definitions, (known = new Map()));
  for (const served of catalogue.served()) {
    if (!served.custom) continue;
    const key = openApiPath(served.definition);
    const kinds = known.get(key)?.kinds ?? [];
    known.set(key, { kinds: [...kinds, served.custom] });
  }
  return known;
}

async function documentOf(key: string, catalogue: Catalogue): Promise<TaggedDocument | undefined> {
  const known = customDocuments(catalogue).get(key);
  const [home] = known?.kinds ?? [];
  if (!known || !home) return documentAt(key);
  known.document ??= customOpenApi(home.definition, known.kinds).then(tagged);
  return known.document;
}

async function index({ catalogue, aggregator }: Exchange['server']): Promise<TaggedDocument> {
  const paths: Record<string, unknown> = {};
  for (const key of [...openApiGroupVersions().map(openApiPath), ...customDocuments(catalogue).keys()]) {
    const document = await documentOf(key, catalogue);
    if (document) paths[key] = { serverRelativeURL: `${PREFIX}/${key}?hash=${hashOf(document)}` };
  }
  for (const other of aggregator.listing.others) Object.assign(paths, listedByOther(other));
  return tagged({ paths });
}

/** A document that was converted here is kept here. */
function listedByOther(other: AggregatedVersion): Readonly<Record<string, unknown>> {
  const converted = convertedDocument(other);
  if (!converted) return other.openApi?.listed ?? {};
  const key = openApiPath(other);
  return { [key]: { serverRelativeURL: `${PREFIX}/${key}?hash=${hashOf(converted)}` } };
}

/** The document of a version that another server serves: kept here, or asked for there. */
async function openApiOfOthers(exchange: Exchange, key: string): Promise<ApiResponse | undefined> {
  const { request, server } = exchange;
  for (const other of server.aggregator.listing.others) {
    const converted = convertedDocument(other);
    if (converted && openApiPath(other) === key) return documentResponse(request, converted, JSON_HEADERS);
    if (other.openApi?.listed[key]) return passOnTo(exchange, apiServiceName(other));
  }
  return undefined;
}

/** By what was made of the other server's document, which is another one when it is looked at again. */
const convertedDocuments = new WeakMap<object, TaggedDocument>();

function convertedDocument({ openApi: known }: AggregatedVersion): TaggedDocument | undefined {
  const converted = known?.converted;
  if (!converted) return undefined;
  let document = convertedDocuments.get(converted);
  if (!document) convertedDocuments.set(converted, (document = tagged(converted)));
  return document;
}

const hashOf = ({ etag }: TaggedDocument): string => etag.slice(1, -1);
