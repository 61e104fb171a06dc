import { describe, expect, it } from 'vitest';
import { catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import { readReason } from '../../core/cloudwatch/alarm-reason.ts';
import { parseAwsTime } from '../../core/cloudwatch/aws-time.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { asSeverity } from '../../core/incidents/breach.ts';
import { readDescription } from '../../core/incidents/description.ts';
import { foreignKey, incidentKey, KEY_LIMIT } from '../../core/incidents/key.ts';
import { plainText } from '../../core/incidents/plain-text.ts';
import { durationText, moneyText, quantityText } from '../../core/incidents/quantity-text.ts';

describe('incident keys', () => {
  it('sort dimensions, so that both paths write the same', () => {
    expect(incidentKey('a', { Venue: 'v', Strategy: 's' })).toBe('v1:a:Strategy=s,Venue=v');
    expect(incidentKey('a', {})).toBe('v1:a:');
  });

  it.each([
    ['long names', 'x'.repeat(400)],
    ['long names in other scripts', '停'.repeat(200)],
    ['halves of a pair', '🚨'.repeat(200)],
  ])('fit PagerDuty’s limit with %s and still differ', (_name, text) => {
    const keys = [incidentKey('a', { Strategy: `${text}1` }), incidentKey('a', { Strategy: `${text}2` }), foreignKey('alarm', text)];
    for (const key of keys) expect(Buffer.byteLength(key)).toBeLessThanOrEqual(KEY_LIMIT);
    expect(new Set(keys).size).toBe(3);
    expect(keys.join('')).not.toContain('\uFFFD');
  });
});

describe('descriptions', () => {
  it('of every alarm of the catalogue give sentence, first action, severity, dimensions and runbook back', () => {
    const alarms = catalogueAlarms(discoverConfig([{ strategyId: 's1' }])).filter(({ signal }) => !signal);
    expect(alarms.length).toBeGreaterThan(10);
    for (const { definition, alarmId, dimensions, severity, sentence } of alarms) {
      const read = readDescription(definition.description);
      expect(read).toMatchObject({ sentence, machine: { alarm: alarmId, dimensions, severity }, runbook: `#${alarmId}` });
      expect(read.firstAction).toBeTruthy();
      expect(read.firstAction).not.toMatch(/^First:/);
    }
  });

  it.each([
    ['nothing', undefined, {}],
    ['a broken machine line', 'text\nnightdesk {"v":1,', { sentence: 'text' }],
    ['another version', 'text\nnightdesk {"v":2,"alarm":"a","severity":"critical"}', { sentence: 'text' }],
    [
      'a URL',
      'See https://wiki.example.com/a?b=c. Thanks',
      { sentence: 'See https://wiki.example.com/a?b=c. Thanks', runbook: 'https://wiki.example.com/a?b=c' },
    ],
  ])('with %s are read as far as they go', (_name, description, expected) => {
    expect(readDescription(description)).toEqual(expected);
  });
});

describe('numbers and times as words', () => {
  it.each([
    [0, '0 s'],
    [119, '119 s'],
    [180, '3 min'],
    [7_200, '2 h'],
    [7_260, '2 h 1 min'],
    [190_800, '2 d 5 h'],
    [-5, '0 s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it.each([
    [0.0731, 'share', '7.31 %'],
    [93, 'seconds', '93 s'],
    [300.253, 'seconds', '300 s'],
    [1.25, 'seconds', '1.25 s'],
    [0.1 + 0.2, undefined, '0.3'],
    [1_234_567, 'Count', '1,234,567'],
    [12.5, 'USD', '12.5 USD'],
    [80, 'percent', '80 %'],
  ])('%d %s is %s', (value, unit, text) => {
    expect(quantityText(value, unit)).toBe(text);
  });

  it('money keeps two decimals and its sign', () => {
    expect(moneyText(-1234.5, 'USD')).toBe('-1,234.50 USD');
  });

  it.each([
    ['2026-11-22T03:03:41.512+0000', '2026-11-22T03:03:41.512Z'],
    ['2026-11-22T03:03:41Z', '2026-11-22T03:03:41.000Z'],
    ['2026-11-22T05:03:41.512+0200', '2026-11-22T03:03:41.512Z'],
  ])('the time %s is read', (text, iso) => {
    expect(new Date(parseAwsTime(text)!).toISOString()).toBe(iso);
  });

  it('reasons give the newest value, the oldest time and the threshold', () => {
    const reason =
      'Threshold Crossed: 2 out of the last 3 datapoints [1.5E-4 (29/02/28 23:59:00), 12.0 (29/02/28 23:57:00)] was less than the threshold (0.02) (…)';
    expect(readReason(reason)).toEqual({ value: 0.00015, sinceMs: Date.UTC(2028, 1, 29, 23, 57), threshold: 0.02 });
    expect(readReason('6 out of 6 time series evaluated to ALARM')).toEqual({});
  });

  it.each([
    ['CRIT', 'critical'],
    ['P2', 'warning'],
    ['constructor', undefined],
    [7, undefined],
  ])('severity %s is %s', (text, severity) => {
    expect(asSeverity(text)).toBe(severity);
  });

  it('text of strangers loses what would hide or reverse it', () => {
    expect(plainText('a\u0000b\u202Ec\u200Bd\nе\uD800', 50)).toBe('a bcd е\uFFFD');
    expect(plainText('x'.repeat(1_000), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});
