import type { IFileSystem } from 'just-bash';

/** What changes files; the place it changes is its first word, of some the second. */
const CHANGING: ReadonlyMap<string, number> = new Map([
  ['writeFile', 0],
  ['appendFile', 0],
  ['mkdir', 0],
  ['rm', 0],
  ['mv', 1],
  ['cp', 1],
  ['chmod', 0],
  ['symlink', 1],
  ['link', 1],
  ['utimes', 0],
]);

export interface ReadOnlyOptions {
  /** Folders below which everything may be changed. */
  except?: readonly string[];
  /** Where these files are seen, for whoever is refused. */
  at?: string;
}

/** A view of files that refuses to change them. */
export function readOnlyFiles(whole: IFileSystem, { except = [], at: where = '' }: ReadOnlyOptions = {}): IFileSystem {
  return new Proxy(whole, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const at = CHANGING.get(String(key));
      if (at === undefined) return value.bind(target);
      return async (...words: unknown[]) => {
        const place = String(words[at]);
        if (except.some((folder) => place.startsWith(folder))) return value.apply(target, words) as unknown;
        throw new Error(`EROFS: read-only file system, '${where}${place}'`);
      };
    },
  });
}
