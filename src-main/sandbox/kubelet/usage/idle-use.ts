/** What processes use while nobody asks them anything: a base that breathes slowly, each container in its own time. Pure. */

/** One breath, and how deep it is. */
const PERIOD_MS = 300_000;
const DEPTH = 0.2;
const MEMORY_DEPTH = 0.02;
const TURN = 2 * Math.PI;

/** A number in [0, 1) that belongs to a text (FNV-1a): the same uid breathes the same way in every run. */
export function phaseOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

/** Processor time that was used from `fromMs` to `toMs`, in milliseconds of a core. */
export function idleCpuMs(cpuMilli: number, phase: number, { fromMs, toMs }: { fromMs: number; toMs: number }): number {
  if (toMs <= fromMs) return 0;
  const waveAt = (atMs: number) => Math.cos(TURN * (atMs / PERIOD_MS + phase)) * (PERIOD_MS / TURN);
  return (cpuMilli / 1000) * (toMs - fromMs + DEPTH * (waveAt(fromMs) - waveAt(toMs)));
}

/** Bytes at a moment, in pages of 4 KiB. */
export function idleMemoryBytes(memoryMi: number, phase: number, atMs: number): number {
  const breath = 1 + MEMORY_DEPTH * Math.sin(TURN * (atMs / PERIOD_MS + phase * 7));
  return Math.round((memoryMi * breath * 2 ** 20) / 4096) * 4096;
}
