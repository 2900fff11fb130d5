import { baselineChecks } from './baseline';
import type { Check, CheckedPod } from './check';
import { restrictedChecks } from './restricted';

export const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof LEVELS)[number];
export type Mode = 'enforce' | 'audit' | 'warn';

const CHECKS: Readonly<Record<Level, readonly Check[]>> = {
  privileged: [],
  baseline: baselineChecks,
  restricted: restrictedChecks,
};

const PREFIX = 'pod-security.kubernetes.io/';
const VERSION = /^(latest|v1\.(0|[1-9]\d*))$/;

export interface Policy {
  level: Level;
  /** `latest` or `v1.30`. */
  version: string;
}

type Labels = Readonly<Record<string, string>> | undefined;

/** What a namespace's labels ask for; a value that means nothing asks for the strictest. */
export function policyOf(labels: Labels, mode: Mode): Policy {
  const value = labels?.[PREFIX + mode];
  const version = labels?.[`${PREFIX}${mode}-version`] ?? 'latest';
  const level = value === undefined ? 'privileged' : (LEVELS.find((one) => one === value) ?? 'restricted');
  return { level, version: VERSION.test(version) ? version : 'latest' };
}

/** Labels that mean nothing, with what they should be. */
export function labelErrors(labels: Labels): { label: string; value: string; detail: string }[] {
  return (['enforce', 'audit', 'warn'] as const).flatMap((mode) => {
    const level = labels?.[PREFIX + mode];
    const version = labels?.[`${PREFIX}${mode}-version`];
    const errors = [];
    if (level !== undefined && !LEVELS.some((one) => one === level)) {
      errors.push({ label: PREFIX + mode, value: level, detail: `must be one of ${LEVELS.join(', ')}` });
    }
    if (version !== undefined && !VERSION.test(version)) {
      const detail = 'must be "latest" or "v1.x"';
      errors.push({ label: `${PREFIX}${mode}-version`, value: version, detail });
    }
    return errors;
  });
}

/** `reason (who and how), …`; empty for a Pod that keeps the rules. */
export function violations(pod: CheckedPod, { level }: Policy): string {
  const texts = CHECKS[level].flatMap(({ reason, violation }) => {
    const found = violation(pod);
    return found === undefined ? [] : [found ? `${reason} (${found})` : reason];
  });
  return texts.join(', ');
}
