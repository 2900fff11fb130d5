/** `/openapi/v2`: everything in one document, made when somebody asks for it and kept until the served kinds change. */
import { customOpenApi } from '#main/sandbox/custom/custom-openapi';
import { openApiV2Protobuf } from '#main/sandbox/codec/openapi-v2-protobuf';
import { swaggerDocument } from '#main/sandbox/machinery/openapi/openapi-v2';
import type { AggregatedVersion, Listing } from './aggregation/aggregator';
import { withForeignDocuments, type ForeignDocument } from './aggregation/open-api-merge';
import type { ApiResponse } from './api-request';
import type { Catalogue } from './catalogue';
import { documentResponse, tagged, type TaggedDocument } from './etag';
import type { Exchange } from './exchange';
import { customDocuments } from './openapi-endpoint';
import { VERSION_INFO } from './version';

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** What is asked for -> what is served; the first is for clients that take anything. */
const OFFERS: Readonly<Record<string, string>> = {
  'application/json': 'application/json',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf': PROTOBUF,
  [PROTOBUF]: PROTOBUF,
};

export async function openApiV2({ request, server }: Exchange): Promise<ApiResponse> {
  const type = acceptable(request.headers['accept']);
  if (!type) return { status: 406, headers: { vary: 'Accept' } };
  const kept = documentsOf(server);
  const json = await (kept.json ??= makeJson(server));
  const document = type === PROTOBUF ? (kept.protobuf ??= asProtobuf(json)) : json;
  return documentResponse(request, document, { 'content-type': type });
}

/** The served form of the first type that is known; clients that say how much they like each are heard. */
function acceptable(accept: string | undefined): string | undefined {
  const clauses = (accept || '*/*').split(',').map((text) => {
    const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return { type: type.toLowerCase(), quality: quality ? Number(quality.slice(2)) : 1 };
  });
  const types = clauses.sort((a, b) => b.quality - a.quality).map(({ type }) => type);
  return types.map((type) => OFFERS[ANYTHING.has(type) ? 'application/json' : type]).find(Boolean);
}

const ANYTHING = new Set(['*/*', 'application/*']);

interface Documents {
  json?: Promise<TaggedDocument>;
  protobuf?: TaggedDocument;
}

/** By what is served here and elsewhere: each is another object when something comes or goes. */
const documents = new WeakMap<Catalogue['definitions'], WeakMap<Listing, Documents>>();

function documentsOf({ catalogue: { definitions }, aggregator: { listing } }: Exchange['server']): Documents {
  let all = documents.get(definitions);
  if (!all) documents.set(definitions, (all = new WeakMap()));
  let known = all.get(listing);
  if (!known) all.set(listing, (known = {}));
  return known;
}

async function makeJson({ catalogue, aggregator }: Exchange['server']): Promise<TaggedDocument> {
  const custom = [...customDocuments(catalogue).values()].map(async ({ kinds }) => {
    const [first] = kinds;
    if (!first) throw new Error('a group version without kinds');
    const document = await customOpenApi(first.definition, kinds);
    return { document, declared: new Set(kinds.map(({ schema }) => schema.name)) };
  });
  const own = await swaggerDocument(`${VERSION_INFO.major}.${VERSION_INFO.minor}`, await Promise.all(custom));
  return tagged(withForeignDocuments(own, aggregator.listing.others.flatMap(foreignDocument)));
}

function foreignDocument({ group, version, openApi }: AggregatedVersion): ForeignDocument[] {
  return openApi?.swagger ? [{ prefix: `/apis/${group}/${version}/`, swagger: openApi.swagger }] : [];
}

/** Both forms have the tag of the JSON: `Vary` tells them apart. */
function asProtobuf({ bytes, etag }: TaggedDocument): TaggedDocument {
  return { bytes: openApiV2Protobuf(JSON.parse(bytes.toString('utf8')) as object), etag };
}
