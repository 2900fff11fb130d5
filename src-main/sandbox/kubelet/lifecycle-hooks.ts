import { sleep } from '#common/base/clock';
import type { LifecycleHandler } from '#common/kube/types';
import { execOutcome, httpAnswer, type CheckTarget } from './container-checks';

/** Runs a hook of a container; answers why it failed, in the kubelet's words, and nothing when it went well. */
export async function runHook(
  handler: LifecycleHandler,
  target: CheckTarget,
  { pod, signal }: { pod: string; signal: AbortSignal },
): Promise<string | undefined> {
  const where = `for Container "${target.spec.name}" in Pod "${pod}" failed - error: `;
  if (handler.exec) {
    const { command = [] } = handler.exec;
    const { code, message, output } = await execOutcome(command, target.container, signal);
    if (code === 0) return undefined;
    const error = message ?? `command '${command.join(' ')}' exited with ${code}: ${output}`;
    return `Exec lifecycle hook ([${command.join(' ')}]) ${where}${error}, message: ${JSON.stringify(output)}`;
  }
  if (handler.httpGet) {
    const answer = await httpAnswer(handler.httpGet, target, signal);
    if (!('failure' in answer)) return undefined;
    return `HTTP lifecycle hook (${handler.httpGet.path ?? ''}) ${where}${answer.failure}`;
  }
  if (!handler.sleep) return 'Cannot run handler: invalid handler';
  await sleep(target.clock, handler.sleep.seconds * 1000, signal).catch(() => undefined);
  if (!signal.aborted) return undefined;
  return `Sleep lifecycle hook (${handler.sleep.seconds}) ${where}container terminated before sleep hook finished`;
}
