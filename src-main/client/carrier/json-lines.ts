const NEWLINE = 0x0a;

/** The JSON values of a stream that holds one per line. A last line without its end is a break, not a value. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let begun: Buffer[] = [];
  for await (const part of chunks) {
    const chunk = Buffer.isBuffer(part) ? part : Buffer.from(part);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const text = begun.length === 0 ? chunk.toString('utf8', start, end) : joined(begun, chunk.subarray(start, end));
      begun = [];
      start = end + 1;
      if (text.trim() !== '') yield JSON.parse(text);
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  const rest = joined(begun).trim();
  if (rest !== '') yield parseLast(rest);
}

function joined(begun: Buffer[], last?: Buffer): string {
  return Buffer.concat(last ? [...begun, last] : begun).toString('utf8');
}

function parseLast(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('the connection ended in the middle of an event', { cause });
  }
}
