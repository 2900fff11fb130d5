/** One line as a container wrote it. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as the kubelet wrote it; empty where the line has none. */
  time: string;
  text: string;
}

const NEWLINE = 0x0a;
/** A line without an end is cut here, so that a container that never writes one cannot fill the memory. */
const MAX_LINE_BYTES = 1024 * 1024;

/** The lines of a byte stream, one list per chunk; the last one may lack its end. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(decode([...begun, chunk.subarray(start, end)]));
      [begun, begunBytes] = [[], 0];
      start = end + 1;
    }
    if (start < chunk.length) {
      begun.push(chunk.slice(start));
      begunBytes += chunk.length - start;
    }
    if (begunBytes >= MAX_LINE_BYTES) {
      lines.push(decode(begun));
      [begun, begunBytes] = [[], 0];
    }
    if (lines.length > 0) yield lines;
  }
  if (begunBytes > 0) yield [decode(begun)];
}

function decode(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('utf8');
}

const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/;

/** Takes the timestamp off a line read with `timestamps=true`. */
export function parseLogLine(line: string): LogLine {
  const end = line.indexOf(' ');
  const time = end < 0 ? line : line.slice(0, end);
  if (!STAMP.test(time)) return { time: '', text: line };
  return { time, text: end < 0 ? '' : line.slice(end + 1) };
}
