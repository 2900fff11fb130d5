import { formatTime, type Clock } from '#common/base/clock';

let second = -1;
let text = '';

/** The clock's time as metav1.Time; writing it out is dear, and thousands of writes share one second. */
export function timeNow(clock: Clock): string {
  const now = Math.floor(clock.now() / 1000);
  if (now !== second) {
    text = formatTime(now * 1000);
    second = now;
  }
  return text;
}
