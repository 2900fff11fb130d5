import { watch, type Ref } from 'vue';
import type { TableRow } from '#common/contract/tables';

export interface DrawnRow {
  index: number;
  row: TableRow | undefined;
}

interface SteadyRowsOptions {
  viewport: Readonly<Ref<HTMLElement | null>>;
  scrollTop: Ref<number>;
  drawn: Readonly<Ref<readonly DrawnRow[]>>;
  /** Counts up whenever rows changed. */
  version: () => number;
  rowHeight: () => number;
  headHeight: number;
  indexOf: (key: string) => number | undefined;
}

/** After a person asked for another order or another choice of rows, rows are meant to move. */
const MEANT_MS = 400;

/**
 * Keeps the row under the pointer where it is while rows come and go above it, and without a pointer the first row that
 * is being read. A table that stands at its top goes on doing so once the pointer has left.
 */
export function useSteadyRows(options: SteadyRowsOptions) {
  const { viewport, scrollTop, drawn, indexOf } = options;
  let pointerY: number | undefined;
  let isPushedFromTop = false;
  let meantUntil = 0;
  let seenVersion = options.version();

  watch(
    drawn,
    (_, before) => {
      if (options.version() === seenVersion) return;
      seenVersion = options.version();
      if (performance.now() > meantUntil) hold(before);
    },
    { flush: 'post' },
  );

  function hold(before: readonly DrawnRow[]): void {
    const element = viewport.value;
    const index = element && heldIndex(element);
    const key = before.find((row) => row.index === index)?.row?.key;
    const next = key === undefined ? undefined : indexOf(key);
    if (!element || typeof index !== 'number' || next === undefined || next === index) return;
    if (element.scrollTop === 0) isPushedFromTop = true;
    element.scrollTop += (next - index) * options.rowHeight();
    scrollTop.value = element.scrollTop;
  }

  function heldIndex(element: HTMLElement): number | undefined {
    if (pointerY !== undefined) {
      const inBody = pointerY - element.getBoundingClientRect().top - options.headHeight;
      return inBody < 0 ? undefined : Math.floor((inBody + element.scrollTop) / options.rowHeight());
    }
    return element.scrollTop > 0 ? Math.ceil(element.scrollTop / options.rowHeight()) : undefined;
  }

  function leave(): void {
    pointerY = undefined;
    if (isPushedFromTop && viewport.value) viewport.value.scrollTop = 0;
    isPushedFromTop = false;
  }

  return {
    hover: (event: PointerEvent) => (pointerY = event.clientY),
    leave,
    /** A scroll of the person's own ends the wish to stand at the top. */
    scrolledByPerson: () => (isPushedFromTop = false),
    /** What comes next is what the person asked for: from the top, and in any order. */
    startOver: () => {
      meantUntil = performance.now() + MEANT_MS;
      isPushedFromTop = false;
      if (viewport.value) viewport.value.scrollTop = 0;
      scrollTop.value = 0;
    },
  };
}
