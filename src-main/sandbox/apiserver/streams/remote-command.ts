/** Joins a process to the client of an exec or attach, whatever carries its channels. */
import type { ProcessStreams } from '#main/base/process-streams';
import type { Status } from '#common/kube/status-error';
import { isAbort } from '#common/base/errors';
import { statusOfExit } from './exit-status';

/** The client's side of a process. Absent channels were not asked for. */
export interface CommandChannels {
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** JSON texts `{"Width":100,"Height":30}`. */
  resize?: AsyncIterable<Uint8Array> | undefined;
  stdout?(chunk: Uint8Array): Promise<void>;
  stderr?(chunk: Uint8Array): Promise<void>;
  /** The end: everything was sent. */
  finish(status: Status): Promise<void>;
  /** Resolves when the client has gone. */
  readonly gone: Promise<void>;
}

/** Ends with the process, or with the client. */
export async function runCommand(process: ProcessStreams, channels: CommandChannels): Promise<void> {
  void channels.gone.then(() => process.kill());
  void feed(process, channels.stdin);
  void follow(channels.resize, process);
  const outputs = [drain(process.stdout, channels.stdout), drain(process.stderr, channels.stderr)];
  const exit = await process.exit;
  await Promise.race([Promise.all(outputs), channels.gone]);
  await channels.finish(statusOfExit(exit));
}

async function feed(process: ProcessStreams, stdin: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  try {
    if (stdin) for await (const chunk of stdin) await process.writeStdin(chunk);
  } catch (problem) {
    if (!isExpectedEnd(problem)) throw problem;
  } finally {
    process.endStdin();
  }
}

async function follow(resize: AsyncIterable<Uint8Array> | undefined, process: ProcessStreams): Promise<void> {
  if (!resize) return;
  try {
    for await (const message of resize) applySize(process, message);
  } catch (problem) {
    if (!isExpectedEnd(problem)) throw problem;
  }
}

function applySize(process: ProcessStreams, message: Uint8Array): void {
  for (const line of Buffer.from(message).toString('utf8').split('\n')) {
    const size = /"Width":\s*(\d+).*"Height":\s*(\d+)/.exec(line);
    if (size) process.resize(Number(size[1]), Number(size[2]));
  }
}

async function drain(
  output: AsyncIterable<Uint8Array>,
  send: ((chunk: Uint8Array) => Promise<void>) | undefined,
): Promise<void> {
  try {
    for await (const chunk of output) await send?.(chunk);
  } catch (problem) {
    if (!isExpectedEnd(problem)) throw problem;
  }
}

/** The client closed its end while we were reading or writing. */
function isExpectedEnd(problem: unknown): boolean {
  const code = (problem as { code?: string }).code ?? '';
  return isAbort(problem) || code.startsWith('ERR_STREAM') || code === 'ECONNRESET' || code === 'EPIPE';
}
