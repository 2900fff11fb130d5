import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { readIfThere } from '#main/base/files';

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

const stateSchema = v.object({
  bounds: v.object({ x: v.number(), y: v.number(), width: v.number(), height: v.number() }),
  isMaximized: v.boolean(),
});
export type WindowState = v.InferOutput<typeof stateSchema>;

/** Wide enough for a table beside a detail panel. */
const PREFERRED = { width: 1440, height: 900 };
export const SMALLEST = { width: 720, height: 480 };

/** So much of the window's upper edge must be on a display that a hand can take it. */
const GRIP = { width: 100, height: 30 };

/** Where the window opens: where it was, if that is still on a display; else in the middle of the first one. */
export function planBounds(saved: WindowState | undefined, displays: readonly Rectangle[]): Rectangle {
  if (saved && displays.some((display) => canBeTaken(saved.bounds, display))) {
    const { bounds } = saved;
    return {
      ...bounds,
      width: Math.max(bounds.width, SMALLEST.width),
      height: Math.max(bounds.height, SMALLEST.height),
    };
  }
  const [display = { x: 0, y: 0, ...PREFERRED }] = displays;
  const width = Math.min(PREFERRED.width, display.width);
  const height = Math.min(PREFERRED.height, display.height);
  return {
    x: display.x + Math.round((display.width - width) / 2),
    y: display.y + Math.round((display.height - height) / 2),
    width,
    height,
  };
}

function canBeTaken(bounds: Rectangle, display: Rectangle): boolean {
  const width = Math.min(bounds.x + bounds.width, display.x + display.width) - Math.max(bounds.x, display.x);
  const isEdgeVisible = bounds.y >= display.y && bounds.y + GRIP.height <= display.y + display.height;
  return isEdgeVisible && width >= GRIP.width;
}

/** What the window was like when it was last closed; nothing when that is not known. */
export async function readWindowState(path: string): Promise<WindowState | undefined> {
  const text = await readIfThere(path).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const result = v.safeParse(stateSchema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** At once: the last write happens while the program ends. */
export function writeWindowState(path: string, state: WindowState): void {
  const draft = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(draft, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}
