/** Which rows a scrolled viewport shows, and which are worth asking for around them. */
export interface Range {
  first: number;
  count: number;
}

/** Rows drawn beyond the edge of the viewport, so that scrolling meets drawn rows. */
const OVERDRAW = 6;
/** Rows asked for beyond the viewport on each side: a fast flick stays within them. */
const MARGIN = 40;

export function visibleRange(scrollTop: number, height: number, rowHeight: number, total: number): Range {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERDRAW);
  const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + OVERDRAW);
  return { first: Math.min(first, total), count: Math.max(0, last - first) };
}

/** The window to ask for when `held` no longer covers what is visible; undefined while it does. */
export function nextWindow(visible: Range, held: Range): Range | undefined {
  const end = visible.first + visible.count;
  if (visible.first >= held.first && end <= held.first + held.count) return undefined;
  return { first: Math.max(0, visible.first - MARGIN), count: Math.min(1000, visible.count + 2 * MARGIN) };
}
