import type { Forward } from '#common/contract/forwards';
import type { Tone } from '#common/contract/shapes';

export function forwardTone({ state }: Pick<Forward, 'state'>): Tone {
  return state === 'listening' ? 'ok' : state === 'waiting' ? 'busy' : 'bad';
}

/** `Service web:80` */
export function targetText({ kind, name, port }: Pick<Forward, 'kind' | 'name' | 'port'>): string {
  return `${kind} ${name}:${port}`;
}

/** The port that a port-in-use Problem offers instead, out of its next step; undefined where it offers none. */
export function offeredPort(problem: {
  code: string;
  nextStep?: string | undefined;
  details?: string | undefined;
}): number | undefined {
  if (problem.code !== 'port-in-use') return undefined;
  const port = /\b(\d{2,5})\b(?!.*\b\d{2,5}\b)/s.exec(problem.details ?? problem.nextStep ?? '')?.[1];
  const number = Number(port);
  return isPort(number) ? number : undefined;
}

export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
