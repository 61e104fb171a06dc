import { describe, expect, it } from 'vitest';
import { verdictsOf } from '../../core/backtest/budget.ts';
import { compareWithHistory } from '../../core/backtest/check-history.ts';
import { compareRuns } from '../../core/backtest/compare.ts';
import { readIncidents } from '../../core/backtest/incident-list.ts';
import { judge } from '../../core/backtest/judge.ts';
import { foreignRoutes, pagesOf, pagingOf, worstWeekOf } from '../../core/backtest/pages.ts';
import { runAlarms } from '../../core/backtest/run-alarms.ts';
import { sweepLimits } from '../../core/backtest/sweep.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { alarm, at, composite, historyOf, minute } from './history-of.ts';

const day = 86_400_000;
const history = historyOf({ M: '1*20 20*5 1*60 15*3 1*60 12*2 1*20' });
const runs = runAlarms([alarm('demo-a', 'M')], history);

describe('incidents of people', () => {
  it('are read with start, end and alarms; without an end they last an hour', () => {
    const read = readIncidents([{ id: 'INC-7', start: '2026-03-09T13:30:00Z' }]);
    expect(read).toMatchObject({ ok: true, value: [{ id: 'INC-7', fromMs: at(0), toMs: at(60) }] });
  });

  it.each([
    ['no list', 5, 'must be a list of incidents, or have one under "incidents"'],
    ['no id', [{ start: '2026-03-09T13:30:00Z' }], 'incidents[0].id: must be a text'],
    [
      'a time without a zone',
      [{ id: 'x', start: '2026-03-09T13:30:00' }],
      'incidents[0].start: must be a time such as 2026-03-09T13:30:00Z; was "2026-03-09T13:30:00"',
    ],
    ['an unknown key', [{ id: 'x', begin: 1 }], 'incidents[0].begin: is not known; an incident has id, start, end, alarms, title'],
    [
      'an end before the start',
      [{ id: 'x', start: '2026-03-09T13:30:00Z', end: '2026-03-09T13:00:00Z' }],
      'incidents[0].end: must be after the start',
    ],
    [
      'the same id twice',
      [
        { id: 'x', start: '2026-03-09' },
        { id: 'x', start: '2026-03-09' },
      ],
      'incidents[1].id: "x" is there twice',
    ],
  ])('are refused with %s', (_, written, error) => {
    expect(readIncidents(written)).toEqual({ ok: false, error });
  });

  it('give precision, recall and time to catch', () => {
    const caught = { id: 'caught', fromMs: at(19), toMs: at(40) };
    const missed = { id: 'missed', fromMs: at(50), toMs: at(60) };
    const others = { id: 'others', fromMs: at(86), toMs: at(90), alarms: ['b'] };
    const judgement = judge(runs.values(), [caught, missed, others]);
    expect(judgement.incidents.map(({ incident, caught: yes, afterMs }) => [incident.id, yes, afterMs])).toEqual([
      ['caught', true, 2 * minute],
      ['missed', false, undefined],
      ['others', false, undefined],
    ]);
    expect(judgement).toMatchObject({ precision: 1 / 3, recall: 1 / 3, trueFirings: 1, medianAfterMs: 2 * minute });
    expect(judgement.falseFirings.map(({ firing }) => firing.fromMs)).toEqual([at(86), at(149)]);
  });
});

describe('another definition', () => {
  it('sweeps a limit, with its own among the points', () => {
    const sweep = sweepLimits('demo-a', [14, 18, 30], [alarm('demo-a', 'M')], history);
    expect(sweep!.points.map(({ limit, present, firings }) => [limit, present, firings.length])).toEqual([
      [10, true, 3],
      [14, false, 2],
      [18, false, 1],
      [30, false, 0],
    ]);
  });

  it('sweeps a composite by the limit of what it watches, and no band', () => {
    const above = composite('c', 'ALARM("demo-a")');
    expect(sweepLimits('c', [18], [alarm('demo-a', 'M'), above], history)!.points.map(({ firings }) => firings.length)).toEqual([3, 1]);
    const { threshold: _, ...band } = alarm('demo-a', 'M', { thresholdMetricId: 'b' });
    expect(sweepLimits('demo-a', [1], [band], history)).toBeUndefined();
  });

  it('is compared by words and by firings', () => {
    const other = runAlarms([alarm('demo-a', 'M', { threshold: 18 }), alarm('demo-new', 'M', { threshold: 11 })], history);
    expect(compareRuns(runs, other)).toMatchObject([
      { alarm: 'demo-a', change: 'changed', differences: ['threshold: 10 → 18'], kept: 1, newFirings: [], goneFirings: [{}, {}] },
      { alarm: 'demo-new', change: 'added', newFirings: [{}, {}, {}] },
    ]);
    expect(compareRuns(runs, runAlarms([alarm('demo-a', 'M')], history))).toEqual([]);
  });
});

