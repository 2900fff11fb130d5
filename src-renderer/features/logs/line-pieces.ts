import { parseAnsi, type AnsiStyle } from './ansi';
import { findLevel, type LogLevel } from './level';
import { matchRanges, type LogPattern } from './pattern';

/** A piece of a line that looks the same throughout. */
export interface LinePiece {
  text: string;
  style?: AnsiStyle;
  /** Part of the level word. */
  level?: LogLevel;
  /** Part of a search match. */
  mark?: true;
}

/** Cuts a line where its colours, its level word or a search match begin and end. */
export function linePieces(line: string, pattern?: LogPattern): LinePiece[] {
  const runs = parseAnsi(line);
  const text = runs.length === 1 ? (runs[0]?.text ?? '') : runs.map((run) => run.text).join('');
  const coloured = runs.some(({ style }) => style?.foreground !== undefined);
  const level = coloured ? undefined : findLevel(text);
  const marks = matchRanges(pattern, text);
  const cuts = new Set([0, text.length, ...marks.flat(), ...(level ? [level.start, level.end] : [])]);
  let offset = 0;
  for (const run of runs) cuts.add((offset += run.text.length));
  const edges = [...cuts].sort((a, b) => a - b);
  const styles = styleAt(runs);
  return edges.slice(0, -1).map((from, index) => {
    const piece: LinePiece = { text: text.slice(from, edges[index + 1]) };
    const style = styles(from);
    if (style) piece.style = style;
    if (level && from >= level.start && from < level.end) piece.level = level.level;
    if (marks.some(([start, end]) => from >= start && from < end)) piece.mark = true;
    return piece;
  });
}

function styleAt(runs: ReturnType<typeof parseAnsi>): (at: number) => AnsiStyle | undefined {
  return (at) => {
    let end = 0;
    for (const run of runs) {
      end += run.text.length;
      if (at < end) return run.style;
    }
    return undefined;
  };
}
