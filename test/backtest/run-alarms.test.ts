import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmDefinition, TreatMissingData } from '../../core/alarms/definition.ts';
import { evaluateHistory, readerAsOf } from '../../core/alarms/evaluate-history.ts';
import { evaluateMetricAlarm, newAlarm } from '../../core/alarms/metric-alarm.ts';
import { firingsOf, flapsOf, timeIn } from '../../core/backtest/firings.ts';
import type { BacktestHistory } from '../../core/backtest/history.ts';
import { nearMissesOf } from '../../core/backtest/near-misses.ts';
import { closureOf, type RunOptions, runAlarms } from '../../core/backtest/run-alarms.ts';
import { alarm, at, composite, historyOf, minute, startMs } from './history-of.ts';

const run = (definitions: readonly AlarmDefinition[], history: BacktestHistory, options?: RunOptions) => {
  const runs = runAlarms(definitions, history, options);
  return (name: string) => runs.get(name)!;
};

describe('a metric alarm over history', () => {
  it('fires with CloudWatch’s reason at the minute after the point', () => {
    const { transitions } = run([alarm('a', 'M')], historyOf({ M: '1*5 20 1*3' }))('a');
    expect(transitions.map(({ to, atMs }) => [to, (atMs - startMs) / minute])).toEqual([
      ['OK', 1],
      ['ALARM', 6],
      ['OK', 7],
    ]);
    expect(transitions[1]!.reason).toContain('1 out of the last 1 datapoints [20.0 (09/03/26 13:35:00)] was greater than the threshold');
  });

  it('is not judged before its first point while its window reaches back before the history', () => {
    const silent = alarm('a', 'M', { treatMissingData: 'breaching', evaluationPeriods: 3, datapointsToAlarm: 3 });
    const { transitions } = run([silent], historyOf({ M: '_*3 1*10' }))('a');
    expect(transitions.map(({ to }) => to)).toEqual(['OK']);
  });

  it('takes silence of a known metric as silence, once the window lies within the history', () => {
    const silent = alarm('a', 'M', { treatMissingData: 'breaching' });
    const { transitions } = run([silent], historyOf({ M: '_*20' }))('a');
    expect(transitions).toMatchObject([{ to: 'ALARM', atMs: at(3) }]);
  });

  it.each([
    ['of a metric that the source does not know', alarm('a', 'Other'), {}, 'the history holds no T Other'],
    [
      'of a shorter period than the history’s points',
      alarm('a', 'M'),
      { finestSeconds: 300 },
      'its period is 60 s and the history holds points of 300 s',
    ],
    [
      'with a band, where bands look ahead',
      alarm('a', 'M', { thresholdMetricId: 'b' }),
      { noBands: 'bands look ahead' },
      'bands look ahead',
    ],
    [
      'of a query',
      alarm('a', 'M', { queries: [{ id: 'q', expression: 'SELECT 1', returnData: true }] }),
      {},
      'it watches a query, not stored metrics',
    ],
  ])('is not replayed %s, and says so', (_, definition, more, why) => {
    const { skipped, transitions } = run([definition], historyOf({ M: '20*5' }, more))('a');
    expect({ skipped, transitions }).toEqual({ skipped: why, transitions: [] });
  });

  it('equals the live evaluator, minute by minute', () => {
    const point = fc.oneof(fc.constant('_'), fc.integer({ min: 0, max: 20 }).map(String));
    const treatment = fc.constantFrom<TreatMissingData>('missing', 'ignore', 'breaching', 'notBreaching');
    const shape = fc.record({
      m: fc.integer({ min: 1, max: 3 }),
      more: fc.integer({ min: 0, max: 2 }),
      period: fc.constantFrom(60, 120, 300),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 40 }), treatment, shape, (points, treatMissingData, { m, more, period }) => {
        const base = alarm('a', 'M', { treatMissingData, periodSeconds: period, datapointsToAlarm: m, evaluationPeriods: m + more });
        const queries = base.queries.map(query => ('stat' in query ? { ...query, stat: { ...query.stat, periodSeconds: period } } : query));
        const definition = { ...base, queries };
        const history = historyOf({ M: points.join(' ') });
        const live: unknown[] = [];
        let memory = newAlarm(startMs);
        let blind = true;
        for (let nowMs = at(1); nowMs <= history.toMs; nowMs += minute) {
          const reader = {
            read: (stat: Parameters<typeof history.read>[0], from: number, to: number) => history.read(stat, from, to, nowMs),
          };
          const evaluation = evaluateMetricAlarm(definition, reader, memory, nowMs);
          blind &&= nowMs < startMs + (m + more + 2) * period * 1000 && evaluation.points.every(({ value }) => value === null);
          if (blind) continue;
          memory = evaluation.memory;
          if (evaluation.transition !== undefined) live.push(evaluation.transition);
        }
        expect(run([definition], history)('a').transitions).toEqual(live);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

it('equals the live evaluator on shares of sums, as the catalogue writes them', () => {
  const point = fc.oneof(fc.constant('_'), fc.integer({ min: 0, max: 20 }).map(String));
  const series = fc.array(point, { minLength: 30, maxLength: 60 }).map(points => points.join(' '));
  const ofSum = (id: string, metricName: string) => ({
    id,
    stat: { namespace: 'T', metricName, dimensions: {}, statistic: 'Sum', periodSeconds: 120 },
    returnData: false,
  });
  const share = {
    id: 'value',
    expression: 'IF(FILL(acks, 0) + FILL(rejects, 0) >= 10, FILL(rejects, 0) / (FILL(acks, 0) + FILL(rejects, 0)), 0)',
    returnData: true,
  };
  const definition = alarm('a', 'A', {
    queries: [ofSum('acks', 'A'), ofSum('rejects', 'R'), share],
    periodSeconds: 120,
    threshold: 0.4,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    treatMissingData: 'missing',
  });
  fc.assert(
    fc.property(series, series, (acks, rejects) => {
      const history = historyOf({ A: acks, R: rejects });
      const live: unknown[] = [];
      let memory = newAlarm(startMs);
      for (let nowMs = at(20); nowMs <= history.toMs; nowMs += minute) {
        const evaluation = evaluateMetricAlarm(definition, readerAsOf(history, nowMs), memory, nowMs);
        memory = evaluation.memory;
        if (evaluation.transition !== undefined) live.push(evaluation.transition);
      }
      const span = { fromMs: at(20), toMs: history.toMs + 1 };
      expect(evaluateHistory(definition, history, span, newAlarm(startMs)).transitions).toEqual(live);
    }),
    { numRuns: 200, seed: 5 },
  );
});

describe('composites, suppressors and mutes', () => {
  const two = historyOf({ M: '1*3 20*12 1*20', S: '1*5 20*3 1*27' });
  const watched = composite('c', 'ALARM("a")');

  it('follow their children in the same minute', () => {
    const runs = run([watched, alarm('a', 'M')], two);
    expect(runs('c').transitions.map(({ to, atMs }) => [to, (atMs - startMs) / minute])).toEqual([
      ['OK', 1],
      ['ALARM', 4],
      ['OK', 16],
    ]);
    expect(runs('c').transitions[1]!.reason).toContain('a transitioned to ALARM');
  });

  it('hold their actions while the suppressor is in ALARM, and perform them when its extension ends', () => {
    const held = composite('c', 'ALARM("a")', { suppressor: { alarm: 's', waitSeconds: 180, extensionSeconds: 120 } });
    const runs = run([alarm('a', 'M'), alarm('s', 'S'), held], two);
    expect(runs('c').transitions.map(({ to }) => to)).toEqual(['OK', 'ALARM', 'OK']);
    expect(
      runs('c')
        .actions.filter(({ state }) => state === 'ALARM')
        .map(({ atMs }) => (atMs - startMs) / minute),
    ).toEqual([11]);
  });

  it('are silent under a mute, and page when it ends in ALARM', () => {
    const muteRules = [{ name: 'm', alarms: ['a'], schedule: 'cron(32 13 * * *)', timeZone: 'UTC', durationMs: 8 * minute }];
    const { actions, transitions } = run([alarm('a', 'M')], two, { muteRules })('a');
    expect(transitions.find(({ to }) => to === 'ALARM')!.atMs).toBe(at(4));
    expect(actions.filter(({ state }) => state === 'ALARM')).toMatchObject([{ atMs: at(10), released: true }]);
  });

  it('are not replayed when nothing that they watch is', () => {
    expect(run([alarm('a', 'Other'), watched], two)('c').skipped).toBe('none of the alarms that it watches is replayed');
  });

  it('have a closure of children and suppressors', () => {
    const held = composite('c', 'ALARM("a") OR ALARM("b")', { suppressor: { alarm: 's', waitSeconds: 0, extensionSeconds: 0 } });
    const all = [alarm('a', 'M'), alarm('b', 'M'), alarm('s', 'S'), alarm('x', 'M'), held];
    expect(closureOf('c', all).map(({ name }) => name)).toEqual(['a', 'b', 's', 'c']);
  });
});

describe('what transitions come to', () => {
  it('counts firings, time in ALARM and flaps', () => {
    const { transitions } = run([alarm('a', 'M')], historyOf({ M: '1*2 20*3 1*5 20*2 1*30 20*4' }))('a');
    const firings = firingsOf(transitions);
    expect(firings.map(({ fromMs, toMs }) => [(fromMs - startMs) / minute, toMs && (toMs - startMs) / minute])).toEqual([
      [3, 6],
      [11, 13],
      [43, undefined],
    ]);
    expect(timeIn(firings, at(46))).toBe(8 * minute);
    expect(flapsOf(firings)).toBe(1);
  });

  const near = (series: string, more = {}) => {
    const history = historyOf({ M: series });
    const definition = alarm('a', 'M', more);
    return nearMissesOf(definition, firingsOf(run([definition], history)('a').transitions), history, {}).map(({ fromMs, by }) => [
      (fromMs - startMs) / minute,
      by,
    ]);
  };

  it.each([
    ['a value within 10 % of the limit', '1*10 9.5 1*10', {}, [[11, 'limit']]],
    ['one breaching point short', '1*10 20*2 1*10', { datapointsToAlarm: 3, evaluationPeriods: 3 }, [[12, 'points']]],
    ['far from the limit', '1*10 8.9 1*10', {}, []],
    ['a real firing is no near miss', '1*10 9.5 20 9.5 1*10', {}, []],
    ['always near is no near miss but the usual', '9.5*30', {}, []],
  ])('near misses: %s', (_, series, more, expected) => {
    expect(near(series, more)).toEqual(expected);
  });
});
