/** `/openapi/v3`: an index of documents with the hash of each, and the documents themselves, which a hash makes immutable. */
import { customOpenApi } from '#main/sandbox/custom/custom-openapi';
import type { CustomVersion } from '#main/sandbox/custom/custom-kinds';
import { openApiDocument, openApiGroupVersions, openApiPath } from '#main/sandbox/machinery/openapi/openapi-v3';
import type { ApiResponse } from './api-request';
import { notServed } from './dispatch-errors';
import { documentResponse, tagged, type TaggedDocument } from './etag';
import type { Catalogue } from './catalogue';
import type { Exchange } from './exchange';

const PREFIX = '/openapi/v3';

export async function openApi(exchange: Exchange, path: string): Promise<ApiResponse> {
  if (path === PREFIX) return documentResponse(exchange.request, await index(exchange.server.catalogue), JSON_HEADERS);
  const document = await documentOf(path.slice(PREFIX.length + 1), exchange.server.catalogue);
  if (!document) throw notServed();
  const isNamed = exchange.request.query.get('hash') === hashOf(document);
  return documentResponse(exchange.request, document, isNamed ? { ...JSON_HEADERS, ...FOREVER } : JSON_HEADERS);
}

const JSON_HEADERS = { 'content-type': 'application/json' };
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

async function index(catalogue: Catalogue): Promise<TaggedDocument> {
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const key of [...openApiGroupVersions().map(openApiPath), ...customDocuments(catalogue).keys()]) {
    const document = await documentOf(key, catalogue);
    if (document) paths[key] = { serverRelativeURL: `${PREFIX}/${key}?hash=${hashOf(document)}` };
  }
  return tagged({ paths });
}

const hashOf = ({ etag }: TaggedDocument): string => etag.slice(1, -1);
