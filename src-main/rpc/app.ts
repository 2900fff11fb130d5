import { sleep, type Clock } from '#common/base/clock';
import { Problem } from '#common/base/errors';
import { Scope } from '#common/base/scope';
import type { AppInfo, Vitals } from '#common/contract/app';
import type { PilothouseHandlers } from '#common/contract/contract';
import type { Preferences } from '#main/services/preferences/preferences';

const VITALS_MS = 2000;

export interface AppOptions {
  info: AppInfo;
  preferences: Preferences;
  clock: Clock;
  /** Absent in the browser, which opens addresses by itself. */
  openExternal?: ((url: string) => Promise<void>) | undefined;
}

export function appHandlers({ info, preferences, clock, openExternal }: AppOptions): PilothouseHandlers['app'] {
  return {
    info: () => info,
    vitals: (_nothing, { signal }) => vitals(clock, signal),
    preferences: () => preferences.all(),
    savePreferences: (changes) => preferences.save(changes),
    openExternal: async ({ url }) => {
      if (!/^https?:$/.test(new URL(url).protocol)) {
        throw new Problem('address-refused', 'Only http and https addresses are opened outside the program.');
      }
      if (!openExternal) throw new Problem('desktop-only', 'The browser opens addresses by itself.');
      await openExternal(url);
    },
  };
}

async function* vitals(clock: Clock, signal: AbortSignal): AsyncGenerator<Vitals> {
  while (!signal.aborted) {
    yield { hostMemoryBytes: process.memoryUsage.rss(), openWatches: openWatches() };
    await sleep(clock, VITALS_MS, signal).catch(() => undefined);
  }
}

/** Every open informer lives in a scope that is named after it. */
function openWatches(): number {
  let count = 0;
  for (const { name } of Scope.open) if (/\/informer [^/]*$/.test(name)) count++;
  return count;
}
