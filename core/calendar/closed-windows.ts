/** When alarms that only mean something in an open market should be mute, as ranges for one-off mute rules. */
import type { EpochMs } from '../time/instant.ts';
import { msPerDay } from './dates.ts';
import type { Calendar } from './market.ts';
import { nextOpen, openSpans, type Span } from './sessions.ts';

const minute = 60_000;
/** Longest duration of an alarm mute rule. Source: CloudWatch, API_PutAlarmMuteRule (PT1M to P15D), read 2026-11. */
const longestRule = 15 * msPerDay;

/**
 * Windows from a close to the next opening plus a warm-up, so that the bell does not page. Those that overlap `[fromMs, fromMs + horizonMs)`,
 * on whole minutes, in order, not overlapping, at most 15 days each (a longer closure gives several that join). The first begins no earlier
 * than `fromMs`; one that begins before the horizon is whole, so that no mute ends in the middle of a closure. Pauses for maintenance or
 * lunch are closures too. Openings shorter than the warm-up are muted through. Empty for a market that never closes.
 * @throws RangeError when the warm-up is negative or not finite, or the calendar has no opening after a close within 400 days.
 */
export function closedWindows(
  calendar: Calendar,
  fromMs: EpochMs,
  horizonMs: number,
  { warmUpMinutes }: { readonly warmUpMinutes: number },
): readonly Span[] {
  if (!(warmUpMinutes >= 0 && Number.isFinite(warmUpMinutes)))
    throw new RangeError(`InvalidWarmUp: must be 0 or more minutes; was ${warmUpMinutes}`);
  const warmUp = Math.ceil(warmUpMinutes) * minute;
  const end = fromMs + horizonMs;
  return joined(closures(calendar, fromMs - warmUp, end).map(span => ({ fromMs: span.fromMs, toMs: span.toMs + warmUp })))
    .map(span => ({ fromMs: Math.ceil(Math.max(span.fromMs, fromMs) / minute) * minute, toMs: Math.ceil(span.toMs / minute) * minute }))
    .filter(span => span.fromMs < span.toMs)
    .flatMap(pieces);
}

/** Ranges between open ranges that overlap the range. */
function closures(calendar: Calendar, fromMs: EpochMs, toMs: EpochMs): Span[] {
  const found: Span[] = [];
  // A range that closed before begins somewhere: for muting it is enough that it covers `fromMs`.
  let closedSince = fromMs;
  for (const open of openSpans(calendar, fromMs, toMs)) {
    if (open.fromMs > closedSince) found.push({ fromMs: closedSince, toMs: open.fromMs });
    closedSince = open.toMs;
  }
  if (closedSince >= toMs) return found;
  const opens = nextOpen(calendar, closedSince);
  if (opens === undefined) throw new RangeError(`NoOpening in calendar "${calendar.name}": none within 400 days after a close`);
  return [...found, { fromMs: closedSince, toMs: opens }];
}

function joined(spans: readonly Span[]): readonly Span[] {
  const found: { fromMs: EpochMs; toMs: EpochMs }[] = [];
  for (const span of spans) {
    const last = found.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else found.push({ ...span });
  }
  return found;
}

function pieces({ fromMs, toMs }: Span): readonly Span[] {
  const found: Span[] = [];
  for (let start = fromMs; start < toMs; start += longestRule) found.push({ fromMs: start, toMs: Math.min(toMs, start + longestRule) });
  return found;
}

/**
 * The schedule of a mute rule for a window, in UTC: `{ expression: 'at(2026-11-25T21:00)', duration: 'P1DT17H40M', timeZone: 'UTC' }`.
 * The window is on whole minutes, as `closedWindows` gives it.
 */
export function muteSchedule({ fromMs, toMs }: Span): { readonly expression: string; readonly duration: string; readonly timeZone: 'UTC' } {
  const minutes = Math.round((toMs - fromMs) / minute);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const time = `${hours > 0 ? `${hours}H` : ''}${rest > 0 ? `${rest}M` : ''}`;
  const duration = `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
  return { expression: `at(${new Date(fromMs).toISOString().slice(0, 16)})`, duration, timeZone: 'UTC' };
}
