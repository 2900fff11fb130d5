/** `/openapi/v3`: an index of documents with the hash of each, and the documents themselves, which a hash makes immutable. */
import { openApiDocument, openApiGroupVersions, openApiPath } from '#main/sandbox/machinery/openapi/openapi-v3';
import { failure } from '#common/kube/status-error';
import type { ApiResponse } from './api-request';
import { notServed } from './dispatch-errors';
import { documentResponse, tagged, type TaggedDocument } from './etag';
import type { Exchange } from './exchange';

const PREFIX = '/openapi/v3';

export async function openApi(exchange: Exchange, path: string): Promise<ApiResponse> {
  if (path === PREFIX) return documentResponse(exchange.request, await index(), JSON_HEADERS);
  // The older document exists in a protobuf form only, which clients of this release ask for when v3 fails them.
  if (path === '/openapi/v2')
    throw failure(406, 'NotAcceptable', 'only application/json is served under /openapi/v3', {});
  const document = await documentAt(path.slice(PREFIX.length + 1));
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

async function index(): Promise<TaggedDocument> {
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const key of openApiGroupVersions().map(openApiPath)) {
    const document = await documentAt(key);
    if (document) paths[key] = { serverRelativeURL: `${PREFIX}/${key}?hash=${hashOf(document)}` };
  }
  return tagged({ paths });
}

const hashOf = ({ etag }: TaggedDocument): string => etag.slice(1, -1);
