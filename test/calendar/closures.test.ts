import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { calendarWith, withClosures } from '../../core/calendar/closures.ts';
import { openTimeBetween } from '../../core/calendar/open-time.ts';
import { nextOpen, openSpans, previousClose } from '../../core/calendar/sessions.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
const minute = 60_000;
const names = ['24x7', 'XNYS', 'CMES', 'CME-grains', 'XLON', 'FX'] as const;

describe('a market with closures', () => {
  it('is open when its calendar is and no closure holds, to the minute, both days of changing clocks included', () => {
    const weeks = ['2026-03-05T00:00:00Z', '2026-10-22T00:00:00Z', '2026-10-29T00:00:00Z', '2026-12-28T00:00:00Z'].map(at);
    const span = fc.tuple(fc.integer({ min: 0, max: 8 * 1440 }), fc.integer({ min: 1, max: 2_000 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.constantFrom(...weeks),
        fc.array(span, { minLength: 1, maxLength: 4 }),
        (name, from, drawn) => {
          const calendar = calendarNamed(name);
          const spans = drawn.map(([start, length]) => ({ fromMs: from + start * minute, toMs: from + (start + length) * minute }));
          const closed = withClosures(
            calendar,
            spans.toSorted((a, b) => a.fromMs - b.fromMs),
          );
          const minutes = Array.from({ length: 8 * 1440 }, (_, index) => from + index * minute);
          const expected = minutes.map(ms => calendar.isOpen(ms) && !spans.some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs));
          expect(minutes.map(closed.isOpen)).toEqual(expected);
          expect(openTimeBetween(closed, from, from + 8 * 1440 * minute)).toBe(expected.filter(Boolean).length * minute);
          const until = from + 8 * 1440 * minute;
          for (const { fromMs, toMs } of openSpans(closed, from, until)) {
            expect([closed.isOpen(fromMs), closed.isOpen(toMs - 1)]).toEqual([true, true]);
            // The first and the last range of those asked for may go on.
            if (fromMs > from) expect(closed.isOpen(fromMs - 1)).toBe(false);
            if (toMs < until) expect(closed.isOpen(toMs)).toBe(false);
          }
          for (const ms of [from, from + 3 * 1440 * minute])
            expect([closed.dayOf(ms), closed.endOf(closed.dayOf(ms))]).toEqual([calendar.dayOf(ms), calendar.endOf(calendar.dayOf(ms))]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('opens after the closure, or with the next session when the closure ends outside of one', () => {
    const xnys = withClosures(calendarNamed('XNYS'), [{ fromMs: at('2026-07-14T15:00:00Z'), toMs: at('2026-07-14T16:30:00Z') }]);
    expect(iso(nextOpen(xnys, at('2026-07-14T15:00:00Z')))).toBe('2026-07-14T16:30:00.000Z');
    expect(iso(previousClose(xnys, at('2026-07-14T16:00:00Z')))).toBe('2026-07-14T15:00:00.000Z');
    const afternoon = withClosures(calendarNamed('XNYS'), [{ fromMs: at('2026-07-14T15:00:00Z'), toMs: at('2026-07-14T22:00:00Z') }]);
    expect(iso(nextOpen(afternoon, at('2026-07-14T15:00:00Z')))).toBe('2026-07-15T13:30:00.000Z');
    const crypto = withClosures(calendarNamed('24x7'), [{ fromMs: at('2026-07-14T23:00:00Z'), toMs: at('2026-07-16T01:00:00Z') }]);
    expect(iso(nextOpen(crypto, at('2026-07-15T12:00:00Z')))).toBe('2026-07-16T01:00:00.000Z');
  });

  it('keeps the calendar that it came from as it was, and is made once for a list', () => {
    const closures = [{ calendar: 'XNYS', fromMs: at('2026-07-14T15:00:00Z'), untilMs: at('2026-07-14T16:00:00Z'), reason: 'halt' }];
    const closed = calendarWith('XNYS', closures);
    expect([closed.isOpen(at('2026-07-14T15:30:00Z')), calendarNamed('XNYS').isOpen(at('2026-07-14T15:30:00Z'))]).toEqual([false, true]);
    expect(calendarWith('XNYS', closures)).toBe(closed);
    expect(calendarWith('XLON', closures)).toBe(calendarNamed('XLON'));
    expect([calendarNamed('24x7').alwaysOpen, closed.alwaysOpen, calendarWith('24x7', closures).alwaysOpen]).toEqual([
      true,
      undefined,
      true,
    ]);
  });

  it('is not closed by what ends before it begins', () => {
    const closures = [{ calendar: '24x7', fromMs: 2_000, untilMs: 1_000, reason: 'swapped' }];
    expect(calendarWith('24x7', closures)).toBe(calendarNamed('24x7'));
  });
});
