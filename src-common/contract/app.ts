import * as v from 'valibot';
import { call, stream } from './define';
import { nothing, type ClusterId } from './shapes';

export interface AppInfo {
  version: string;
  /** Which host serves the window: native things exist only on the desktop. */
  host: 'desktop' | 'browser';
  platform: 'linux' | 'darwin' | 'win32';
  /** The cluster to open first, if the program was started for one. */
  openFirst?: ClusterId;
}

export interface Vitals {
  hostMemoryBytes: number;
  openWatches: number;
}

export const app = {
  info: call(nothing).returns<AppInfo>(),
  vitals: stream(nothing).of<Vitals>(),
  /** What the window keeps between starts (layout, theme, language): one JSON value per key, never a secret. */
  preferences: call(nothing).returns<Record<string, unknown>>(),
  savePreferences: call(v.record(v.pipe(v.string(), v.maxLength(200)), v.unknown())).returns<void>(),
  /** Opens an http(s) address outside the program; only on the desktop, the browser does it by itself. */
  openExternal: call(v.object({ url: v.pipe(v.string(), v.url()) })).returns<void>(),
};
