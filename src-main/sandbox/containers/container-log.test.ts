import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { ContainerLog, lineTime, readLog } from './container-log';

async function logged(query: object): Promise<string> {
  const clock = new ManualClock();
  const log = new ContainerLog(clock);
  log.write('stdout', 'one\ntw');
  await clock.advance(1000);
  log.write('stdout', 'o\n');
  log.write('stderr', 'three\n');
  const parts: Uint8Array[] = [];
  const whole = { follow: false, timestamps: false, ...query };
  for await (const part of readLog(log, whole, new AbortController().signal)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

describe('container log', () => {
  it.each([
    { query: {}, text: 'one\ntwo\nthree\n' },
    { query: { tailLines: 1 }, text: 'three\n' },
    { query: { tailLines: 0 }, text: '' },
    { query: { sinceMs: Date.UTC(2026, 0, 1, 0, 0, 1) }, text: 'two\nthree\n' },
    { query: { limitBytes: 5 }, text: 'one\nt' },
  ])('$query gives $text', async ({ query, text }) => {
    expect(await logged(query)).toBe(text);
  });

  it('stamps lines with nine decimals that never go back', () => {
    expect(lineTime({ atMs: Date.UTC(2026, 0, 1), nanos: 42 })).toBe('2026-01-01T00:00:00.000000042Z');
  });

  it('ends a follower when the container ends', async () => {
    const log = new ContainerLog(new ManualClock());
    const chunks = readLog(log, { follow: true, timestamps: false }, new AbortController().signal);
    const first = chunks.next();
    log.write('stdout', 'late\n');
    expect(Buffer.from((await first).value ?? []).toString()).toBe('late\n');
    log.close();
    expect((await chunks.next()).done).toBe(true);
  });
});
