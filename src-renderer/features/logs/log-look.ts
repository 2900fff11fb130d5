import type { LogTarget } from '#renderer/resources/shared/log-target';
import type { LogLevel } from './level';
import type { TimeStyle } from './log-time';

/** How a person has set up one log view. */
export interface LogLook {
  container: string | undefined;
  previous: boolean;
  /** Seconds; undefined from the start. */
  since: number | undefined;
  /** Lines per container to begin with; undefined for all. */
  tail: number | undefined;
  times: TimeStyle;
  wrap: boolean;
  search: string;
  filter: string;
  level: LogLevel;
  source: number | undefined;
}

/** A workload begins with fewer lines per Pod than a single Pod does. */
export function defaultLook(target: LogTarget): LogLook {
  return {
    container: undefined,
    previous: false,
    since: undefined,
    tail: target.labelSelector ? 200 : 1000,
    times: 'local',
    wrap: false,
    search: '',
    filter: '',
    level: 'none',
    source: undefined,
  };
}

export const sinceChoices: readonly (number | undefined)[] = [undefined, 60, 300, 900, 3600, 21_600, 86_400];
export const tailChoices: readonly (number | undefined)[] = [100, 200, 1000, 10_000, 100_000, undefined];

/** Something behind Options keeps lines from being shown. */
export function isFiltered({ container, level, source }: LogLook): boolean {
  return container !== undefined || level !== 'none' || source !== undefined;
}
