/** A colour as the stream gave it: one of the sixteen named ones, or a CSS colour (from the 256 cube or 24 bits). */
export type AnsiColour = number | string;

export interface AnsiStyle {
  foreground?: AnsiColour;
  background?: AnsiColour;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  strike?: true;
  inverse?: true;
}

export interface AnsiRun {
  text: string;
  style?: AnsiStyle;
}

/** What a line says once every control sequence is taken away; tabs stay. */
export function plainText(line: string): string {
  return isPlain(line)
    ? line
    : parseAnsi(line)
        .map((run) => run.text)
        .join('');
}

/**
 * Splits a line into runs of one style. Only SGR (`ESC [ … m`) is understood; every other control sequence (cursor
 * movement, titles, hyperlinks, clipboard, device queries) and every control character but the tab is dropped.
 */
export function parseAnsi(line: string): AnsiRun[] {
  if (isPlain(line)) return line ? [{ text: line }] : [];
  const runs: AnsiRun[] = [];
  let style: AnsiStyle = {};
  let from = 0;
  CONTROL.lastIndex = 0;
  for (let match = CONTROL.exec(line); match; match = CONTROL.exec(line)) {
    push(runs, line.slice(from, match.index), style);
    if (match[1] !== undefined) style = applySgr(style, match[1]);
    from = CONTROL.lastIndex;
  }
  push(runs, line.slice(from), style);
  return runs;
}

/**
 * ECMA-48 control sequences, in order: SGR (its parameters captured); CSI; OSC and the other strings (DCS, SOS, PM, APC) up to BEL
 * or ST or the end of the line; two-character escapes; single control characters.
 */
const CONTROL = new RegExp(
  [
    String.raw`(?:\u001b\[|\u009b)([\d;:]*)m`,
    String.raw`(?:\u001b\[|\u009b)[\u0030-\u003f]*[\u0020-\u002f]*(?:[\u0040-\u007e]|$)`,
    String.raw`(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)`,
    String.raw`\u001b[\u0020-\u002f]*[\u0030-\u007e]?`,
    String.raw`[\u0000-\u0008\u000a-\u001f\u007f-\u009f]`,
  ].join('|'),
  'g',
);

const ANY_CONTROL = new RegExp(String.raw`[\u0000-\u0008\u000a-\u001f\u007f-\u009f]`);

function isPlain(line: string): boolean {
  return !ANY_CONTROL.test(line);
}

function push(runs: AnsiRun[], text: string, style: AnsiStyle): void {
  if (!text) return;
  const styled = Object.keys(style).length > 0;
  const last = runs.at(-1);
  if (last && last.style === (styled ? style : undefined)) last.text += text;
  else runs.push(styled ? { text, style } : { text });
}

function applySgr(style: AnsiStyle, parameters: string): AnsiStyle {
  let next: AnsiStyle = { ...style };
  const codes = parameters.split(';');
  for (let at = 0; at < codes.length; at++) {
    const [code = '', ...sub] = (codes[at] ?? '').split(':');
    const number = Number(code || '0');
    if (number === 38 || number === 48) {
      const { colour, taken } = sub.length > 0 ? subColour(sub) : listColour(codes, at + 1);
      at += taken;
      if (colour !== undefined) next = { ...next, [number === 38 ? 'foreground' : 'background']: colour };
    } else next = applyCode(next, number, sub[0]);
  }
  return next;
}

const SET: Record<number, AnsiStyle> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
};

const RESET: Record<number, (keyof AnsiStyle)[]> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
  39: ['foreground'],
  49: ['background'],
};

function applyCode(style: AnsiStyle, code: number, sub: string | undefined): AnsiStyle {
  if (code === 0) return {};
  if (code === 4 && sub === '0') return without(style, ['underline']);
  const set = SET[code];
  if (set) return { ...style, ...set };
  const reset = RESET[code];
  if (reset) return without(style, reset);
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  return style;
}

function without(style: AnsiStyle, fields: readonly (keyof AnsiStyle)[]): AnsiStyle {
  const next = { ...style };
  for (const field of fields) delete next[field];
  return next;
}

/** `38;5;N` and `38;2;R;G;B`: the colour, and how many parameters after the 38 it took. */
function listColour(codes: readonly string[], at: number): { colour?: AnsiColour; taken: number } {
  const mode = codes[at];
  if (mode === '5') return { ...defined(indexedColour(Number(codes[at + 1]))), taken: 2 };
  if (mode === '2') return { ...defined(trueColour(codes.slice(at + 1, at + 4))), taken: 4 };
  return { taken: 0 };
}

/** `38:5:N`, `38:2:R:G:B` and `38:2:SPACE:R:G:B` (ITU-T T.416). */
function subColour(sub: readonly string[]): { colour?: AnsiColour; taken: number } {
  if (sub[0] === '5') return { ...defined(indexedColour(Number(sub[1]))), taken: 0 };
  if (sub[0] === '2') return { ...defined(trueColour(sub.slice(sub.length > 4 ? 2 : 1).slice(0, 3))), taken: 0 };
  return { taken: 0 };
}

function defined(colour: AnsiColour | undefined): { colour?: AnsiColour } {
  return colour === undefined ? {} : { colour };
}

function indexedColour(index: number): AnsiColour | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return rgb(grey, grey, grey);
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function trueColour(parts: readonly string[]): AnsiColour | undefined {
  const [red, green, blue] = parts.map((part) => Number(part || '0'));
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  const channels = [red, green, blue];
  return channels.every((channel) => channel >= 0 && channel <= 255) ? rgb(red, green, blue) : undefined;
}

function rgb(red: number, green: number, blue: number): string {
  return `rgb(${red} ${green} ${blue})`;
}
