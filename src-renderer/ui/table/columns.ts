import type { CellType, TableColumn } from '#common/contract/tables';

/** What a person chose about the columns of a kind; ids that the table no longer has are passed over. */
export interface ColumnChoice {
  order?: string[];
  /** By id; what is absent is as the table itself has it. */
  visible?: Record<string, boolean>;
  /** Pixels, by id. */
  widths?: Record<string, number>;
}

/** A column where the person put it. `position` is that of its cell in a row. */
export interface PlacedColumn extends TableColumn {
  position: number;
  shown: boolean;
  /** Pixels; absent while nobody has set it. */
  width?: number;
}

/** All columns in the chosen order, the name first unless it was moved; columns nobody placed keep their neighbours. */
export function placeColumns(columns: readonly TableColumn[], choice: ColumnChoice): PlacedColumn[] {
  const { order = [], visible = {}, widths = {} } = choice;
  const rank = new Map(order.map((id, index) => [id, index]));
  const placed = columns.map((column, position): PlacedColumn => {
    const width = widths[column.id];
    return {
      ...column,
      position,
      shown: visible[column.id] ?? !column.wide,
      ...(width === undefined ? {} : { width }),
    };
  });
  const places = placed.map(({ id }, index) => placeOf(placed, index, rank.get(id), rank));
  return placed
    .map((column, index) => ({ column, place: places[index] ?? index, index }))
    .sort(byPlace)
    .map(only);
}

const byPlace = (a: { place: number; index: number }, b: { place: number; index: number }) =>
  a.place - b.place || a.index - b.index;
const only = ({ column }: { column: PlacedColumn }) => column;

/** The chosen place, or right after the nearest column before it that has one. */
function placeOf(
  columns: readonly PlacedColumn[],
  index: number,
  own: number | undefined,
  rank: ReadonlyMap<string, number>,
): number {
  if (own !== undefined) return own;
  for (let before = index - 1; before >= 0; before--) {
    const place = rank.get(columns[before]?.id ?? '');
    if (place !== undefined) return place + 0.5;
  }
  return -1;
}

/** The ids in the order that comes of putting `id` at the place of `target`. */
export function moveColumn(columns: readonly { id: string }[], id: string, target: string): string[] {
  const ids = columns.map((column) => column.id);
  const from = ids.indexOf(id);
  const to = ids.indexOf(target);
  if (from < 0 || to < 0) return ids;
  ids.splice(to, 0, ...ids.splice(from, 1));
  return ids;
}

export const MARK_WIDTH = 34;
/** Room at the right end of a row. */
const END_WIDTH = 12;
export const LEAST_WIDTH = 44;

/** Pixels a column needs to be read, by what it holds. */
const LEAST: Record<CellType, number> = {
  name: 230,
  status: 156,
  ratio: 64,
  number: 96,
  age: 64,
  mono: 116,
  text: 100,
  labels: 180,
};
/** How eagerly a column takes spare room, for each unit of its weight; numbers and ages never do. */
const GREED: Record<CellType, number> = {
  name: 1,
  status: 0.25,
  ratio: 0,
  number: 0,
  age: 0,
  mono: 0.5,
  text: 0.5,
  labels: 0.7,
};

/** Width a column has until it is dragged. */
export function leastWidth({ type, header, weight }: Pick<TableColumn, 'type' | 'header' | 'weight'>): number {
  const forHeader = header.length * 7.5 + 16;
  const wide = type === 'text' || type === 'mono' ? Math.max(0, weight - 1) * 24 : 0;
  return Math.ceil(Math.max(LEAST[type] + wide, forHeader));
}

/** The tracks of the grid (CSS grid-template-columns), and the width under which it scrolls sideways. */
export function tracksOf(columns: readonly PlacedColumn[]): { tracks: string; least: number } {
  let least = MARK_WIDTH + END_WIDTH;
  let isElastic = false;
  const tracks = columns.map((column) => {
    const width = column.width ?? leastWidth(column);
    const share = column.width === undefined ? GREED[column.type] * column.weight : 0;
    least += width;
    isElastic ||= share > 0;
    return share > 0 ? `minmax(${width}px, ${share.toFixed(2)}fr)` : `${width}px`;
  });
  const rest = isElastic ? [] : ['minmax(0, 1fr)'];
  return { tracks: [`${MARK_WIDTH}px`, ...tracks, ...rest].join(' '), least };
}
