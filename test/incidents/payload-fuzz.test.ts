import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pagerDutyBody } from '../../adapters/notify/pagerduty/render.ts';
import { slackBody } from '../../adapters/notify/slack/render.ts';
import { breachMessage } from '../../core/incidents/breach.ts';
import { readSignals } from '../../core/incidents/delivery.ts';
import { linksFor } from '../../core/incidents/links.ts';
import { composePage } from '../../core/incidents/page.ts';
import { dutyWithoutState } from '../../core/incidents/stateless.ts';
import { compositeMessage, ownMessage, snsEvent } from '../notify/payloads.ts';

const seeds: readonly unknown[] = [
  ownMessage('heartbeat-missing', 'ALARM', '2026-03-09T03:00:00Z'),
  compositeMessage(),
  snsEvent([ownMessage('drawdown', 'OK', '2026-03-09T03:00:00Z'), 'plain text']),
  JSON.parse(
    breachMessage({
      row: 'x',
      alarm: 'x',
      dimensions: { Strategy: 's' },
      state: 'ALARM',
      severity: 'critical',
      atMs: 0,
      sinceMs: 0,
      reason: 'r',
    }),
  ),
];

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 0, -1, true, [], {}, [null], '<!channel>', '\u202E', 'x'.repeat(5_000), '`'),
  fc.string(),
);

/** The value with the n-th of its members (at any depth) replaced. */
function mutated(value: unknown, target: number, by: unknown): unknown {
  let n = 0;
  const walk = (member: unknown): unknown => {
    if (n++ === target) return by;
    if (Array.isArray(member)) return member.map(walk);
    if (typeof member === 'object' && member !== null)
      return Object.fromEntries(Object.entries(member).map(([key, entry]) => [key, walk(entry)]));
    return member;
  };
  return walk(value);
}

/** Members that would read as nothing: what is not known is left out instead. */
function emptyIn(value: unknown, path = ''): readonly string[] {
  if (value === null || value === undefined || value === 'null' || value === 'undefined' || Number.isNaN(value))
    return [`${path} is ${value}`];
  if (typeof value === 'string') return /\b(?:undefined|NaN|\[object Object\])/.test(value) ? [`${path}: ${value}`] : [];
  return typeof value === 'object' ? Object.entries(value).flatMap(([key, member]) => emptyIn(member, `${path}.${key}`)) : [];
}

const links = linksFor({ region: 'eu-west-1' });

function render(input: unknown): void {
  for (const signal of readSignals(input, 1_000)) {
    const duty = dutyWithoutState(signal);
    if (duty === undefined) continue;
    const page = composePage(signal, duty, signal.severity, { nowMs: signal.atMs, links });
    expect(page.headline).not.toBe('');
    expect([...page.headline].length).toBeLessThanOrEqual(300);
    const pager = pagerDutyBody(page, 'key');
    const slack = slackBody(page);
    for (const body of [pager, slack]) expect(emptyIn(body)).toEqual([]);
    expect(Buffer.byteLength(JSON.stringify(pager))).toBeLessThan(512_000);
    expect(Buffer.byteLength(String(pager['dedup_key']))).toBeLessThanOrEqual(255);
  }
}

describe('payloads that are not as they should be', () => {
  it('are rendered without throwing, whichever member is replaced by whatever', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(60), junk, (seed, target, by) => render(mutated(seed, target, by))),
      { numRuns: 1_500 },
    );
  });

  it('are rendered without throwing when they are cut off anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(3_000), (seed, length) => render(JSON.stringify(seed).slice(0, length))),
      { numRuns: 300 },
    );
  });

  it('are rendered without throwing when they are anything at all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => render(value)),
      { numRuns: 500 },
    );
  });
});
