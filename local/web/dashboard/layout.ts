/** Where widgets stand on the 24-column grid. Pure. */

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Sized {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
}

export const columns = 24;

/**
 * Positions for all widgets: given ones are kept, the others fill rows from left to right below what is already there,
 * as CloudWatch does. A widget that would leave the grid is moved left.
 */
export function place(widgets: readonly Sized[]): Placed[] {
  let rowX = 0;
  let rowY = widgets.reduce((bottom, each) => (each.y === undefined ? bottom : Math.max(bottom, each.y + each.height)), 0);
  let rowHeight = 0;
  return widgets.map(({ x, y, width, height }) => {
    if (x !== undefined && y !== undefined) return { x: Math.min(Math.max(0, x), columns - width), y, width, height };
    if (rowX + width > columns) {
      rowX = 0;
      rowY += rowHeight;
      rowHeight = 0;
    }
    const placed = { x: rowX, y: rowY, width, height };
    rowX += width;
    rowHeight = Math.max(rowHeight, height);
    return placed;
  });
}

/** Reading order: top to bottom, then left to right. */
export const readingOrder = (placed: readonly Placed[]): number[] =>
  placed
    .map((_, index) => index)
    .sort((left, right) => {
      const a = placed[left];
      const b = placed[right];
      return a === undefined || b === undefined ? 0 : a.y - b.y || a.x - b.x;
    });

/**
 * Columns that a widget spans where the whole grid is too narrow: `wide` keeps its width, `medium` makes small ones a third or
 * half of the row, `phone` stacks them all, except that two short numbers share a row.
 */
export function spanFor(width: number, size: 'wide' | 'medium' | 'phone'): number {
  if (size === 'wide') return width;
  if (size === 'phone') return width <= 4 ? 12 : columns;
  if (width <= 4) return 6;
  if (width <= 6) return 12;
  return width <= 12 ? 12 : columns;
}
