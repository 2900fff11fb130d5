import { describe, expect, it } from 'vitest';
import { columnsOf, RowIndex } from './row-index';

/** Lines of 1 to 3 rows. */
const rowsOf = (position: number) => 1 + (position % 3);

/** The same, counted the slow way. */
function slowly(front: number, end: number) {
  const starts: number[] = [];
  let total = 0;
  for (let position = front; position < end; position++) {
    starts.push(total);
    total += rowsOf(position);
  }
  return { starts, total };
}

describe('RowIndex', () => {
  it('gives every line one row when nothing wraps', () => {
    const index = new RowIndex(10);
    index.moveTo(10, 60);
    expect(index.total).toBe(50);
    expect(index.at(7)).toEqual({ position: 17, row: 7 });
    expect(index.rowOf(12)).toBe(2);
  });

  it.each([
    { case: 'from the start', front: 0, end: 2000 },
    { case: 'from the middle of a block', front: 700, end: 2000 },
    { case: 'within one block', front: 5, end: 9 },
  ])('finds lines by row and rows by line, $case', ({ front, end }) => {
    const index = new RowIndex(front, rowsOf);
    index.moveTo(front, end);
    const { starts, total } = slowly(front, end);
    expect(index.total).toBe(total);
    const wrong = starts.filter(
      (row, i) => index.rowOf(front + i) !== row || index.at(row).position !== front + i || index.at(row).row !== row,
    );
    expect(wrong).toEqual([]);
    expect(index.at(total + 100).position).toBe(end - 1);
  });

  it('stays right while lines come at the end and go at the front', () => {
    const index = new RowIndex(0, rowsOf);
    for (const [front, end] of [
      [0, 300],
      [100, 900],
      [640, 1500],
      [1024, 1500],
      [1600, 1600],
      [1600, 1700],
    ] as const) {
      index.moveTo(front, end);
      const { starts, total } = slowly(front, end);
      expect(index.total).toBe(total);
      expect(starts.every((row, i) => index.at(row).position === front + i)).toBe(true);
    }
  });
});

describe('columnsOf', () => {
  it.each([
    { text: 'plain', columns: 5 },
    { text: 'é', columns: 1 },
    { text: 'e\u0301', columns: 1 },
    { text: '数据库', columns: 6 },
    { text: '🚀 up', columns: 5 },
  ])('$text takes $columns', ({ text, columns }) => {
    expect(columnsOf(text)).toBe(columns);
  });
});
