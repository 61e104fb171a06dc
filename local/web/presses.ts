/** A press is lost when what lies under the pointer is drawn anew before it is let go: the browser then tells of no click. Drawing waits. */

let isPressed = false;
const waiting = new Set<() => void>();

/** Begins to follow the pointer. `soon` calls back after the click that a release makes. */
export function watchPresses(page: Pick<EventTarget, 'addEventListener'>, soon: (job: () => void) => void): void {
  const drawAll = () => {
    if (isPressed) return;
    const due = [...waiting];
    waiting.clear();
    for (const draw of due) draw();
  };
  const release = () => {
    isPressed = false;
    if (waiting.size > 0) soon(drawAll);
  };
  page.addEventListener('pointerdown', () => {
    isPressed = true;
  });
  // A press that becomes a scroll or a drag is cancelled.
  for (const end of ['pointerup', 'pointercancel']) page.addEventListener(end, release);
  // Lists of choices, context menus and other windows take the release for themselves; the next move of the pointer tells of it.
  page.addEventListener('pointermove', event => {
    if (isPressed && (event as PointerEvent).buttons === 0) release();
  });
}

/** The same drawing, put off while the pointer is down; put off often, it is done once. */
export const unpressed =
  (draw: () => void): (() => void) =>
  () => {
    if (isPressed) waiting.add(draw);
    else draw();
  };
