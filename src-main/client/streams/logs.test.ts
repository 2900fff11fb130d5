import { describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { ScriptedCarrier, statusOf } from '#test/contracts/scripted-carrier';
import type { CarrierResponse } from '../carrier';
import { createClient } from '../kube-client';
import { parseLogLine, splitLines } from './log-lines';
import { followLogs, type LogEvent } from './logs';

const bytes = (text: string) => new TextEncoder().encode(text);
async function* chunked(...texts: string[]) {
  for (const text of texts) yield bytes(text);
}

describe('log lines', () => {
  it('are put together across chunks, bytes of one letter included', async () => {
    const euro = bytes('€\n');
    async function* chunks() {
      yield bytes('one\ntw');
      yield bytes('o\n');
      yield euro.subarray(0, 2);
      yield euro.subarray(2);
      yield bytes('rest');
    }
    const lines: string[][] = [];
    for await (const batch of splitLines(chunks())) lines.push(batch);
    expect(lines).toEqual([['one'], ['two'], ['€'], ['rest']]);
  });

  it.each([
    ['2026-01-01T00:00:00.123456789Z hello world', { time: '2026-01-01T00:00:00.123456789Z', text: 'hello world' }],
    ['2026-01-01T00:00:00Z', { time: '2026-01-01T00:00:00Z', text: '' }],
    ['unable to retrieve container logs', { time: '', text: 'unable to retrieve container logs' }],
  ])('%s', (line, want) => expect(parseLogLine(line)).toEqual(want));
});

describe('following a log', () => {
  const at = (second: number, text: string) => `2026-01-01T00:00:0${second}.5Z ${text}\n`;

  it('resumes after a break without loss or repetition', async () => {
    const carrier = new ScriptedCarrier();
    const clock = new ManualClock();
    const events: LogEvent[] = [];
    const following = (async () => {
      for await (const event of followLogs(createClient(carrier), { namespace: 'a', pod: 'p', tailLines: 10, clock })) {
        events.push(event);
      }
    })();
    const first = await carrier.next();
    expect(first.request.query).toMatchObject({ follow: 'true', timestamps: 'true', tailLines: '10' });
    first.answer(textOf(chunked(at(1, 'a'), at(2, 'same') + at(2, 'same')), 'socket hang up'));
    await turn();
    await clock.advance(1000);
    const second = await carrier.next();
    expect(second.request.query).toMatchObject({ sinceTime: '2026-01-01T00:00:02.5Z' });
    expect(second.request.query?.['tailLines']).toBeUndefined();
    second.answer(textOf(chunked(at(1, 'a') + at(2, 'same') + at(2, 'same') + at(2, 'same') + at(3, 'b'))));
    await following;
    expect(events).toEqual([
      { type: 'lines', lines: [{ time: '2026-01-01T00:00:01.5Z', text: 'a' }] },
      {
        type: 'lines',
        lines: [
          { time: '2026-01-01T00:00:02.5Z', text: 'same' },
          { time: '2026-01-01T00:00:02.5Z', text: 'same' },
        ],
      },
      { type: 'reconnecting', message: 'socket hang up' },
      { type: 'resumed' },
      {
        type: 'lines',
        lines: [
          { time: '2026-01-01T00:00:02.5Z', text: 'same' },
          { time: '2026-01-01T00:00:03.5Z', text: 'b' },
        ],
      },
    ]);
  });

  it('throws what the server refuses', async () => {
    const carrier = new ScriptedCarrier();
    const following = followLogs(createClient(carrier), { namespace: 'a', pod: 'p', clock: new ManualClock() });
    const next = following.next();
    const message = 'container "c" in pod "p" is waiting to start: ContainerCreating';
    (await carrier.next()).answer({ status: 400, json: statusOf(400, 'BadRequest', message) });
    await expect(next).rejects.toThrow(message);
  });

  it('goes on when the server ends the log of a container that still runs', async () => {
    const carrier = new ScriptedCarrier();
    const clock = new ManualClock();
    const runs = [true, false];
    const types: string[] = [];
    const following = (async () => {
      const stillRuns = async () => runs.shift() ?? false;
      for await (const event of followLogs(createClient(carrier), { namespace: 'a', pod: 'p', clock, stillRuns })) {
        types.push(event.type);
      }
    })();
    (await carrier.next()).answer({ text: at(1, 'a') });
    await turn();
    await clock.advance(1000);
    (await carrier.next()).answer({ text: at(2, 'b') });
    await following;
    expect(types).toEqual(['lines', 'reconnecting', 'resumed', 'lines']);
  });
});

/** An answer whose text may break off. */
function textOf(chunks: AsyncIterable<Uint8Array>, broken?: string) {
  const response: Partial<CarrierResponse> = {
    async *chunks() {
      yield* chunks;
      if (broken) throw new Error(broken);
    },
  };
  return { response };
}

async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
