import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { Problem } from '#common/base/errors';
import { controlPaths, type LifeStatus } from './life';
import type { SandboxRecord } from './record';

/** An answer on loopback takes a millisecond; a process that is busy starting may need longer. */
const ANSWER_MS = 5000;

/**
 * True when the process of `record` answers to its token. One that is too busy to answer lives too, as long as its port
 * is open and its number exists; the number alone could belong to another program by now.
 */
export async function isAlive(record: SandboxRecord): Promise<boolean> {
  const controller = new AbortController();
  try {
    for await (const status of lifeOf(record, controller.signal)) return status.name === record.name;
    return false;
  } catch (failure) {
    return failure instanceof NoAnswer && processExists(record.pid);
  } finally {
    controller.abort();
  }
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (failure) {
    return failure instanceof Error && 'code' in failure && failure.code === 'EPERM';
  }
}

/** On Linux a process that has ended keeps its number until someone asks how: proc(5), third field of `stat`. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return /^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The port is open and nothing came from it in time. */
export class NoAnswer extends Error {}

/** How the cluster is doing, now and at every change. Ends when its process ends; throws when it cannot be reached. */
export async function* lifeOf(record: SandboxRecord, signal?: AbortSignal): AsyncGenerator<LifeStatus> {
  const response = await ask(record, 'GET', controlPaths.life, signal);
  const lines = createInterface({ input: response });
  try {
    for await (const line of lines) yield JSON.parse(line) as LifeStatus;
  } catch (failure) {
    // A process that was killed resets the connection: the end of a life, not a failure to see it.
    if (signal?.aborted) throw signal.reason;
    if (!(failure instanceof Error && 'code' in failure)) throw failure;
  } finally {
    lines.close();
    response.destroy();
  }
}

/** Asks the process to stop its cluster; resolves when it has heard. */
export async function askToStop(record: SandboxRecord, signal?: AbortSignal): Promise<void> {
  (await ask(record, 'POST', controlPaths.stop, signal)).resume();
}

/** The administrator's kubeconfig of a running cluster. */
export async function readKubeconfig(record: SandboxRecord, signal?: AbortSignal): Promise<string> {
  const response = await ask(record, 'GET', controlPaths.kubeconfig, signal);
  let text = '';
  response.setEncoding('utf8');
  for await (const part of response) text += part;
  return text;
}

function ask(
  { name, control }: SandboxRecord,
  method: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port: control.port,
      method,
      path,
      agent: false,
      headers: { authorization: `Bearer ${control.token}` },
      ...(signal ? { signal } : {}),
    });
    // Counts while the head of the answer is awaited; a life that is followed may be silent for days.
    sent.setTimeout(ANSWER_MS, () => sent.destroy(new NoAnswer(`The process of ${name} does not answer.`)));
    sent.once('error', reject);
    sent.once('response', (response) => {
      sent.setTimeout(0);
      if (response.statusCode === 200 || response.statusCode === 202) resolve(response);
      else {
        response.resume();
        reject(new Problem('sandbox-refused', `The process of ${name} answered ${response.statusCode}.`));
      }
    });
    sent.end();
  });
}
