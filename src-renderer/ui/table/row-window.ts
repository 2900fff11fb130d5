/** Which rows a scrolled viewport shows, and which are worth asking for around them. */
export interface Range {
  first: number;
  count: number;
}

/** Rows drawn beyond the edge of the viewport, so that scrolling meets drawn rows. */
const OVERDRAW = 6;
/** Rows asked for beyond the viewport on each side: a fast flick stays within them. */
const MARGIN = 60;
/** What the host gives at most. */
const MOST = 1000;

export function visibleRange(scrollTop: number, height: number, rowHeight: number, total: number): Range {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERDRAW);
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + OVERDRAW);
  return { first: Math.min(first, total), count: Math.max(0, last - first) };
}

/**
 * The window to ask for while `visible` comes near the edge of the one that was asked for last; undefined while there is
 * room. It is asked for before its rows are needed, so that a steady scroll never meets an empty row.
 */
export function nextWindow(visible: Range, asked: Range, total: number): Range | undefined {
  const end = visible.first + visible.count;
  const isNearTop = asked.first > 0 && visible.first < asked.first + MARGIN / 3;
  const isNearEnd = asked.first + asked.count < total && end > asked.first + asked.count - MARGIN / 3;
  if (!isNearTop && !isNearEnd) return undefined;
  return { first: Math.max(0, visible.first - MARGIN), count: Math.min(MOST, visible.count + 2 * MARGIN) };
}
