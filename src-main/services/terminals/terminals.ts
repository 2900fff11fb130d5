import { Problem } from '#common/base/errors';
import type { TerminalEvent, TerminalRequest } from '#common/contract/terminals';
import { Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import type { ProcessStreams } from '#main/base/process-streams';
import { exec } from '#main/client/streams/exec';
import type { ClusterSession } from '#main/session/session';
import { isMissingProgram, shells } from './shells';
import { TerminalOutput } from './terminal-output';

interface Started {
  process: ProcessStreams;
  output: TerminalOutput;
  command: readonly string[];
}

interface Terminal {
  process: ProcessStreams;
  /** Input is sent in the order it was typed. */
  sent: Promise<void>;
}

/** The open terminals of all windows, by id. A terminal ends when its stream is no longer read. */
export class Terminals {
  readonly #open = new Map<string, Terminal>();
  #lastId = 0;

  async *open(session: ClusterSession, request: TerminalRequest, signal: AbortSignal): AsyncGenerator<TerminalEvent> {
    await session.ready(signal);
    const container = request.container ?? (await defaultContainer(session, request, signal));
    const { process, output, command } = await start(session, { ...request, container }, signal);
    const id = `terminal-${++this.#lastId}`;
    this.#open.set(id, { process, sent: Promise.resolve() });
    try {
      process.resize(request.columns, request.rows);
      yield { type: 'opened', id, container, command: [...command] };
      for await (const text of output.texts(signal)) yield { type: 'output', text };
      if (signal.aborted) return;
      const { code, message } = await process.exit;
      yield { type: 'exit', code, ...(message ? { message } : {}) };
    } finally {
      this.#open.delete(id);
      process.kill();
    }
  }

  async write(id: string, text: string): Promise<void> {
    const terminal = this.#find(id);
    const sent = terminal.sent.then(() => terminal.process.writeStdin(new TextEncoder().encode(text)));
    // The failure is told to who typed; what was typed next is tried on its own.
    terminal.sent = sent.catch(() => undefined);
    await sent;
  }

  resize(id: string, columns: number, rows: number): void {
    this.#find(id).process.resize(columns, rows);
  }

  #find(id: string): Terminal {
    const terminal = this.#open.get(id);
    if (!terminal) throw new Problem('terminal-closed', 'This terminal has ended.', { nextStep: 'Open a new one.' });
    return terminal;
  }
}

/** The command asked for, or the first shell the container has. */
async function start(
  session: ClusterSession,
  request: TerminalRequest & { container: string },
  signal: AbortSignal,
): Promise<Started> {
  const carrier = session.writingCarrier(request.confirmation);
  const { namespace, pod, container } = request;
  const commands = request.command?.length ? [request.command] : shells;
  for (const [index, command] of commands.entries()) {
    const process = await exec(carrier, { namespace, pod, container, command, tty: true, stdin: true, signal });
    const output = new TerminalOutput(process);
    const isLast = index === commands.length - 1;
    if (isLast || !(await isMissing(process, output))) return { process, output, command };
    process.kill();
  }
  throw new Problem('shell-missing', `Container ${container} has no shell.`);
}

/** Waits for a first sign of life: a shell shows its prompt, a missing program an end. */
async function isMissing(process: ProcessStreams, output: TerminalOutput): Promise<boolean> {
  const ended = process.exit.then((exit) => ({ exit }));
  const first = await Promise.race([ended, output.first().then((text) => ({ text }))]);
  if ('text' in first && !isMissingProgram(0, first.text)) return false;
  const { code, message = '' } = await process.exit;
  return isMissingProgram(code, `${message} ${output.seen}`);
}

/** As kubectl chooses: the annotation, else the first container. */
async function defaultContainer(
  session: ClusterSession,
  { namespace, pod: name }: TerminalRequest,
  signal: AbortSignal,
): Promise<string> {
  const pod = await session.client.get<Pod>(Pods, { namespace, name }, { signal });
  const annotated = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const first = annotated ?? pod.spec?.containers?.[0]?.name;
  if (!first) throw new Problem('container-missing', `Pod ${name} has no container.`);
  return first;
}
