/** How the time of a line is shown. */
export type TimeStyle = 'off' | 'local' | 'utc' | 'relative';

export const timeStyles: readonly TimeStyle[] = ['off', 'local', 'utc', 'relative'];

/** The time of a line to the millisecond: `09:41:07.118`, with its date when that is not today; `4 m 2 s ago`-like offsets as `-4:02`. */
export function timeText(timeMs: number, style: TimeStyle, now: number): string {
  if (style === 'off' || Number.isNaN(timeMs)) return '';
  if (style === 'relative') return offsetText(timeMs - now);
  const date = new Date(timeMs);
  const today = new Date(now);
  if (style === 'utc') {
    const text = date.toISOString();
    const sameDay = text.slice(0, 10) === today.toISOString().slice(0, 10);
    return sameDay ? `${text.slice(11, 23)}Z` : `${text.slice(5, 10)} ${text.slice(11, 23)}Z`;
  }
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${three(date.getMilliseconds())}`;
  return date.toDateString() === today.toDateString()
    ? clock
    : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** How many letters the times of a log need at most, judged by its oldest line. */
export function timeColumns(style: TimeStyle, oldestMs: number, now: number): number {
  if (style === 'off') return 0;
  if (style === 'relative') return 9;
  return timeText(Number.isNaN(oldestMs) ? now : oldestMs, style, now).length;
}

/** `-0:04`, `-12:30`, `-3:05:00`, `-2d 03:05`; what lies ahead (a clock that runs fast) has a plus. */
function offsetText(ms: number): string {
  const sign = ms > 0 ? '+' : '-';
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return `${sign}${days}d ${two(hours)}:${two(minutes)}`;
  const tail = `${two(seconds % 60)}`;
  return hours > 0 ? `${sign}${hours}:${two(minutes)}:${tail}` : `${sign}${minutes}:${tail}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function three(value: number): string {
  return String(value).padStart(3, '0');
}
