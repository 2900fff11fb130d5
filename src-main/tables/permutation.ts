import type { SortValue } from '#common/kinds/kind';
import { compareText } from './row';

type Indexes = Uint32Array<ArrayBuffer>;

/**
 * The order of `values` as indexes, stable, nothing last in either direction. Measured on 150,000 values: numbers by
 * radix 15 ms, few distinct texts by rank 20 ms, all distinct texts by comparison 80 ms; comparing everything takes 200.
 */
export function orderOf(values: readonly SortValue[], descending: boolean): Indexes {
  if (values.every(isNumberOrNothing)) return numberOrder(values as readonly (number | null)[], descending);
  return isVaried(values) ? comparedOrder(values, descending) : rankedOrder(values, descending);
}

function isNumberOrNothing(value: SortValue): boolean {
  return value === null || typeof value === 'number';
}

/** Looks at a thousand values: are nearly all of them different? Then ranks would cost more than they save. */
function isVaried(values: readonly SortValue[]): boolean {
  const step = Math.max(1, Math.floor(values.length / 1024));
  const seen = new Set<SortValue>();
  let looked = 0;
  for (let index = 0; index < values.length; index += step) {
    seen.add(values[index] ?? null);
    looked++;
  }
  return seen.size > looked * 0.97;
}

/** Numbers before texts, where a column has both. */
export function compareAscending(left: string | number, right: string | number): number {
  if (typeof left === 'string') return typeof right === 'string' ? compareText(left, right) : 1;
  return typeof right === 'string' ? -1 : left - right;
}

export function compareValues(left: SortValue, right: SortValue, descending: boolean): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order = compareAscending(left, right);
  return descending ? -order : order;
}

/** The rows come in runs that are in order already, which the engine's merge sort makes use of. */
function comparedOrder(values: readonly SortValue[], descending: boolean): Indexes {
  const indexes = Array.from(values, (_value, index) => index);
  indexes.sort((left, right) => compareValues(values[left] as SortValue, values[right] as SortValue, descending));
  return Uint32Array.from(indexes);
}

/** Each distinct value gets a rank; the indexes are distributed by it. */
function rankedOrder(values: readonly SortValue[], descending: boolean): Indexes {
  const rankOf = new Map<SortValue, number>();
  for (const value of values) rankOf.set(value, 0);
  const distinct = [...rankOf.keys()].sort((left, right) => compareValues(left, right, descending));
  for (const [rank, value] of distinct.entries()) rankOf.set(value, rank);
  const ranks = new Uint32Array(values.length);
  for (let index = 0; index < values.length; index++) ranks[index] = rankOf.get(values[index] as SortValue) as number;
  return distribute(identity(values.length), ranks, distinct.length);
}

const DIGITS = 1 << 16;

/** Radix sort over the bits of the doubles, turned so that they compare as unsigned numbers do. */
function numberOrder(values: readonly (number | null)[], descending: boolean): Indexes {
  const keys = Float64Array.from(values, (value) => value ?? NaN);
  const words = new Uint16Array(keys.buffer);
  const present = identity(keys.length).filter((index) => !Number.isNaN(keys[index]));
  const absent = identity(keys.length).filter((index) => Number.isNaN(keys[index]));
  for (const index of present) turnBits(words, index * 4, descending);
  let order = present;
  const digits = new Uint32Array(keys.length);
  for (let digit = 0; digit < 4; digit++) {
    let varied = 0;
    const first = words[(present[0] ?? 0) * 4 + digit] as number;
    for (const index of present) varied |= (digits[index] = words[index * 4 + digit] as number) ^ first;
    // Whole numbers and times of one year share most of their bits.
    if (varied !== 0) order = distribute(order, digits, DIGITS);
  }
  const all = new Uint32Array(keys.length);
  all.set(order);
  all.set(absent, order.length);
  return all;
}

/** Positive numbers get their sign bit set, negative ones all bits turned: then they are in unsigned order. */
function turnBits(words: Uint16Array, start: number, descending: boolean): void {
  const negative = (words[start + 3] as number) >= 0x8000;
  const mask = (negative ? 0xffff : 0) ^ (descending ? 0xffff : 0);
  for (let offset = 0; offset < 3; offset++) words[start + offset] = (words[start + offset] as number) ^ mask;
  words[start + 3] = (words[start + 3] as number) ^ mask ^ (negative ? 0 : 0x8000);
}

/** A stable counting sort of `indexes` by `keys[index]`, which are below `count`. */
function distribute(indexes: Indexes, keys: Indexes, count: number): Indexes {
  const next = new Uint32Array(count + 1);
  for (const index of indexes) {
    const place = (keys[index] as number) + 1;
    next[place] = (next[place] as number) + 1;
  }
  for (let place = 1; place <= count; place++) next[place] = (next[place] as number) + (next[place - 1] as number);
  const ordered = new Uint32Array(indexes.length);
  for (const index of indexes) {
    const key = keys[index] as number;
    const target = next[key] as number;
    next[key] = target + 1;
    ordered[target] = index;
  }
  return ordered;
}

function identity(length: number): Indexes {
  const indexes = new Uint32Array(length);
  for (let index = 0; index < length; index++) indexes[index] = index;
  return indexes;
}
