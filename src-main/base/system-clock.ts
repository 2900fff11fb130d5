import type { Clock } from '#common/base/clock';

/** The computer's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    // setTimeout holds 31 bits of milliseconds; a longer delay would fire at once.
    const timer = setTimeout(task, Math.min(delayMs, 2 ** 31 - 1));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
