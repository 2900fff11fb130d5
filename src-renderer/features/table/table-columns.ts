import { computed } from 'vue';
import type { ResourceRef } from '#common/contract/shapes';
import type { TableColumn } from '#common/contract/tables';
import { useLayoutStore } from '#renderer/stores/layout';
import { moveColumn, placeColumns } from '#renderer/ui/table/columns';

/** The columns of a kind's table as the person wants them; `oneNamespace`: its column would say the same in every row. */
export function useTableColumns(
  resource: () => ResourceRef,
  columns: () => readonly TableColumn[],
  oneNamespace: () => boolean,
) {
  const layouts = useLayoutStore();
  const choice = computed(() => {
    const { order = [], visible = {}, widths = {} } = layouts.ofTable(resource());
    return { order, widths, visible: oneNamespace() ? { namespace: false, ...visible } : visible };
  });
  const placed = computed(() => placeColumns(columns(), choice.value));
  const shown = computed(() => placed.value.filter((column) => column.shown));

  function show(id: string, isShown: boolean): void {
    layouts.rememberTable(resource(), { visible: { ...layouts.ofTable(resource()).visible, [id]: isShown } });
  }

  function move(id: string, target: string): void {
    layouts.rememberTable(resource(), { order: moveColumn(placed.value, id, target) });
  }

  function setWidth(id: string, width: number | undefined): void {
    const { [id]: _, ...others } = layouts.ofTable(resource()).widths ?? {};
    layouts.rememberTable(resource(), { widths: width === undefined ? others : { ...others, [id]: width } });
  }

  return { placed, shown, show, move, setWidth, reset: () => layouts.forgetTable(resource()) };
}
