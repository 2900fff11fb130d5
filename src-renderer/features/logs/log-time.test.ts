import { expect, it } from 'vitest';
import { timeColumns, timeText } from './log-time';

const now = Date.UTC(2026, 10, 20, 9, 41, 10);
const at = Date.UTC(2026, 10, 20, 9, 41, 7, 118);

it.each([
  { style: 'off' as const, time: at, text: '' },
  { style: 'utc' as const, time: at, text: '09:41:07.118Z' },
  { style: 'utc' as const, time: at - 86_400_000, text: '11-19 09:41:07.118Z' },
  { style: 'relative' as const, time: at, text: '-0:02' },
  { style: 'relative' as const, time: at - 3_600_000 * 3, text: '-3:00:02' },
  { style: 'relative' as const, time: at - 86_400_000 * 2, text: '-2d 00:00' },
  { style: 'relative' as const, time: now + 65_000, text: '+1:05' },
  { style: 'utc' as const, time: Number.NaN, text: '' },
])('shows $style time as "$text"', ({ style, time, text }) => {
  expect(timeText(time, style, now)).toBe(text);
});

it('shows local time in the zone of the computer', () => {
  const date = new Date(at);
  expect(timeText(at, 'local', now)).toContain(`:${String(date.getMinutes()).padStart(2, '0')}:07.118`);
});

it.each([
  { style: 'off' as const, oldest: at, columns: 0 },
  { style: 'utc' as const, oldest: at, columns: 13 },
  { style: 'utc' as const, oldest: at - 86_400_000, columns: 19 },
  { style: 'utc' as const, oldest: Number.NaN, columns: 13 },
  { style: 'relative' as const, oldest: at, columns: 9 },
])('gives $style times $columns columns', ({ style, oldest, columns }) => {
  expect(timeColumns(style, oldest, now)).toBe(columns);
});
