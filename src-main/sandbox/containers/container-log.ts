import type { Clock } from '#common/base/clock';
import type { LogQuery } from '#main/base/node-api';

/** One line of a container's log, without its newline. */
export interface LogLine {
  atMs: number;
  /** Nanoseconds within the millisecond: later lines are never stamped earlier. */
  nanos: number;
  stream: 'stdout' | 'stderr';
  text: string;
}

/** Oldest lines go when there are more: about what a kubelet keeps of a rotated log (10 MiB). */
const MAX_LINES = 20_000;

/** What a container printed, line by line. */
export class ContainerLog {
  readonly #clock: Clock;
  #readers: readonly (() => void)[] = [];
  #lines: LogLine[] = [];
  #dropped = 0;
  #partial = { stdout: '', stderr: '' };
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Lines that were dropped from the front: `lines[0]` is the line of this number. */
  get dropped(): number {
    return this.#dropped;
  }

  write(stream: 'stdout' | 'stderr', text: string): void {
    if (text === '' || this.#closed) return;
    const parts = (this.#partial[stream] + text).split('\n');
    this.#partial[stream] = parts.pop() ?? '';
    for (const part of parts) this.#append(stream, part);
    if (parts.length > 0) this.#wake();
  }

  /** Nothing more comes: those who follow end after the last line. */
  close(): void {
    if (this.#closed) return;
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream] !== '') this.#append(stream, this.#partial[stream]);
    }
    this.#closed = true;
    this.#wake();
  }

  /** Called after lines were added and after the end. */
  onChange(listener: () => void): Disposable {
    this.#readers = [...this.#readers, listener];
    return { [Symbol.dispose]: () => void (this.#readers = this.#readers.filter((each) => each !== listener)) };
  }

  #append(stream: LogLine['stream'], text: string): void {
    const atMs = this.#clock.now();
    const last = this.#lines.at(-1);
    const nanos = last && last.atMs === atMs ? Math.min(999_999, last.nanos + 21_347) : 113_709;
    this.#lines.push({ atMs, nanos, stream, text });
    if (this.#lines.length <= MAX_LINES) return;
    const surplus = MAX_LINES / 10;
    this.#lines = this.#lines.slice(surplus);
    this.#dropped += surplus;
  }

  #wake(): void {
    for (const reader of this.#readers) reader();
  }
}

/** RFC 3339 with nine decimals, as the runtime stamps lines. */
export function lineTime({ atMs, nanos }: Pick<LogLine, 'atMs' | 'nanos'>): string {
  return `${new Date(atMs).toISOString().slice(0, -1)}${String(nanos).padStart(6, '0')}Z`;
}

/** The lines that a query starts with: those since a time, of them the last `tailLines`. */
export function selectLines(lines: readonly LogLine[], query: Pick<LogQuery, 'sinceMs' | 'tailLines'>): LogLine[] {
  const { sinceMs, tailLines } = query;
  const recent = sinceMs === undefined ? [...lines] : lines.filter((line) => line.atMs >= sinceMs);
  if (tailLines === undefined) return recent;
  return tailLines <= 0 ? [] : recent.slice(-tailLines);
}

/** The bytes a query asks for, ending with the log, with its limit, or with `signal`. */
export async function* readLog(
  log: ContainerLog,
  query: Omit<LogQuery, 'container' | 'previous'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let left = query.limitBytes ?? Infinity;
  for await (const lines of batches(log, query, signal)) {
    const text = lines.map((line) => `${query.timestamps ? `${lineTime(line)} ` : ''}${line.text}\n`).join('');
    const bytes = encoder.encode(text);
    yield bytes.length > left ? bytes.subarray(0, left) : bytes;
    left -= bytes.length;
    if (left <= 0) return;
  }
}

async function* batches(
  log: ContainerLog,
  query: Omit<LogQuery, 'container' | 'previous'>,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  let next = log.dropped + log.lines.length;
  const first = selectLines(log.lines, query);
  if (first.length > 0) yield first;
  while (query.follow && !signal.aborted) {
    const fresh = log.lines.slice(Math.max(0, next - log.dropped));
    next = log.dropped + log.lines.length;
    if (fresh.length > 0) yield fresh;
    else if (log.closed) return;
    else await changed(log, signal);
  }
}

function changed(log: ContainerLog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      watching[Symbol.dispose]();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const watching = log.onChange(done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
