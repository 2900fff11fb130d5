import { Backoff } from '#common/base/backoff';
import { sleep, type Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import type { Random } from '#common/base/random';
import { resource, resourcePath } from '#common/kube/resource';
import { ApiStatusError } from '#common/kube/status-error';
import type { KubeClient } from '../client';
import { parseLogLine, splitLines, type LogLine } from './log-lines';

export interface LogOptions {
  namespace: string;
  pod: string;
  container?: string | undefined;
  previous?: boolean;
  tailLines?: number | undefined;
  sinceSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface FollowOptions extends LogOptions {
  clock: Clock;
  random?: Random;
  /** Asked when the server ends the log in good order, which it also does when it loses its own connection to the node. */
  stillRuns?: () => Promise<boolean>;
}

export type LogEvent =
  | { type: 'lines'; lines: LogLine[] }
  /** The connection broke and is being made again; nothing is lost. */
  | { type: 'reconnecting'; message: string }
  | { type: 'resumed' };

const Pods = resource({ plural: 'pods', kind: 'Pod' });

/** The log as far as it was written, in the chunks it comes in. Throws ApiStatusError when the server has none to give. */
export async function* readLogs(client: KubeClient, options: LogOptions): AsyncGenerator<LogLine[]> {
  yield* open(client, options, { follow: false });
}

/**
 * Follows a log until the container ends. A broken connection is taken up again from the time of the last line; lines of
 * that same instant which were already given are not given again. Throws ApiStatusError when the server refuses.
 */
export async function* followLogs(client: KubeClient, options: FollowOptions): AsyncGenerator<LogEvent> {
  const backoff = new Backoff({
    firstMs: 500,
    maxMs: 5_000,
    jitter: 0.3,
    ...(options.random ? { random: options.random } : {}),
  });
  const seen = new LastInstant();
  for (let isFirst = true; ; isFirst = false) {
    try {
      let isResumed = isFirst;
      for await (const lines of open(client, options, { follow: true, since: seen.resume() })) {
        if (!isResumed) yield { type: 'resumed' };
        isResumed = true;
        backoff.reset();
        const fresh = seen.fresh(lines);
        if (fresh.length > 0) yield { type: 'lines', lines: fresh };
      }
      if (!(await options.stillRuns?.())) return;
      yield { type: 'reconnecting', message: 'the server ended the log' };
    } catch (failure) {
      options.signal?.throwIfAborted();
      if (isFinal(failure)) throw failure;
      yield { type: 'reconnecting', message: messageOf(failure) };
    }
    await sleep(options.clock, backoff.next(), options.signal);
  }
}

async function* open(
  client: KubeClient,
  { namespace, pod, container, previous, tailLines, sinceSeconds, signal }: LogOptions,
  { follow, since }: { follow: boolean; since?: string | undefined },
): AsyncGenerator<LogLine[]> {
  // A log that is resumed is bounded by time alone: a tail of it would leave a gap.
  const start = since ? { sinceTime: since } : { tailLines: text(tailLines), sinceSeconds: text(sinceSeconds) };
  const response = await client.request({
    method: 'GET',
    path: resourcePath(Pods, { namespace, name: pod, subresource: 'log' }),
    query: { container, follow: flag(follow), previous: flag(previous), timestamps: 'true', ...start },
    headers: { accept: '*/*' },
    signal,
  });
  for await (const lines of splitLines(response.chunks())) yield lines.map(parseLogLine);
}

/** A refusal is final; a server that is failing, or a connection that broke, is not. */
function isFinal(failure: unknown): boolean {
  return failure instanceof ApiStatusError && failure.code < 500 && failure.code !== 429;
}

/** Remembers the lines of the last instant: `sinceTime` includes it, and counts whole seconds on some servers. */
class LastInstant {
  #time: string | undefined;
  /** How often each text was given with the last time. */
  #given = new Map<string, number>();
  /** Set while a resumed log may still repeat what was given. */
  #resumed: { time: string; given: Map<string, number> } | undefined;

  /** Where to take the log up again. */
  resume(): string | undefined {
    this.#resumed = this.#time === undefined ? undefined : { time: this.#time, given: new Map(this.#given) };
    return this.#time;
  }

  fresh(lines: readonly LogLine[]): LogLine[] {
    return lines.filter((line) => !this.#isRepeated(line) && this.#remember(line));
  }

  #isRepeated({ time, text }: LogLine): boolean {
    if (!this.#resumed || time === '') return false;
    if (isEarlier(time, this.#resumed.time)) return true;
    if (isEarlier(this.#resumed.time, time)) {
      this.#resumed = undefined;
      return false;
    }
    const left = this.#resumed.given.get(text) ?? 0;
    this.#resumed.given.set(text, left - 1);
    return left > 0;
  }

  #remember({ time, text }: LogLine): true {
    // The runtime's own remarks carry no time: they are shown, and are no place to resume from.
    if (time === '') return true;
    if (time !== this.#time) this.#given.clear();
    this.#time = time;
    this.#given.set(text, (this.#given.get(text) ?? 0) + 1);
    return true;
  }
}

/** RFC 3339 in UTC compares as text once the fractions have the same length. */
function isEarlier(a: string, b: string): boolean {
  return padded(a) < padded(b);
}

function padded(time: string): string {
  const [whole = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return `${whole}.${fraction.padEnd(9, '0')}`;
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function flag(value: boolean | undefined): string | undefined {
  return value ? 'true' : undefined;
}
