import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, emptyAlert, hear, isFiring } from '../../core/incidents/alert.ts';
import { createDesk } from '../../core/incidents/desk.ts';
import { CLAIM_MS, claim, openDuties, recordSends } from '../../core/incidents/duties.ts';
import type { Incident, KeyState } from '../../core/incidents/incident.ts';
import { acknowledge, TIMELINE_LIMIT } from '../../core/incidents/life-cycle.ts';
import { routingOfSeverities } from '../../core/incidents/routing.ts';
import type { Signal, SignalState } from '../../core/incidents/signal.ts';

const base: Signal = {
  key: 'v1:x:Strategy=s1',
  source: 'fast',
  state: 'ALARM',
  atMs: 0,
  severity: 'critical',
  alarm: 'x',
  symptom: 'x',
  dimensions: { Strategy: 's1' },
  children: [],
  logLines: [],
  released: false,
};

const signal = (source: string, state: SignalState, atMs: number, changes: Partial<Signal> = {}): Signal => ({
  ...base,
  source,
  alarm: source,
  state,
  atMs,
  ...changes,
});

const fold = (signals: readonly Signal[]): Alert => signals.reduce((alert, next) => hear(alert, next).alert, emptyAlert(base.key));

/** The incident that these signals make, told to nobody. */
function incidentOf(signals: readonly Signal[]): Incident {
  const desk = createDesk(routingOfSeverities({ critical: [], warning: [], info: [] }));
  for (const each of signals) desk.hear(each, each.atMs);
  return desk.incident(base.key)!;
}

const stateOf = (incident: Incident): KeyState => ({ schemaVersion: 1, key: base.key, incident });

