import { describe, expect, it } from 'vitest';
import type { AlarmView, InboxItem } from '../../local/web/api.ts';
import { ago, formatDuration, formatMoment, formatNumber, formatShort, formatTick, spell, withUnit } from '../../local/web/format.ts';
import { headline } from '../../local/web/inbox/headline.ts';
import { levelOf, shortForm } from '../../local/web/log-line.ts';
import { bodyColor, contrast } from '../../local/web/palette.ts';
import { firstAction, ownAlarms } from '../../local/web/state.ts';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1234.567, '1,235'],
    [12.3456, '12.35'],
    [0.012345, '0.0123'],
    [-5, '−5'],
    [-1e-9, '0'],
    [Number.NaN, '–'],
  ])('%d reads %s', (value, expected) => {
    expect(formatNumber(value)).toBe(expected);
  });

  it.each([
    [1500, '1500'],
    [25_000, '25k'],
    [-2_500_000, '−2.5M'],
    [0.05, '0.05'],
  ])('%d on an axis reads %s', (value, expected) => {
    expect(formatShort(value)).toBe(expected);
  });

  it.each([
    [1500, 500, undefined, '1500'],
    [-102_990, 10, undefined, '−102.99k'],
    [102_985, 5, 'Count', '102,985'],
    [1_200_000_000, 200_000_000, 'Bytes', '1.2 GB'],
    [27_500, 500, 'Bytes/Second', '27.5 kB/s'],
    [0, 500, 'Bytes/Second', '0 B/s'],
    [1_200_400, 100, 'Bytes', '1,200,400 B'],
  ])('%d on an axis with steps of %d (%s) reads %s', (value, step, unit, expected) => {
    expect(formatTick(value, step, unit)).toBe(expected);
  });

  it.each([
    [12.5, 'Percent', '12.5%'],
    [250, 'Milliseconds', '250 ms'],
    [12_000, 'Milliseconds', '12 s'],
    [2_000_000, 'Bytes/Second', '2 MB/s'],
    [3, 'Count', '3'],
  ])('%d %s reads %s', (value, unit, expected) => {
    expect(spell(withUnit(value, unit))).toBe(expected);
  });
});

describe('time', () => {
  it.each([
    [5_000, '5 s'],
    [200_000, '3 min'],
    [3 * 3_600_000, '3 h'],
    [50 * 3_600_000, '2 d 2 h'],
    [-1, '0 s'],
  ])('%d ms lasts %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  it('is said in the chosen zone', () => {
    expect(formatMoment(Date.UTC(2026, 10, 23, 4, 5, 6), 'utc')).toBe('23 Nov 04:05:06');
    expect(ago(1000, 2000)).toBe('just now');
  });
});

describe('a log line', () => {
  it.each([
    ['{"level":"ERROR","message":"x"}', 'error'],
    ['{"severity":"fatal"}', 'critical'],
    ['{"level":40}', 'warn'],
    ['2026 WARN late', 'warn'],
    ['{"broken', 'none'],
    ['no problem here', 'none'],
  ])('%s has level %s', (line, level) => {
    expect(levelOf(line)).toBe(level);
  });

  it('says an event in short', () => {
    const fill = { eventType: 'execution', side: 'buy', lastQty: '2', instrumentId: 'BTC', lastPx: '10', commission: '0.1' };
    expect(shortForm(JSON.stringify(fill))).toEqual({ tag: 'execution', text: 'buy 2 BTC @ 10 fee 0.1' });
    expect(shortForm('plain')).toEqual({ tag: '', text: 'plain' });
  });
});

describe('an alarm', () => {
  it('parts its description into what it means and what to do first', () => {
    const description = 'x: silent for 40 s.\nFirst: restart it.\nnightdesk {"v":1}';
    expect(firstAction(description)).toEqual({ before: 'x: silent for 40 s.', action: 'restart it.' });
    expect(firstAction('Only a sentence.')).toEqual({ before: 'Only a sentence.' });
  });

  it('that only feeds a composite is not counted beside it', () => {
    const alarm = (name: string, rest: Partial<AlarmView>): AlarmView => ({
      name,
      kind: 'metric',
      state: 'ALARM',
      since: '',
      description: '',
      sentence: '',
      ...rest,
    });
    const all = [alarm('a-signal', {}), alarm('a', { severity: 'critical', rule: 'ALARM("a-signal")' }), alarm('foreign', {})];
    expect(ownAlarms(all).map(each => each.name)).toEqual(['a', 'foreign']);
  });
});

describe('colours of a body', () => {
  it.each(['#0072B2', '#000000', '#ffffff', '#D55E00', '#ff0', '#0b67b2'])('%s can be seen on both grounds', color => {
    expect(contrast(bodyColor(color, 'dark')!, '#121823')).toBeGreaterThanOrEqual(3.5);
    expect(contrast(bodyColor(color, 'light')!, '#fffdf9')).toBeGreaterThanOrEqual(3.5);
  });

  it('that can be seen stay as they are, and others than hex are none', () => {
    expect(bodyColor('#6cb6ff', 'dark')).toBe('#6cb6ff');
    expect(bodyColor('javascript:1', 'dark')).toBeUndefined();
  });
});

describe('the first line of a message', () => {
  const said = (channel: string, body: unknown) =>
    headline({ id: 1, at: '2026-01-05T00:00:00Z', channel, ok: true, state: '', request: { url: '', body } } as unknown as InboxItem);

  it.each([
    ['pagerduty', { event_action: 'trigger', payload: { summary: 's1 is down' } }, 's1 is down'],
    ['pagerduty', { event_action: 'resolve', dedup_key: 'v1:x' }, 'resolve: v1:x'],
    ['pagerduty', { payload: { summary: 's1: deploy by ada: v2' } }, 's1: deploy by ada: v2'],
    ['slack', { text: '*s1* is <http://a|down>\nmore' }, 's1 is down'],
    ['slack', {}, 'message'],
  ])('of %s %j is %s', (channel, body, expected) => {
    expect(said(channel, body)).toBe(expected);
  });
});
