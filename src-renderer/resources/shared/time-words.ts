/** Days, hours, minutes and seconds as a language shortens them. */
export type TimeUnits = readonly [day: string, hour: string, minute: string, second: string];

const ENGLISH: TimeUnits = ['d', 'h', 'm', 's'];

/** A length of time in its two largest units: `48 s`, `1 m 52 s`, `3 h 5 m`, `2 d 4 h`. */
export function durationWords(ms: number, units = ENGLISH): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const amounts = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const parts = amounts.map((amount, index) => ({ amount, text: `${amount} ${units[index]}` }));
  const first = amounts.findIndex((amount) => amount > 0);
  if (first < 0) return `0 ${units[3]}`;
  return parts
    .slice(first, first + 2)
    .filter(({ amount }) => amount > 0)
    .map(({ text }) => text)
    .join(' ');
}

/** The units of the window's language, written in the catalogue as `d h m s`. */
export function unitsOf(t: (key: string) => string): TimeUnits {
  const [day = 'd', hour = 'h', minute = 'm', second = 's'] = t('resources.shared.units').split(' ');
  return [day, hour, minute, second];
}

/** The time of day, with the date where that is not the day of `now`. */
export function clockWords(ms: number, now: number, locale: string): string {
  const date = new Date(ms);
  const time = date.toLocaleTimeString(locale, { hour12: false });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.toLocaleDateString(locale, { month: 'short', day: 'numeric' })} ${time}`;
}

/** Everything about a moment, for a tooltip. */
export function exactWords(ms: number, locale: string): string {
  return new Date(ms).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'long' });
}
