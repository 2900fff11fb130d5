import type { SortValue } from '#common/kinds/kind';
import { compareText } from './row';

type Indexes = Uint32Array<ArrayBuffer>;

/**
 * The order of `values` as indexes, stable, nothing last in either direction. Measured on 150,000 values: numbers by
 * radix 15 ms, few distinct texts by rank 15 ms, all distinct texts by merging runs 50 ms; comparing everything takes 200.
 */
export function orderOf(values: readonly SortValue[], descending: boolean): Indexes {
  if (values.every(isNumberOrNothing)) return numberOrder(values as readonly (number | null)[], descending);
  if (!isVaried(values)) return rankedOrder(values, descending);
  if (values.every(isTextOrNothing)) return textOrder(values as readonly (string | null)[], descending);
  return comparedOrder(values, descending);
}

function isNumberOrNothing(value: SortValue): boolean {
  return value === null || typeof value === 'number';
}

function isTextOrNothing(value: SortValue): boolean {
  return value === null || typeof value === 'string';
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

function comparedOrder(values: readonly SortValue[], descending: boolean): Indexes {
  const indexes = Array.from(values, (_value, index) => index);
  indexes.sort((left, right) => compareValues(values[left] as SortValue, values[right] as SortValue, descending));
  return Uint32Array.from(indexes);
}

/**
 * The rows come in runs that are in order already, one per namespace: those are merged. Descending is the reverse of an
 * ascending order in which equal texts are turned round, so that it finds the same runs.
 */
function textOrder(values: readonly (string | null)[], descending: boolean): Indexes {
  const present: number[] = [];
  const absent: number[] = [];
  for (let index = 0; index < values.length; index++) (values[index] === null ? absent : present).push(index);
  const ordered = mergeRuns(Uint32Array.from(present), values as readonly string[], descending);
  if (descending) ordered.reverse();
  const all = new Uint32Array(values.length);
  all.set(ordered);
  all.set(absent, ordered.length);
  return all;
}

/** Ascending; equal texts keep their order, or are turned round. */
function mergeRuns(indexes: Indexes, texts: readonly string[], turnEqual: boolean): Indexes {
  let source = indexes;
  let target: Indexes = new Uint32Array(indexes.length);
  let ends = runEnds(indexes, texts, turnEqual);
  while (ends.length > 1) {
    const merged: number[] = [];
    let start = 0;
    for (let run = 0; run < ends.length; run += 2) {
      const middle = ends[run] as number;
      const end = ends[run + 1] ?? middle;
      mergePair({ source, target, texts, turnEqual }, start, middle, end);
      merged.push(end);
      start = end;
    }
    [source, target] = [target, source];
    ends = merged;
  }
  return source;
}

/** Where each run of texts that are in order ends. */
function runEnds(indexes: Indexes, texts: readonly string[], turnEqual: boolean): number[] {
  const ends: number[] = [];
  let previous = texts[indexes[0] as number] as string;
  for (let place = 1; place < indexes.length; place++) {
    const text = texts[indexes[place] as number] as string;
    if (text < previous || (turnEqual && text === previous)) ends.push(place);
    previous = text;
  }
  ends.push(indexes.length);
  return ends;
}

interface Merge {
  source: Indexes;
  target: Indexes;
  texts: readonly string[];
  turnEqual: boolean;
}

/** Merges the runs from `start` and from `middle` of the source into the same place of the target. */
function mergePair({ source, target, texts, turnEqual }: Merge, start: number, middle: number, end: number): void {
  let [left, right] = [start, middle];
  for (let place = start; place < end; place++) {
    if (left < middle && (right >= end || goesFirst(source[left] as number, source[right] as number))) {
      target[place] = source[left++] as number;
    } else target[place] = source[right++] as number;
  }

  function goesFirst(one: number, other: number): boolean {
    const [text, otherText] = [texts[one] as string, texts[other] as string];
    return turnEqual ? text < otherText : text <= otherText;
  }
}

/** Each distinct value gets a rank; the indexes are distributed by it. */
function rankedOrder(values: readonly SortValue[], descending: boolean): Indexes {
  const { ids, distinct } = identified(values);
  const byValue = Array.from(distinct, (_value, id) => id);
  byValue.sort((left, right) => compareValues(distinct[left] as SortValue, distinct[right] as SortValue, descending));
  const ranks = new Uint32Array(distinct.length);
  for (const [rank, id] of byValue.entries()) ranks[id] = rank;
  for (let index = 0; index < ids.length; index++) ids[index] = ranks[ids[index] as number] as number;
  return distribute(identity(values.length), ids, distinct.length);
}

/** A number for each distinct value, in the order in which they come. */
function identified(values: readonly SortValue[]): { ids: Indexes; distinct: SortValue[] } {
  const idOf = new Map<SortValue, number>();
  const distinct: SortValue[] = [];
  const ids = new Uint32Array(values.length);
  let previous: SortValue | undefined;
  let id = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as SortValue;
    // Neighbours are often equal: the rows of one namespace, the Pods of one owner.
    if (value !== previous) {
      const known = idOf.get(value);
      id = known ?? distinct.push(value) - 1;
      if (known === undefined) idOf.set(value, id);
      previous = value;
    }
    ids[index] = id;
  }
  return { ids, distinct };
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
