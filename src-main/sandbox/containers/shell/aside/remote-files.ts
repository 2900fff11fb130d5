/** The files of a container as a thread sees them: each access is a call to the thread that has them. */
import type { IFileSystem } from 'just-bash';

type Encoding = string | { encoding?: string | null } | undefined;

const METHODS = [
  'readFileBuffer',
  'writeFile',
  'appendFile',
  'exists',
  'stat',
  'lstat',
  'mkdir',
  'readdir',
  'rm',
  'cp',
  'mv',
  'chmod',
  'symlink',
  'link',
  'readlink',
  'realpath',
  'utimes',
] as const;

export type FileMethod = (typeof METHODS)[number];

/** Does for a thread what it asked for; rejects as the file system does. */
export function callFiles(fs: IFileSystem, method: FileMethod, args: readonly unknown[]): Promise<unknown> {
  if (!METHODS.includes(method)) throw new Error(`no such file operation: ${String(method)}`);
  return (fs[method] as (...words: readonly unknown[]) => Promise<unknown>).call(fs, ...args);
}

export type CallFiles = (method: FileMethod, args: readonly unknown[]) => Promise<unknown>;

/** A file system of calls. Content travels as bytes, so that nobody but the thread decodes it. */
export function remoteFiles(call: CallFiles, resolvePath: IFileSystem['resolvePath']): IFileSystem {
  const plain = Object.fromEntries(METHODS.map((method) => [method, (...args: unknown[]) => call(method, args)]));
  const bytesOf = async (path: string) => Buffer.from((await call('readFileBuffer', [path])) as Uint8Array);
  return {
    ...plain,
    readFile: async (path: string, options?: Encoding) => (await bytesOf(path)).toString(encodingOf(options)),
    readFileBytes: async (path: string) => (await bytesOf(path)).toString('latin1'),
    writeFile: (path: string, content: string | Uint8Array, options?: Encoding) =>
      call('writeFile', [path, contentOf(content, options)]),
    appendFile: (path: string, content: string | Uint8Array, options?: Encoding) =>
      call('appendFile', [path, contentOf(content, options)]),
    resolvePath,
    getAllPaths: () => [],
  } as unknown as IFileSystem;
}

function encodingOf(options: Encoding): BufferEncoding {
  const named = typeof options === 'string' ? options : options?.encoding;
  return (named ?? 'utf8') as BufferEncoding;
}

const contentOf = (content: string | Uint8Array, options: Encoding): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content, encodingOf(options)) : content;
