/**
 * The lines of a cluster's files: eight hex digits of CRC-32, a space, JSON, a newline. The first line of a file is its
 * header; the others are writes, in their order.
 */
import { crc32 } from 'node:zlib';
import type { AnyObject } from '#common/kube/object';

/** A write on its way to disk; without `bytes` the object was deleted. */
export interface LogRecord {
  collection: string;
  key: string;
  revision: number;
  bytes?: Uint8Array;
}

/** A write as it was read back. */
export interface ReadRecord {
  collection: string;
  key: string;
  revision: number;
  object?: AnyObject;
}

const FORMAT = 'pilothouse-sandbox-store';
/** Raised when older programs could no longer read what is written. */
const VERSION = 1;

export function headerLine(revision: number): Buffer {
  return checkedLine(Buffer.from(JSON.stringify({ format: FORMAT, version: VERSION, revision })));
}

export function recordLine({ collection, key, revision, bytes }: LogRecord): Buffer {
  const head = `{"c":${JSON.stringify(collection)},"k":${JSON.stringify(key)},"r":${revision}`;
  if (!bytes) return checkedLine(Buffer.from(`${head}}`));
  return checkedLine(Buffer.from(`${head},"o":`), bytes, CLOSE);
}

const CLOSE = Buffer.from('}');
const CHECKSUM_LENGTH = 9;
const NEWLINE = 0x0a;

function checkedLine(...parts: Uint8Array[]): Buffer {
  let length = CHECKSUM_LENGTH + 1;
  let sum = 0;
  for (const part of parts) {
    length += part.length;
    sum = crc32(part, sum);
  }
  const line = Buffer.allocUnsafe(length);
  line.write(`${sum.toString(16).padStart(8, '0')} `, 0, 'latin1');
  let at = CHECKSUM_LENGTH;
  for (const part of parts) {
    line.set(part, at);
    at += part.length;
  }
  line[at] = NEWLINE;
  return line;
}

export interface ReadFileResult {
  /** Undefined when the first line is not the header of such a file. */
  revision: number | undefined;
  /** The file was written by a newer program. */
  isNewer: boolean;
  records: ReadRecord[];
  /** Bytes from the start that are whole and right. */
  goodBytes: number;
  /** What lies behind them has right lines among wrong ones: not a tail that was cut off by a crash. */
  brokenInside: boolean;
}

/** Reads as far as the lines are right. */
export function readLines(file: Buffer): ReadFileResult {
  const result: ReadFileResult = {
    revision: undefined,
    isNewer: false,
    records: [],
    goodBytes: 0,
    brokenInside: false,
  };
  let start = 0;
  for (let end = file.indexOf(NEWLINE); end >= 0; end = file.indexOf(NEWLINE, start)) {
    const value = checkedValue(file.subarray(start, end));
    if (value === undefined || !take(value, result)) break;
    start = end + 1;
    result.goodBytes = start;
  }
  result.brokenInside = hasRightLine(file.subarray(start));
  return result;
}

function take(value: Record<string, unknown>, result: ReadFileResult): boolean {
  if (result.revision === undefined) {
    if (value['format'] !== FORMAT) return false;
    result.revision = Number(value['revision']);
    result.isNewer = Number(value['version']) > VERSION;
    return !result.isNewer;
  }
  const record: ReadRecord = {
    collection: String(value['c']),
    key: String(value['k']),
    revision: Number(value['r']),
  };
  if (value['o']) record.object = value['o'] as AnyObject;
  result.records.push(record);
  return true;
}

function checkedValue(line: Buffer): Record<string, unknown> | undefined {
  if (line.length <= CHECKSUM_LENGTH) return undefined;
  const sum = Number.parseInt(line.toString('latin1', 0, 8), 16);
  const body = line.subarray(CHECKSUM_LENGTH);
  if (crc32(body) !== sum) return undefined;
  return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
}

function hasRightLine(rest: Buffer): boolean {
  let start = rest.indexOf(NEWLINE) + 1;
  if (start === 0) return false;
  for (let end = rest.indexOf(NEWLINE, start); end >= 0; end = rest.indexOf(NEWLINE, start)) {
    if (checkedValue(rest.subarray(start, end)) !== undefined) return true;
    start = end + 1;
  }
  return false;
}