describe('what people would have been told', () => {
  const described = (name: string, severity: string) =>
    alarm(name, 'M', {
      description: `A sentence.\nnightdesk {"v":1,"row":"r","alarm":"session-loss","severity":"${severity}","dimensions":{"Strategy":"s1"}}`,
    });
  const breach: FastBreach = {
    row: 'r',
    alarm: 'session-loss',
    dimensions: { Strategy: 's1' },
    state: 'ALARM',
    severity: 'critical',
    atMs: at(20),
    sinceMs: at(20),
    reason: 'The session has lost too much.',
  };
  const routes = { critical: ['slack', 'pagerduty'], warning: ['slack'], info: [] };

  it('joins both alert paths in one incident, and resolves when both have cleared', () => {
    const cleared: FastBreach = { ...breach, state: 'OK', atMs: at(40) };
    const fast = [
      { breach, saidAtMs: at(20) },
      { breach: cleared, saidAtMs: at(40) },
    ];
    const short = historyOf({ M: '1*20 20*5 1*30' });
    const { incidents, notifications } = pagesOf(runAlarms([described('demo-session-loss-s1', 'critical')], short).values(), fast, routes);
    expect(incidents).toMatchObject([
      { key: 'v1:session-loss:Strategy=s1', openedAtMs: at(20), resolvedAtMs: at(40), severity: 'critical' },
    ]);
    expect(notifications.map(({ atMs, channel, duty }) => [(atMs - at(0)) / minute, channel, duty])).toEqual([
      [20, 'slack', 'trigger'],
      [20, 'pagerduty', 'trigger'],
      [40, 'slack', 'resolve'],
      [40, 'pagerduty', 'resolve'],
    ]);
  });

  it('follows the routes of the severity', () => {
    const { notifications } = pagesOf(runAlarms([described('x', 'warning')], history).values(), [], routes);
    expect(new Set(notifications.map(({ channel }) => channel))).toEqual(new Set(['slack']));
    expect(pagesOf(runAlarms([described('x', 'info')], history).values(), [], routes).notifications).toEqual([]);
  });

  it('says nothing for alarms without actions, and one page each for other people’s', () => {
    const silent = alarm('demo-a', 'M', { alarmActions: [], okActions: [] });
    expect(pagesOf(runAlarms([silent], history).values(), [], foreignRoutes).notifications).toEqual([]);
    expect(pagingOf(pagesOf(runs.values(), [], foreignRoutes).incidents)).toHaveLength(3);
  });

  const page = (days: number) => ({ key: 'k', title: 't', severity: 'critical' as const, openedAtMs: at(0) + days * day, alarms: [] });

  it('counts the worst seven days, wherever they begin', () => {
    expect(worstWeekOf([page(0), page(6), page(6.9), page(7), page(20)])).toBe(3);
    expect(worstWeekOf([])).toBe(0);
  });

  it('keeps a noise budget', () => {
    const pages = [page(0), page(1)];
    const judgement = judge(runs.values(), [{ id: 'INC-7', fromMs: at(20), toMs: at(40) }]);
    expect(verdictsOf({ pagesPerWeek: 2, mustCatch: ['INC-7'] }, pages, judgement).map(({ ok }) => ok)).toEqual([true, true]);
    expect(verdictsOf({ pagesPerWeek: 1, mustCatch: ['INC-8'] }, pages, judgement)).toEqual([
      { ok: false, text: '2 pages within the worst seven days; the budget is 1' },
      { ok: false, text: 'INC-8 is not caught' },
    ]);
  });
});

describe('CloudWatch’s own alarm history', () => {
  const recorded = [
    { alarm: 'demo-a', to: 'OK' as const, atMs: at(1) },
    { alarm: 'demo-a', to: 'ALARM' as const, atMs: at(22) },
    { alarm: 'demo-a', to: 'OK' as const, atMs: at(27) },
    { alarm: 'demo-a', to: 'ALARM' as const, atMs: at(60), reason: 'a late point' },
    { alarm: 'somebody-else', to: 'ALARM' as const, atMs: at(22) },
  ];

  it('is compared change by change; each difference is named', () => {
    const { alarms, matched, differences } = compareWithHistory(runs.values(), recorded, history);
    expect({ alarms, matched }).toEqual({ alarms: 1, matched: 3 });
    expect(differences.map(({ kind, to, atMs }) => `${kind} ${to} ${isoFromMs(atMs).slice(11, 16)}`)).toEqual([
      'onlyRecorded ALARM 14:30',
      'onlyReplayed ALARM 14:56',
      'onlyReplayed OK 14:59',
      'onlyReplayed ALARM 15:59',
      'onlyReplayed OK 16:01',
    ]);
  });
});
