/** The time range that all charts share: a preset that follows the clock, or fixed moments. It lives in the address. */
import { movedRange, presetOf, type Range, type TimeRange } from './dashboard/period.ts';
import { formatMoment } from './format.ts';
import { nowMs } from './live.ts';
import { amend, rangeOf, rangeSearch, route } from './router.ts';
import { signal } from './signal.ts';
import { zone } from './theme.ts';

export const range = signal<Range>(rangeOf(route.get().search) ?? { kind: 'preset', id: '1h' });

/** True once the reader chose a range; until then each dashboard brings its own. */
export const chosen = signal<boolean>(rangeOf(route.get().search) !== undefined);

/** While it is set, charts stay as they are when time goes on; what the reader changes is still shown. */
export const paused = signal<boolean>(false);

let beforeZoom: Range | undefined;

export function setRange(next: Range): void {
  chosen.set(true);
  beforeZoom = undefined;
  change(next);
}

function change(next: Range): void {
  const { range: _, from: __, to: ___, ...others } = route.get().search;
  amend({ ...others, ...rangeSearch(next) });
  range.set(next);
}

/** Takes a dashboard's own default as long as the reader chose nothing. */
export function suggestRange(id: string | undefined): void {
  if (chosen.get() || id === undefined) return;
  const current = range.get();
  if (current.kind !== 'preset' || current.id !== id) range.set({ kind: 'preset', id });
}

/** Takes a body's own fixed range as long as the reader chose nothing. */
export function suggestFixed(to: TimeRange): void {
  if (!chosen.get()) range.set({ kind: 'fixed', ...to });
}

export function zoom(to: TimeRange): void {
  const current = range.get();
  beforeZoom = beforeZoom ?? current;
  const kept = beforeZoom;
  chosen.set(true);
  change({ kind: 'fixed', ...to });
  beforeZoom = kept;
}

/** Twice as long around the same middle, but not beyond now. */
export function zoomOut(): void {
  const { fromMs, toMs } = resolveRange();
  const length = toMs - fromMs;
  const end = Math.min(toMs + length / 2, Math.max(toMs, nowMs()));
  zoom({ fromMs: Math.round(end - length * 2), toMs: Math.round(end) });
}

/** Moves the range by a share of its length, not beyond now. */
export function shift(share: number): void {
  const before = resolveRange();
  const next = movedRange(before, Math.round((before.toMs - before.fromMs) * share), nowMs());
  if (next.fromMs !== before.fromMs) zoom(next);
}

export function resetZoom(): void {
  setRange(beforeZoom ?? { kind: 'preset', id: '1h' });
}

/** Earliest data that was found, for the range "all". */
export const earliest = signal<number | undefined>(undefined);

const longAgoMs = 455 * 86_400_000;

export function resolveRange(now = nowMs()): TimeRange {
  const current = range.get();
  if (current.kind === 'fixed') return { fromMs: current.fromMs, toMs: current.toMs };
  const preset = presetOf(current.id);
  const length = preset?.ms;
  if (length !== undefined) return { fromMs: now - length, toMs: now };
  const first = earliest.get();
  return { fromMs: first === undefined ? now - longAgoMs : Math.min(first, now - 15 * 60_000), toMs: now };
}

export function rangeWords(current: Range): string {
  if (current.kind === 'preset') return presetOf(current.id)?.long ?? current.id;
  return `${formatMoment(current.fromMs, zone.get())} – ${formatMoment(current.toMs, zone.get())}`;
}

export function startRange(): void {
  route.onChange(now => {
    const named = rangeOf(now.search);
    if (named === undefined || JSON.stringify(named) === JSON.stringify(range.get())) return;
    chosen.set(true);
    range.set(named);
  });
}
