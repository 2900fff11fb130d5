const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time as kubectl writes ages (apimachinery duration.HumanDuration): `48s`, `3m20s`, `5h10m`, `4d3h`, `34d`. */
export function ageText(ms: number): string {
  if (ms < 0) return '0s';
  if (ms < 2 * MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < 10 * MINUTE) return withRest(ms, [MINUTE, 'm'], [SECOND, 's']);
  if (ms < 3 * HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < 8 * HOUR) return withRest(ms, [HOUR, 'h'], [MINUTE, 'm']);
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`;
  if (ms < 8 * DAY) return withRest(ms, [DAY, 'd'], [HOUR, 'h']);
  if (ms < 2 * 365 * DAY) return `${Math.floor(ms / DAY)}d`;
  if (ms < 8 * 365 * DAY) return withRest(ms, [365 * DAY, 'y'], [DAY, 'd']);
  return `${Math.floor(ms / (365 * DAY))}y`;
}

type Unit = [lengthMs: number, name: string];

function withRest(ms: number, [unit, name]: Unit, [smaller, smallerName]: Unit): string {
  const whole = Math.floor(ms / unit);
  const rest = Math.floor((ms % unit) / smaller);
  return rest === 0 ? `${whole}${name}` : `${whole}${name}${rest}${smallerName}`;
}
