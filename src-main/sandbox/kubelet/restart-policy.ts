import type { Container, ContainerRestartRule } from '#common/kube/types';

/** client-go's flow back-off of container restarts and image pulls: kubelet's MaxContainerBackOff and its first step. */
export const FIRST_BACKOFF_MS = 10_000;
export const MAX_BACKOFF_MS = 300_000;
/** A container that ran this long starts over with its back-off. */
const FORGET_AFTER_MS = 2 * MAX_BACKOFF_MS;

/** What follows the end of a container: another run of it, of all containers of the Pod, or nothing. */
export type Sequel = 'restart' | 'restart-all' | 'end';

/** Rules of the container come before its policy (ContainerShouldRestart). */
export function sequelOf(
  { restartPolicy, restartPolicyRules = [] }: Pick<Container, 'restartPolicy' | 'restartPolicyRules'>,
  podPolicy: string,
  exitCode: number,
): Sequel {
  const rule = restartPolicy === undefined ? undefined : restartPolicyRules.find((each) => isMet(each, exitCode));
  if (rule?.action === 'Restart') return 'restart';
  if (rule?.action === 'RestartAllContainers') return 'restart-all';
  const policy = restartPolicy ?? podPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0) ? 'restart' : 'end';
}

function isMet({ exitCodes }: ContainerRestartRule, exitCode: number): boolean {
  const isListed = exitCodes?.values?.includes(exitCode) ?? false;
  return exitCodes?.operator === 'NotIn' ? !isListed : isListed;
}

/** The delay before a restart. The first failure restarts at once; from the second on 10 s, doubled up to 5 min. */
export function restartDelayMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 2));
}

/** The delay before pull number `failures + 1`. */
export function pullDelayMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(0, failures - 1));
}

/** How many failures in a row this end makes. */
export function failuresAfter(failures: number, ranMs: number): number {
  return ranMs >= FORGET_AFTER_MS ? 1 : failures + 1;
}

/** A delay as Go prints a Duration of whole seconds: `10s`, `1m20s`, `5m0s`. */
export function goSeconds(delayMs: number): string {
  const seconds = Math.round(delayMs / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** A short duration as Go prints it rounded to milliseconds: `812ms`, `1.203s`. */
export function goMillis(delayMs: number): string {
  const rounded = Math.max(1, Math.round(delayMs));
  return rounded < 1000 ? `${rounded}ms` : `${Number((rounded / 1000).toFixed(3))}s`;
}
