import { describe, expect, it } from 'vitest';
import { LineRing, readTime } from './line-ring';

function fill(ring: LineRing, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) {
    ring.push({ source: i % 3, time: '2026-11-20T09:41:07.118204001Z', text: `line ${i}` });
  }
}

describe('LineRing', () => {
  it('keeps what was pushed, by number', () => {
    const ring = new LineRing(10);
    ring.push({ source: 2, time: '2026-11-20T09:41:07.118Z', text: 'ERROR no' });
    expect(ring.at(0)).toEqual({
      number: 0,
      source: 2,
      timeMs: Date.UTC(2026, 10, 20, 9, 41, 7, 118),
      text: 'ERROR no',
      level: 'error',
      notice: false,
    });
    expect(ring.at(1)).toBeUndefined();
  });

  it('drops the oldest lines at capacity and keeps the numbers of the others', () => {
    const ring = new LineRing(5);
    fill(ring, 12);
    expect({ first: ring.first, end: ring.end, length: ring.length }).toEqual({ first: 7, end: 12, length: 5 });
    expect(ring.at(6)).toBeUndefined();
    expect([7, 8, 9, 10, 11].map((number) => ring.text(number))).toEqual([
      'line 7',
      'line 8',
      'line 9',
      'line 10',
      'line 11',
    ]);
  });

  it('loses nothing while it grows', () => {
    const ring = new LineRing(50_000);
    fill(ring, 30_000);
    const wrong = Array.from({ length: 30_000 }, (_, i) => i).filter(
      (i) => ring.text(i) !== `line ${i}` || ring.sourceOf(i) !== i % 3,
    );
    expect(wrong).toEqual([]);
  });

  it('keeps growing right after it was cleared', () => {
    const ring = new LineRing(20_000);
    fill(ring, 3000);
    ring.clear();
    fill(ring, 9000, 3000);
    expect(ring.length).toBe(9000);
    expect(ring.text(3000)).toBe('line 3000');
    expect(ring.text(11_999)).toBe('line 11999');
  });

  it('gives the time back to the nanosecond', () => {
    const ring = new LineRing(5);
    fill(ring, 1);
    ring.push({ source: 0, time: '', text: 'ended', notice: true });
    expect(ring.exactTime(0)).toBe('2026-11-20T09:41:07.118204001Z');
    expect(ring.exactTime(1)).toBe('');
    expect(ring.isNotice(1)).toBe(true);
  });
});

describe('readTime', () => {
  it.each([
    { time: '2026-11-20T09:41:07Z', ms: Date.UTC(2026, 10, 20, 9, 41, 7), nanos: 0 },
    { time: '2026-11-20T09:41:07.5Z', ms: Date.UTC(2026, 10, 20, 9, 41, 7, 500), nanos: 500_000_000 },
    { time: '2026-11-20T09:41:07.000000009Z', ms: Date.UTC(2026, 10, 20, 9, 41, 7), nanos: 9 },
    { time: '2026-11-20T10:41:07.25+01:00', ms: Date.UTC(2026, 10, 20, 9, 41, 7, 250), nanos: 250_000_000 },
  ])('reads $time', ({ time, ms, nanos }) => {
    expect(readTime(time)).toEqual({ ms, nanos });
  });
});
