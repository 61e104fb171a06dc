/** One widget over all the others, which the keyboard and screen readers then pass by. Escape ends it. */

/** Everything beside the widget and beside what it stands in, but for what opens over it. */
function others(widget: Element): readonly HTMLElement[] {
  const parent = widget.parentElement;
  if (parent === null || widget === document.body) return [];
  const beside = [...parent.children].filter(
    each => each !== widget && each instanceof HTMLElement && !each.matches('.tip, dialog, script'),
  );
  return [...(beside as HTMLElement[]), ...others(parent)];
}

/** Makes the widget large, or small again. */
export function toggleLarge(widget: HTMLElement): boolean {
  const isLarge = !widget.classList.contains('enlarged');
  shrink();
  if (!isLarge) return false;
  widget.classList.add('enlarged');
  document.body.classList.add('has-enlarged');
  for (const each of others(widget)) each.inert = true;
  tell(widget);
  return true;
}

/** Whatever is large becomes small. */
export function shrink(): void {
  const widget = document.querySelector<HTMLElement>('.widget.enlarged');
  document.body.classList.remove('has-enlarged');
  for (const each of document.querySelectorAll<HTMLElement>('[inert]')) each.inert = false;
  if (widget === null) return;
  widget.classList.remove('enlarged');
  tell(widget);
}

const tell = (widget: HTMLElement) => widget.dispatchEvent(new CustomEvent('resized', { bubbles: true }));
