import { plainText } from './ansi';
import { findLevel, logLevels, type LogLevel } from './level';
import { columnsOf } from './row-index';

/** A line as the view draws it; `number` counts from the first line ever received and never changes. */
export interface RingLine {
  number: number;
  source: number;
  /** Epoch milliseconds; NaN for a notice. */
  timeMs: number;
  text: string;
  level: LogLevel;
  notice: boolean;
}

export interface NewLine {
  source: number;
  /** RFC 3339 with up to nanoseconds; empty for a notice. */
  time: string;
  text: string;
  notice?: boolean;
}

const CHUNK = 4096;
const NOTICE = 1;

/** A line of megabytes is measured and drawn up to here; a download has it whole. */
export const LONGEST_DRAWN = 20_000;

/** Some of the lines as columns: a line costs its text and 22 bytes. */
class Chunk {
  readonly texts: string[] = [];
  readonly times = new Float64Array(CHUNK);
  readonly nanos = new Uint32Array(CHUNK);
  readonly columns = new Uint32Array(CHUNK);
  readonly sources = new Uint16Array(CHUNK);
  readonly levels = new Uint8Array(CHUNK);
  readonly flags = new Uint8Array(CHUNK);
}

/**
 * The newest `capacity` lines, kept outside any reactivity in chunks that are made as they are needed and used again.
 * Lines are addressed by number; `first` and `end` bound what is still there.
 */
export class LineRing {
  readonly capacity: number;
  readonly #chunks: Chunk[] = [];
  #first = 0;
  #end = 0;

  constructor(capacity = 1_000_000) {
    this.capacity = capacity;
  }

  /** Number of the oldest line that is still there. */
  get first(): number {
    return this.#first;
  }

  /** One past the number of the newest line. */
  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  push(line: NewLine): void {
    if (this.length === this.capacity) this.#first++;
    const slot = this.#end % this.capacity;
    const chunk = (this.#chunks[Math.floor(slot / CHUNK)] ??= new Chunk());
    const at = slot % CHUNK;
    const { ms, nanos } = readTime(line.time);
    chunk.texts[at] = line.text;
    chunk.times[at] = ms;
    chunk.nanos[at] = nanos;
    chunk.columns[at] = columnsOf(plainText(line.text.slice(0, LONGEST_DRAWN)));
    chunk.sources[at] = line.source;
    chunk.levels[at] = line.notice ? 0 : logLevels.indexOf(findLevel(line.text)?.level ?? 'none');
    chunk.flags[at] = line.notice ? NOTICE : 0;
    this.#end++;
  }

  /** The line of that number; undefined once it is dropped or not yet there. */
  at(number: number): RingLine | undefined {
    if (number < this.#first || number >= this.#end) return undefined;
    return {
      number,
      source: this.sourceOf(number),
      timeMs: this.#chunk(number)?.times[this.#at(number)] ?? Number.NaN,
      text: this.text(number),
      level: logLevels[this.levelRank(number)] ?? 'none',
      notice: this.isNotice(number),
    };
  }

  text(number: number): string {
    return this.#chunk(number)?.texts[this.#at(number)] ?? '';
  }

  /** Screen columns of the text without its control sequences. */
  columns(number: number): number {
    return this.#chunk(number)?.columns[this.#at(number)] ?? 0;
  }

  levelRank(number: number): number {
    return this.#chunk(number)?.levels[this.#at(number)] ?? 0;
  }

  isNotice(number: number): boolean {
    return this.#chunk(number)?.flags[this.#at(number)] === NOTICE;
  }

  sourceOf(number: number): number {
    return this.#chunk(number)?.sources[this.#at(number)] ?? 0;
  }

  /** The time exactly as it came, to the nanosecond; empty for a notice. */
  exactTime(number: number): string {
    const chunk = this.#chunk(number);
    const ms = chunk?.times[this.#at(number)] ?? Number.NaN;
    if (Number.isNaN(ms)) return '';
    const seconds = new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19);
    return `${seconds}.${String(chunk?.nanos[this.#at(number)] ?? 0).padStart(9, '0')}Z`;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#first = this.#end;
  }

  #chunk(number: number): Chunk | undefined {
    return this.#chunks[Math.floor((number % this.capacity) / CHUNK)];
  }

  #at(number: number): number {
    return (number % this.capacity) % CHUNK;
  }
}

/** Milliseconds, and the nanoseconds within the second, of an RFC 3339 time. */
export function readTime(time: string): { ms: number; nanos: number } {
  if (!time) return { ms: Number.NaN, nanos: 0 };
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? '';
  const whole = fraction ? time.replace(`.${fraction}`, '') : time;
  const nanos = Number(fraction.padEnd(9, '0') || '0');
  return { ms: Date.parse(whole) + Math.floor(nanos / 1e6), nanos };
}
