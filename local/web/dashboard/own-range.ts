/** Time ranges that a body or a widget names itself. Pure. */
import { readDuration, type TimeRange } from './period.ts';

interface Named {
  readonly start?: string;
  readonly end?: string;
}

/** A moment: an ISO 8601 time, or a duration back from now. Undefined when it is neither. */
function momentOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const back = readDuration(text);
  if (back !== undefined) return nowMs - back;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Undefined without a start that can be read; without an end it reaches to now. */
export function ownRange({ start, end }: Named, nowMs: number): TimeRange | undefined {
  const fromMs = momentOf(start, nowMs);
  const toMs = end === undefined ? nowMs : momentOf(end, nowMs);
  return fromMs !== undefined && toMs !== undefined && fromMs < toMs ? { fromMs, toMs } : undefined;
}

/** True when the start moves with the clock. */
export const isRelative = ({ start, end }: Named): boolean => start !== undefined && readDuration(start) !== undefined && end === undefined;
