import type { ListMeta } from '#common/kube/object';
import { RevisionGone, type KeyRange, type Page } from '#main/sandbox/store/collection';
import type { Entry } from '#main/sandbox/store/entry';
import { after } from '../after';
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
    const { entries, metadata } = await readPage(exchange, { options, selection, revision });
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

/** Entries are in the served version: at once, unless somebody else converts them. */
function readPage({ served }: ResourceExchange, reading: Reading): ReadPage | Promise<ReadPage> {
  const { options, selection, revision } = reading;
  const { collection } = served.registry;
  const { limit, continueToken } = options;
  const range: KeyRange = { from: continueToken?.start ?? selection.range.from, to: selection.range.to };
  const most = limit <= 0 || selection.isFiltered ? Number.MAX_SAFE_INTEGER : limit;
  const page = collection.page(range, revision, most);
  return after(served.serveAll(page.entries), (entries) => pageOf({ entries, remaining: page.remaining }, reading));
}

function pageOf(page: Page, { options: { limit }, selection, revision }: Reading): ReadPage {
  const metadata: ListMeta = { resourceVersion: String(revision) };
  const matching = selection.isFiltered ? page.entries.filter(selection.matches) : page.entries;
  if (limit <= 0) return { entries: matching, metadata };
  const entries = matching.slice(0, limit);
  const last = entries.at(-1);
  if (last && (matching.length > limit || page.remaining > 0)) {
    metadata.continue = encodeContinue(revision, last.key);
    if (!selection.isFiltered) metadata.remainingItemCount = page.remaining;
  }
  return { entries, metadata };
}
