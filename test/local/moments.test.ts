import { describe, expect, it } from 'vitest';
import { createChanges, sessionMoments } from '../../local/moments.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 9, 13, minute)).toISOString();
const envelope = (minute: number, strategyId: string) => ({
  schemaVersion: 1,
  strategyId,
  accountId: 'main',
  environment: 'paper',
  tsEvent: at(minute),
});
const control = (minute: number, fields: object, strategyId = 's1') =>
  JSON.stringify({ eventType: 'control', ...envelope(minute, strategyId), action: 'deploy', actor: 'ci', reason: 'faster', ...fields });
const beat = (minute: number, gitSha: string, strategyId = 's1') =>
  JSON.stringify({ eventType: 'heartbeat', ...envelope(minute, strategyId), component: 'main', status: 'ok', intervalMs: 10_000, gitSha });

function told(...lines: readonly string[]): readonly string[] {
  const changes = createChanges();
  for (const line of lines) changes.line(line);
  return changes.all().map(each => `${new Date(each.at).toISOString().slice(14, 16)} ${each.kind} ${each.strategies.join()}: ${each.text}`);
}

describe('changes on charts', () => {
  it('are control events, with the version that a deploy brought', () => {
    expect(told(control(1, { after: '3f2a9c1' }), control(5, { action: 'halt', actor: 'risk', reason: 'spread' }))).toEqual([
      '01 deploy s1: deploy 3f2a9c1 by ci: faster',
      '05 change s1: halt by risk: spread',
    ]);
  });

  it('are told once, however often the line comes', () => {
    expect(told(control(1, {}), control(1, {}))).toHaveLength(1);
  });

  it('are new code in heartbeats, where nobody told of a deploy', () => {
    expect(told(beat(0, 'aaa'), beat(1, 'aaa'), beat(2, 'bbb'), beat(3, 'bbb'), beat(4, 'aaa'))).toEqual([
      '02 deploy s1: deploy: heartbeats come from bbb',
    ]);
    expect(told(beat(0, 'aaa'), control(1, { after: 'bbb' }), beat(2, 'bbb'))).toHaveLength(1);
    expect(told(beat(0, 'aaa'), beat(1, 'bbb', 's2'))).toEqual([]);
  });

  it('are nothing that is no event', () => {
    expect(told('"control"', '{"eventType":"control"}', 'null', control(1, { action: 'explode' }), '{"gitSha":"x"}')).toEqual([]);
  });

  it('stay bounded', () => {
    const lines = Array.from({ length: 1_100 }, (_, index) => control(index, {}));
    expect(told(...lines)).toHaveLength(1_000);
  });
});

describe('sessions on charts', () => {
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

  it('are opens and closes by market, holidays left out', () => {
    const { moments, crowded } = sessionMoments(
      [
        { id: 's1', calendar: 'XNYS' },
        { id: 's2', calendar: 'XNYS' },
        { id: 's3', calendar: '24x7' },
      ],
      day('2026-07-02'),
      day('2026-07-07'),
    );
    expect(crowded).toEqual([]);
    // 3 July 2026 is the observed holiday; the 4th and 5th are a weekend.
    expect(moments.map(each => `${new Date(each.at).toISOString().slice(5, 16)} ${each.text} ${each.strategies.join()}`)).toEqual([
      '07-02T13:30 XNYS opens s1,s2',
      '07-02T20:00 XNYS closes s1,s2',
      '07-06T13:30 XNYS opens s1,s2',
      '07-06T20:00 XNYS closes s1,s2',
    ]);
  });

  it.each([
    ['a month', '2026-07-01'],
    ['a thousand years', '1026-07-01'],
  ])('of %s would be a hatching: the market is named instead', (_, from) => {
    expect(sessionMoments([{ id: 's1', calendar: 'XNYS' }], day(from), day('2026-08-01'))).toEqual({ moments: [], crowded: ['XNYS'] });
  });
});
