/**
 * Go's decoders read 10,000 levels. What follows here walks by recursion, and a stack that runs out may end the whole
 * process: V8 gives up for good when it compiles a regular expression on its last frames. So many levels are safe.
 */
export const MOST_DEPTH = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Where brackets outside of double quotes are nested too deeply: the offset of the first; undefined where they are not. */
export function tooDeepAt(bytes: Uint8Array, most = MOST_DEPTH): number | undefined {
  // So many brackets do not fit.
  if (bytes.length <= most) return undefined;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (OPENING.has(byte) && ++depth > most) return at;
    else if (CLOSING.has(byte)) depth--;
  }
  return undefined;
}

/** The offset of the quote that ends the string. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let end = bytes.indexOf(QUOTE, start + 1); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (bytes[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return bytes.length;
}
