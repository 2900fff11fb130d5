const FLASH_MS = 700;
const running = new WeakMap<Element, Animation>();

/** Lets a row that changed shine softly, its quiet words still readable; a row that changes all the time does not flicker. */
export function flashRow(element: HTMLElement | null): void {
  if (!element || running.get(element)?.playState === 'running') return;
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  // Without a last frame it fades to whatever background the row has then.
  const frames = [{ backgroundColor: 'color-mix(in oklch, var(--accent) 12%, var(--surface))', offset: 0 }];
  running.set(element, element.animate(frames, { duration: FLASH_MS, easing: 'ease-out' }));
}
