import { humanDuration } from '#common/kinds/duration';
import { epochOf } from '#common/kinds/epoch';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 1123 with a numeric zone, in local time: `Mon, 02 Jan 2006 15:04:05 -0700`. */
export function formatDate(time: string | undefined | null): string {
  const epoch = epochOf(time);
  // Go prints the zero time for one that is not set.
  if (epoch === null) return 'Mon, 01 Jan 0001 00:00:00 +0000';
  const date = new Date(epoch);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  const day = `${days[date.getDay()]}, ${twoDigits(date.getDate())} ${months[date.getMonth()]} ${date.getFullYear()}`;
  return `${day} ${clock} ${zone(-date.getTimezoneOffset())}`;
}

/** `+0530` for 330 minutes east. */
function zone(minutesEast: number): string {
  const minutes = Math.abs(minutesEast);
  return `${minutesEast < 0 ? '-' : '+'}${twoDigits(Math.trunc(minutes / 60))}${twoDigits(minutes % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** How long ago, in kubectl's short form. */
export function since(time: string | undefined | null, now: number): string {
  const epoch = epochOf(time);
  return epoch === null ? '<unknown>' : humanDuration(now - epoch);
}
