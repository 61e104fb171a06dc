/** Moving a chart's time range along by dragging it, with Shift or the middle button. */
import { movedRange, type TimeRange } from './period.ts';

interface Panning {
  readonly range: () => TimeRange;
  readonly nowMs: () => number;
  /** Draws this range while the drag lasts; undefined when it is given up. */
  readonly preview: (range: TimeRange | undefined) => void;
  readonly done: (range: TimeRange) => void;
}

/** Whether a press of a button moves time instead of marking a stretch of it. */
export const isPanStart = ({ button, shiftKey }: { readonly button: number; readonly shiftKey: boolean }): boolean =>
  button === 1 || (button === 0 && shiftKey);

export function panByDrag(over: HTMLElement, { range, nowMs, preview, done }: Panning): void {
  over.addEventListener('mousedown', event => {
    // The middle button would scroll the page, and Shift would mark its text.
    if (isPanStart(event)) event.preventDefault();
  });
  over.addEventListener('pointerdown', event => {
    if (!isPanStart(event)) return;
    const from = event.clientX;
    const began = range();
    const width = Math.max(1, over.clientWidth);
    const to = ({ clientX }: PointerEvent) =>
      movedRange(began, Math.round(((from - clientX) / width) * (began.toMs - began.fromMs)), nowMs());
    over.setPointerCapture(event.pointerId);
    over.classList.add('panning');
    const stop = new AbortController();
    const end = () => {
      stop.abort();
      over.classList.remove('panning');
    };
    const on = { signal: stop.signal };
    over.addEventListener('pointermove', moved => preview(to(moved)), on);
    over.addEventListener(
      'pointerup',
      last => {
        end();
        const there = to(last);
        if (there.fromMs === began.fromMs) preview(undefined);
        else done(there);
      },
      on,
    );
    over.addEventListener(
      'pointercancel',
      () => {
        end();
        preview(undefined);
      },
      on,
    );
  });
}
