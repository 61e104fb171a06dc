import { describe, expect, test } from 'vitest';
import { nextOccurrence, type Occurrence, parseMuteSchedule, parseSchedule } from '../../core/cloudwatch/schedule.ts';

function occurrences(text: string, after: string, count: number, options?: Occurrence): readonly string[] {
  const schedule = parseSchedule(text);
  if (!schedule.ok) return [schedule.error.message];
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  for (let i = 0; i < count && at !== undefined; i += 1) {
    at = nextOccurrence(schedule.value, at, options);
    if (at !== undefined) found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('next occurrences', () => {
  test.each([
    ['rate(5 minutes)', '2026-03-01T10:02:00Z', ['2026-03-01T10:05Z', '2026-03-01T10:10Z']],
    ['cron(0/15 9-10 * * ? *)', '2026-03-01T10:40:00Z', ['2026-03-01T10:45Z', '2026-03-02T09:00Z']],
    ['cron(30 16 ? * MON-FRI *)', '2026-03-06T17:00:00Z', ['2026-03-09T16:30Z', '2026-03-10T16:30Z']],
    ['cron(0 0 L * ? *)', '2026-02-10T00:00:00Z', ['2026-02-28T00:00Z', '2026-03-31T00:00Z']],
    ['cron(0 0 ? * 6L *)', '2026-03-01T00:00:00Z', ['2026-03-27T00:00Z', '2026-04-24T00:00Z']],
    ['cron(0 0 ? * 2#1 *)', '2026-03-10T00:00:00Z', ['2026-04-06T00:00Z', '2026-05-04T00:00Z']],
    ['cron(0 0 15W * ? *)', '2026-02-01T00:00:00Z', ['2026-02-16T00:00Z', '2026-03-16T00:00Z', '2026-04-15T00:00Z']],
    ['cron(0 12 29 2 ? *)', '2026-03-01T00:00:00Z', ['2028-02-29T12:00Z', '2032-02-29T12:00Z']],
    ['cron(0 12 1 1 ? 2027)', '2026-03-01T00:00:00Z', ['2027-01-01T12:00Z']],
    ['cron(0 12 30 2 ? *)', '2026-03-01T00:00:00Z', []],
    ['at(2026-05-01T10:30:00)', '2026-03-01T00:00:00Z', ['2026-05-01T10:30Z']],
  ])('%s', (text, after, expected) => {
    expect(occurrences(text, after, expected.length === 0 ? 1 : expected.length)).toEqual(expected);
  });

  test('a rate counts from its anchor', () => {
    expect(occurrences('rate(1 hour)', '2026-03-01T10:00:00Z', 2, { anchorMs: Date.parse('2026-03-01T09:20:00Z') })).toEqual([
      '2026-03-01T10:20Z',
      '2026-03-01T11:20Z',
    ]);
  });

  test('a time that spring skips does not occur', () => {
    expect(occurrences('cron(30 2 * * ? *)', '2026-03-07T12:00:00Z', 2, { zone: 'America/New_York' })).toEqual([
      '2026-03-09T06:30Z',
      '2026-03-10T06:30Z',
    ]);
  });

  test('a time that autumn repeats occurs once', () => {
    expect(occurrences('cron(30 1 * * ? *)', '2026-10-31T12:00:00Z', 2, { zone: 'America/New_York' })).toEqual([
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
    ]);
  });

  test('zones may be offsets', () => {
    expect(occurrences('cron(0 9 * * ? *)', '2026-03-01T00:00:00Z', 1, { zone: 'UTC+05:30' })).toEqual(['2026-03-01T03:30Z']);
  });
});

test('mutes use five fields, with Sunday as 0 or 7', () => {
  for (const sunday of ['0', '7', 'SUN']) {
    const schedule = parseMuteSchedule(`cron(0 6 * * ${sunday})`);
    expect(schedule.ok && new Date(nextOccurrence(schedule.value, Date.parse('2026-03-03T00:00:00Z')) ?? 0).toISOString()).toBe(
      '2026-03-08T06:00:00.000Z',
    );
  }
});

test.each([
  ['every day', 'a schedule is rate(…), cron(…) or at(…)'],
  ['rate(1 minutes)', 'rate writes 1 minute in the singular and others in the plural'],
  ['rate(0 minutes)', 'rate is a positive number of minutes, hours or days'],
  ['cron(* * * * *)', 'cron has 6 fields'],
  ['cron(60 * * * ? *)', 'a field of cron goes from 0 to 59'],
  ['cron(0 0 1 * 2 *)', 'exactly one of day-of-month and day-of-week is ?'],
  ['at(2026-05-01)', 'at holds a time such as 2026-03-08T09:30:00'],
])('%s is refused', (text, rule) => {
  const schedule = parseSchedule(text);
  expect(schedule.ok ? '' : schedule.error.rule).toBe(rule);
});

test.each(['rate(5 minutes)', 'cron(0/5 * * * *)', 'cron(0 0 ? * 1)', 'cron(0 0 L * *)'])('%s is no schedule of a mute', text => {
  expect(parseMuteSchedule(text).ok).toBe(false);
});
