import type { IFileSystem } from 'just-bash';
import { tracedPipelines } from './aside/pure-pipelines';
import { STREAM_FOLDER } from './instrument';

export type Write = (stream: 'stdout' | 'stderr', data: string | Uint8Array) => void;

/** The container's files with two more that pass what is written to them on at once: the streams of one process. */
export async function withStreams(base: IFileSystem, write: Write): Promise<IFileSystem> {
  const { InMemoryFs, MountableFs } = await import('just-bash');
  class StreamFiles extends InMemoryFs {
    override async writeFile(path: string, content: string | Uint8Array, options?: unknown): Promise<void> {
      pass(path, content, options);
    }

    override async appendFile(path: string, content: string | Uint8Array, options?: unknown): Promise<void> {
      pass(path, content, options);
    }
  }
  const pass = (path: string, content: string | Uint8Array, options: unknown): void => {
    if (content.length === 0) return;
    const isError = path.endsWith('2');
    if (typeof content !== 'string') write(isError ? 'stderr' : 'stdout', content);
    else if (isError) write('stderr', shellErrors(content));
    else write('stdout', isBytes(options) ? Buffer.from(content, 'latin1') : content);
  };
  return new MountableFs({ base, mounts: [{ mountPoint: STREAM_FOLDER, filesystem: new StreamFiles() }] });
}

function isBytes(options: unknown): boolean {
  const encoding = typeof options === 'string' ? options : (options as { encoding?: string } | undefined)?.encoding;
  return encoding === 'binary' || encoding === 'latin1';
}

/** What a shell says of a redirection into files that may not be written; nothing for another failure. */
export function writeRefusal(failure: string): string | undefined {
  const path = /EROFS: read-only file system, '([^']*)'/.exec(failure)?.[1];
  return path === undefined ? undefined : writeRefused(path);
}

export const writeRefused = (path: string): string => `sh: can't create ${path}: Read-only file system\n`;

/** The words of a small shell instead of bash's own, without a trace of what the rewriting added. */
export function shellErrors(stderr: string): string {
  return tracedPipelines(stderr)
    .replaceAll(/^bash: execution aborted\n/gm, '')
    .replaceAll(/^\++ (?:__turn|__become|break)\n/gm, '')
    .replaceAll('__live_', '')
    .replaceAll(/EROFS: read-only file system, '[^']*'/g, 'Read-only file system')
    .replaceAll(/^bash: (?:line \d+: )?(.*): command not found$/gm, 'sh: $1: not found')
    .replaceAll(/^bash: /gm, 'sh: ');
}
