import type { ListMeta } from '#common/kube/object';
import { RevisionGone, type KeyRange } from '#main/sandbox/store/collection';
import type { Entry } from '#main/sandbox/store/entry';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import {
  encodeContinue,
  expiredPage,
  expiredRevision,
  futureRevision,
  listOptions,
  type ListOptions,
} from '../list-options';
import { listResponse } from '../object-response';
import { selectionOf, type Selection } from '../selection';

export async function list(exchange: ResourceExchange): Promise<ApiResponse> {
  const options = listOptions(exchange.request.query, false);
  const selection = selectionOf(exchange);
  const revision = readRevision(exchange, options);
  try {
    const { entries, metadata } = readPage(exchange, { options, selection, revision });
    return listResponse(exchange, entries, metadata);
  } catch (problem) {
    if (!(problem instanceof RevisionGone)) throw problem;
    throw options.continueToken
      ? expiredPage(options.continueToken.start)
      : expiredRevision(problem.asked, problem.oldest);
  }
}

/** The revision that is read: the latest, unless an exact one was asked for or pages belong together. */
function readRevision({ server }: ResourceExchange, { revision, match, limit, continueToken }: ListOptions): number {
  const current = server.store.revision;
  const asked = continueToken?.revision ?? revision ?? 0;
  if (asked > current) throw futureRevision(asked, current);
  if (continueToken) return asked > 0 ? asked : current;
  const isExact = match === 'Exact' || (match === '' && limit > 0 && asked > 0);
  return isExact ? asked : current;
}

interface Reading {
  options: ListOptions;
  selection: Selection;
  revision: number;
}

interface ReadPage {
  entries: readonly Entry[];
  metadata: ListMeta;
}

function readPage({ served }: ResourceExchange, { options, selection, revision }: Reading): ReadPage {
  const { collection } = served.registry;
  const { limit, continueToken } = options;
  const range: KeyRange = { from: continueToken?.start ?? selection.range.from, to: selection.range.to };
  const metadata: ListMeta = { resourceVersion: String(revision) };
  if (limit <= 0) {
    const entries = collection.at(range, revision);
    return { entries: selection.isFiltered ? entries.filter(selection.matches) : entries, metadata };
  }
  const page = collection.page(range, revision, selection.isFiltered ? Number.MAX_SAFE_INTEGER : limit);
  const matching = selection.isFiltered ? page.entries.filter(selection.matches) : page.entries;
  const entries = matching.slice(0, limit);
  const last = entries.at(-1);
  if (last && (matching.length > limit || page.remaining > 0)) {
    metadata.continue = encodeContinue(revision, last.key);
    if (!selection.isFiltered) metadata.remainingItemCount = page.remaining;
  }
  return { entries, metadata };
}
