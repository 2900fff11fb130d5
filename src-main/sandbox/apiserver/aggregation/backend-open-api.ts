/**
 * The OpenAPI documents of servers behind APIServices. Where one has an index of version 3, its documents are listed and
 * asked for when somebody reads them; otherwise its document of version 2 is converted (kube-aggregator's OpenAPI controllers).
 */
import { documentIn, type BackendAnswer, type Question } from './ask-backend';
import { openApiV3Of } from './open-api-conversion';

type Ask = (question: Question) => Promise<BackendAnswer>;

export interface BackendOpenApi {
  /** Documents of version 3 by their paths, `apis/group/v1`, as the server lists them. */
  listed: Readonly<Record<string, unknown>>;
  /** Of version 2, whole; for merging. */
  swagger?: Record<string, unknown> | undefined;
  /** Made of that, for a server that has none of version 3. */
  converted?: Record<string, unknown> | undefined;
}

const NOTHING: BackendOpenApi = { listed: {} };
const AGGREGATOR = { name: 'system:aggregator', groups: [] };

/** Rejects when the server cannot be reached; documents that it has not are left out. */
export async function askForOpenApi(ask: Ask): Promise<BackendOpenApi> {
  const [index, whole] = await Promise.all([
    ask({ path: '/openapi/v3', user: AGGREGATOR }),
    ask({ path: '/openapi/v2', user: AGGREGATOR, accept: 'application/json' }),
  ]);
  const swagger = whole.status === 200 ? documentIn(whole) : undefined;
  if (index.status === 404) return swagger ? { listed: {}, swagger, converted: openApiV3Of(swagger) } : NOTHING;
  const paths = index.status === 200 ? documentIn(index)?.['paths'] : undefined;
  return { listed: (paths ?? {}) as Record<string, unknown>, swagger };
}
