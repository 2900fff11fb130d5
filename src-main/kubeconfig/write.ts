import { open, realpath, rm } from 'node:fs/promises';
import { isMap, isSeq, parseDocument, YAMLSeq, type Document, type YAMLMap } from 'yaml';
import { sleep, type Clock } from '#common/base/clock';
import { Problem } from '#common/base/errors';
import { isMissing, readIfThere, writeAtomically } from '#main/base/files';
import { systemClock } from '#main/base/system-clock';

/** Part of a kubeconfig that names things. */
const sections = ['clusters', 'users', 'contexts'] as const;
type Section = (typeof sections)[number];

export interface MergeOptions {
  /** Take the place of entries with the same names instead of refusing. */
  replace?: boolean;
  /** Make the context the current one even where there is one already. */
  select?: boolean;
  clock?: Clock;
}

/**
 * Writes the entries of `kubeconfig` (YAML) into the file at `path`, which is made when it is not there. Everything else,
 * comments included, stays. Throws Problem `context-name-taken` when a name is in use, unless `replace`.
 */
export async function mergeIntoFile(path: string, kubeconfig: string, options: MergeOptions = {}): Promise<void> {
  const added = parseDocument(kubeconfig);
  await edit(path, options.clock ?? systemClock, (document) => {
    for (const section of sections) {
      for (const entry of entriesOf(added, section)) put(document, section, entry, { path, ...options });
    }
    const current = added.get('current-context');
    if (current && (options.select || !document.get('current-context'))) document.set('current-context', current);
  });
}

/**
 * Takes the context `name` out of the file at `path`, with its cluster and user where no other context needs them.
 * False when it was not there.
 */
export async function removeFromFile(path: string, name: string, { clock = systemClock } = {}): Promise<boolean> {
  if ((await readIfThere(path)) === undefined) return false;
  let found = false;
  await edit(path, clock, (document) => {
    const context = entriesOf(document, 'contexts').find((entry) => entry.get('name') === name);
    if (!context) return;
    found = true;
    const cluster = context.getIn(['context', 'cluster']);
    const user = context.getIn(['context', 'user']);
    drop(document, 'contexts', name);
    const others = entriesOf(document, 'contexts');
    if (!others.some((other) => other.getIn(['context', 'cluster']) === cluster)) drop(document, 'clusters', cluster);
    if (!others.some((other) => other.getIn(['context', 'user']) === user)) drop(document, 'users', user);
    if (document.get('current-context') === name) document.set('current-context', '');
  });
  return found;
}

async function edit(path: string, clock: Clock, change: (document: Document) => void): Promise<void> {
  await using _ = await lock(path, clock);
  const text = (await readIfThere(path)) ?? '';
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) {
    throw new Problem('kubeconfig-not-yaml', `The kubeconfig file ${path} is not YAML: ${error.message}`, {
      nextStep: 'Correct the file first; it was left as it is.',
    });
  }
  if (document.contents === null) {
    document.contents = document.createNode({
      apiVersion: 'v1',
      kind: 'Config',
    }) as unknown as typeof document.contents;
  }
  if (!isMap(document.contents)) throw new Problem('kubeconfig-unknown', `The file ${path} is not a kubeconfig.`);
  change(document as Document);
  const written = document.toString({ lineWidth: 0, indentSeq: !hasFlushLists(text) });
  if (written !== text) await writeAtomically(path, written);
}

/** kubectl writes the dashes of a list under the first letter of its key; a file stays as it is there. */
function hasFlushLists(text: string): boolean {
  return /^\S.*:[^\n]*\n- /m.test(text);
}

function entriesOf(document: { get(key: string): unknown }, section: Section): YAMLMap[] {
  const list = document.get(section);
  return isSeq(list) ? (list.items as unknown[]).filter((item) => isMap(item)) : [];
}

function put(
  document: Document,
  section: Section,
  entry: YAMLMap,
  { path, replace }: MergeOptions & { path: string },
): void {
  const list = sequence(document, section);
  const name = entry.get('name');
  const index = list.items.findIndex((item) => isMap(item) && item.get('name') === name);
  if (index < 0) list.add(entry);
  else if (replace || sameContent(list.items[index], entry)) list.items[index] = entry;
  else {
    throw new Problem('context-name-taken', `${path} already has an entry named "${String(name)}" in ${section}.`, {
      nextStep: 'Choose another name, or replace the entry.',
    });
  }
}

function sameContent(a: unknown, b: YAMLMap): boolean {
  return isMap(a) && JSON.stringify(a.toJSON()) === JSON.stringify(b.toJSON());
}

function sequence(document: Document, section: Section): YAMLSeq {
  const list = document.get(section);
  if (isSeq(list)) {
    // `clusters: []`, as kubectl writes an empty file, would put everything on one line.
    list.flow = false;
    return list as YAMLSeq;
  }
  const created = new YAMLSeq();
  document.set(section, created);
  return created;
}

function drop(document: Document, section: Section, name: unknown): void {
  const list = document.get(section);
  if (!isSeq(list)) return;
  list.items = (list.items as unknown[]).filter((item) => !(isMap(item) && item.get('name') === name));
}

const LOCK_RETRY_MS = 50;
const LOCK_TRIES = 40;

/** The lock that kubectl takes too: a file beside the kubeconfig that only one writer can create. */
async function lock(path: string, clock: Clock): Promise<AsyncDisposable> {
  const lockPath = `${await realpath(path).catch(() => path)}.lock`;
  for (let tries = 1; ; tries++) {
    try {
      const file = await open(lockPath, 'wx', 0o600);
      await file.close();
      return { [Symbol.asyncDispose]: () => rm(lockPath, { force: true }) };
    } catch (failure) {
      // A folder that is not there yet has no other writer; writing makes it.
      if (isMissing(failure)) return { [Symbol.asyncDispose]: async () => undefined };
      if (tries >= LOCK_TRIES) throw locked(lockPath, failure);
      await sleep(clock, LOCK_RETRY_MS);
    }
  }
}

function locked(lockPath: string, cause: unknown): Problem {
  return new Problem('kubeconfig-locked', `The kubeconfig is being written by another program: ${lockPath} exists.`, {
    nextStep: 'Try again; if no program is writing it, delete that file.',
    cause,
  });
}