describe('incident life cycle', () => {
  it.each<readonly [string, readonly Signal[], string]>([
    ['opens with the first source', [signal('fast', 'ALARM', 1)], 'opened'],
    ['is joined by another', [signal('fast', 'ALARM', 1), signal('cw', 'ALARM', 2)], 'joined'],
    ['is not opened by a recovery', [signal('cw', 'OK', 1)], 'notOpen'],
    ['does not take returning data for a recovery', [signal('cw', 'OK', 1, { from: 'INSUFFICIENT_DATA' })], 'notRecovery'],
    ['stays open while one of two fires', [signal('fast', 'ALARM', 1), signal('cw', 'ALARM', 2), signal('fast', 'OK', 3)], 'sourceCleared'],
    [
      'is resolved when both have cleared',
      [signal('fast', 'ALARM', 1), signal('cw', 'ALARM', 2), signal('fast', 'OK', 3), signal('cw', 'OK', 4)],
      'allCleared',
    ],
    ['opens again', [signal('cw', 'ALARM', 1), signal('cw', 'OK', 2), signal('cw', 'ALARM', 3)], 'reopened'],
    ['ignores a delivery that came before', [signal('cw', 'ALARM', 1), signal('cw', 'ALARM', 1)], 'duplicate'],
    ['ignores what is older than the source’s last word', [signal('cw', 'OK', 5), signal('cw', 'ALARM', 1)], 'outdated'],
    ['stays open without data', [signal('cw', 'ALARM', 1), signal('cw', 'INSUFFICIENT_DATA', 2)], 'noData'],
    ['opens when an alarm cannot be judged and asks for a message', [signal('cw', 'INSUFFICIENT_DATA', 1)], 'noDataOpened'],
    ['rises with a graver source', [signal('cw', 'ALARM', 1, { severity: 'warning' }), signal('fast', 'ALARM', 2)], 'escalated'],
  ])('%s', (_name, signals, reason) => {
    const before = fold(signals.slice(0, -1));
    expect(hear(before, signals.at(-1)!).reason).toBe(reason);
  });

  it('ends in the same state however signals are repeated and reordered', () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 8 });
    const stories = times.chain(atMs =>
      fc.tuple(
        ...atMs.map(at =>
          fc
            .tuple(fc.constantFrom('fast', 'cw'), fc.constantFrom<SignalState>('ALARM', 'OK'))
            .map(([source, state]) => signal(source, state, at)),
        ),
      ),
    );
    fc.assert(
      fc.property(stories, fc.integer(), (signals, seed) => {
        const inOrder = [...signals].sort((a, b) => a.atMs - b.atMs);
        const shuffled = [...signals, ...signals].sort((a, b) => ((a.atMs * 7919 + seed) % 101) - ((b.atMs * 7919 + seed) % 101));
        const last = (alert: Alert) => Object.fromEntries(Object.entries(alert.sources).map(([source, { state: word }]) => [source, word]));
        expect(last(fold(shuffled))).toEqual(last(fold(inOrder)));
        const firing = Object.values(last(fold(inOrder))).includes('ALARM');
        expect(isFiring(fold(shuffled), 2_000)).toBe(firing);
        expect(isFiring(fold(inOrder), 2_000)).toBe(firing);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('is acknowledged once, and only while open', () => {
    const taken = acknowledge(stateOf(incidentOf([signal('cw', 'ALARM', 1)])), 'anna', 5);
    expect(taken.state.incident).toMatchObject({ status: 'acknowledged', acknowledgedAt: 5 });
    expect(acknowledge(taken.state, 'ben', 6).reason).toBe('alreadyAcknowledged');
    const over = incidentOf([signal('cw', 'ALARM', 1), signal('cw', 'OK', 2)]);
    expect(acknowledge(stateOf(over), 'anna', 5).reason).toBe('notOpen');
  });

  it('keeps the opening and the newest entries of a long timeline', () => {
    const flaps = Array.from({ length: 500 }, (_, i) => signal('other', i % 2 === 0 ? 'ALARM' : 'OK', i + 2));
    const { timeline } = incidentOf([signal('cw', 'ALARM', 1), ...flaps]);
    expect(timeline).toHaveLength(TIMELINE_LIMIT);
    expect(timeline[0]?.reason).toBe('opened');
    expect(timeline.at(-1)?.at).toBe(501);
  });
});

describe('duties', () => {
  const open = incidentOf([signal('cw', 'ALARM', 1)]);
  const channels = ['slack', 'pagerduty'];

  it('are to tell every channel of the route, until it was told', () => {
    expect(openDuties(open, channels).map(({ channel }) => channel)).toEqual(channels);
    const told = recordSends(open, [{ channel: 'slack', duty: 'trigger', ok: true, at: 5, detail: 'HTTP 200', notice: 1 }]);
    expect(openDuties(told, channels).map(({ channel }) => channel)).toEqual(['pagerduty']);
  });

  it('are to resolve only where it was told', () => {
    const told = recordSends(open, [
      { channel: 'slack', duty: 'trigger', ok: true, at: 5, detail: 'HTTP 200' },
      { channel: 'pagerduty', duty: 'trigger', ok: false, at: 5, detail: 'HTTP 400' },
    ]);
    expect(openDuties({ ...told, status: 'resolved' }, channels)).toEqual([{ channel: 'slack', duty: 'resolve' }]);
  });

  it('belong to who claimed them, until the claim is old', () => {
    const duties = openDuties(open, channels);
    const first = claim(open, duties, 1_000);
    expect(first.mine).toEqual(duties);
    expect(claim(first.incident, duties, 2_000).mine).toEqual([]);
    expect(claim(first.incident, duties, 1_000 + CLAIM_MS).mine).toEqual(duties);
  });

  it('are retried in a flush that is a little early, under a claim of now', () => {
    const failed = recordSends(open, [{ channel: 'slack', duty: 'trigger', ok: false, at: 1_500, detail: 'HTTP 500', notice: 1 }]);
    const early = claim(failed, openDuties(failed, ['slack']), 15_700, 16_500);
    expect(early.mine).toHaveLength(1);
    expect(early.incident.channels['slack']?.claimedAt).toBe(15_700);
    expect(claim(early.incident, openDuties(early.incident, ['slack']), 15_600, 16_500).mine, 'a clock a little behind').toEqual([]);
  });

  it('count a refused edit as shown, and go on', () => {
    const told = recordSends({ ...open, revision: 1 }, [{ channel: 'slack', duty: 'trigger', ok: true, at: 5, detail: 'ok', notice: 1 }]);
    expect(openDuties(told, ['slack'])).toEqual([{ channel: 'slack', duty: 'update' }]);
    const refused = recordSends(told, [
      { channel: 'slack', duty: 'update', ok: false, retry: 'never', at: 6, detail: 'HTTP 400', notice: 1, revision: 1 },
    ]);
    expect(openDuties(refused, ['slack'])).toEqual([]);
    expect(openDuties({ ...refused, notice: 2 }, ['slack'])).toEqual([{ channel: 'slack', duty: 'trigger' }]);
    expect(openDuties({ ...refused, status: 'resolved' }, ['slack'])).toEqual([{ channel: 'slack', duty: 'resolve' }]);
  });

  it('are free again some time after a failed send', () => {
    const claimed = claim(open, openDuties(open, ['slack']), 1_000).incident;
    const failed = recordSends(claimed, [{ channel: 'slack', duty: 'trigger', ok: false, at: 1_500, detail: 'HTTP 500' }]);
    expect(claim(failed, openDuties(failed, ['slack']), 1_600).mine).toEqual([]);
    expect(failed.dueAt).toBe(16_500);
    expect(claim(failed, openDuties(failed, ['slack']), 16_500).mine).toHaveLength(1);
  });
});
