import { describe, expect, it } from 'vitest';
import { alarmSetOfConfig } from '../../adapters/alarm-source.ts';
import type { AlarmSet } from '../../core/alarms/alarm-set.ts';
import type { AlarmDefinition, MetricAlarm } from '../../core/alarms/definition.ts';
import { evaluateHistory } from '../../core/alarms/evaluate-history.ts';
import { bindTest } from '../../core/alarms/unit-test/bind.ts';
import { alarmTestsSchema } from '../../core/alarms/unit-test/json-schema.ts';
import { parseTestFile } from '../../core/alarms/unit-test/parse-file.ts';
import { createPlay } from '../../core/alarms/unit-test/play.ts';
import { runTest } from '../../core/alarms/unit-test/run.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';

const config = discoverConfig([{ strategyId: 's1' }]);

function metric(name: string, changes: Partial<MetricAlarm> = {}): MetricAlarm {
  const stat = { namespace: 'Orders', metricName: name, dimensions: {}, statistic: 'Maximum', periodSeconds: changes.periodSeconds ?? 60 };
  return {
    kind: 'metric',
    name,
    actionsEnabled: true,
    alarmActions: ['arn:aws:sns:eu-west-1:1:pages'],
    okActions: [],
    insufficientDataActions: [],
    queries: [{ id: 'm1', stat, returnData: true }],
    periodSeconds: 60,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    operator: 'GreaterThanThreshold',
    threshold: 0,
    treatMissingData: 'missing',
    ...changes,
  };
}

const setOf = (alarms: readonly AlarmDefinition[], more: Partial<AlarmSet> = {}): AlarmSet => ({
  from: 'alarms.yaml',
  kind: 'template',
  alarms: alarms.map(definition => ({ definition, place: { file: 'alarms.yaml' } })),
  unusable: [],
  mutes: [],
  aliases: [],
  ...more,
});

/** Differences of a test that is written as in a file; empty when it passes. */
function differences(set: AlarmSet, body: string): string {
  const parsed = parseTestFile(`source: x\ntests:\n  - name: t\n    start: 2026-03-09T13:30:00Z\n${body}`, 'a.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const bound = bindTest(parsed.value.tests[0]!, set, 'a.yaml');
  if (!bound.ok) throw new Error(JSON.stringify(bound.error));
  return runTest(bound.value, set).diff ?? '';
}

describe('a test', () => {
  it('holds actions during a mute, and performs them when the mute ends in ALARM', () => {
    const mute = { name: 'closed', schedule: 'at(2026-03-09T13:30)', timeZone: 'UTC', durationMs: 600_000, alarms: ['late'] };
    const set = setOf([metric('late')], { mutes: [mute] });
    expect(
      differences(
        set,
        `    series: [{ metric: late, values: '0*5 1*10' }]
    expect:
      - { at: 9m, alarm: late, state: ALARM, notified: 0, route: [] }
      - { at: 10m, alarm: late, state: ALARM, notified: 1, route: [pages] }
      - { at: 15m, alarm: late, notified: 1 }
`,
      ),
    ).toBe('');
  });

  it('waits for a suppressor, and does not page at all under one', () => {
    const composite: AlarmDefinition = {
      ...metric('desk'),
      kind: 'composite',
      rule: 'ALARM(late)',
      suppressor: { alarm: 'maintenance', waitSeconds: 120, extensionSeconds: 60 },
    };
    const set = setOf([metric('late', { alarmActions: [] }), metric('maintenance', { alarmActions: [] }), composite]);
    const page = (maintenance: string, notified: number) =>
      differences(
        set,
        `    series: [{ metric: late, values: '0 1*5' }, { metric: maintenance, values: '${maintenance}' }]
    expect: [{ at: 3m, alarm: desk, state: ALARM, notified: 0 }, { at: 6m, alarm: desk, state: ALARM, notified: ${notified} }]
`,
      );
    expect(page('0*6', 1)).toBe('');
    expect(page('0*2 1*4', 0)).toBe('');
  });

  it('evaluates high-resolution alarms every ten seconds', () => {
    const set = setOf([metric('late', { periodSeconds: 10, evaluationPeriods: 3, datapointsToAlarm: 3 })]);
    expect(
      differences(
        set,
        `    period: 10
    series: [{ metric: late, values: '0*3 1*3' }]
    expect: [{ at: 50s, alarm: late, state: OK }, { at: 60s, alarm: late, state: ALARM, notified: 1 }]
`,
      ),
    ).toBe('');
  });

  it('leaves alarms without a history where they were created', () => {
    const both: AlarmDefinition = { ...metric('desk'), kind: 'composite', rule: 'ALARM(late) AND INSUFFICIENT_DATA(silent)' };
    const set = setOf([metric('late'), metric('silent', { treatMissingData: 'breaching' }), both]);
    expect(
      differences(
        set,
        `    series: [{ metric: late, values: '1*3' }]
    expect: [{ at: 3m, alarm: desk, state: ALARM }]
`,
      ),
    ).toBe('');
  });

  it('counts points where alarms only count, and gives percentiles their samples', () => {
    const counted = metric('orders', {
      queries: [
        {
          id: 'm1',
          stat: { namespace: 'Orders', metricName: 'orders', dimensions: {}, statistic: 'SampleCount', periodSeconds: 60 },
          returnData: true,
        },
      ],
      threshold: 10,
    });
    const percentile = metric('latency', {
      queries: [
        {
          id: 'm1',
          stat: { namespace: 'Orders', metricName: 'latency', dimensions: {}, statistic: 'p90', periodSeconds: 60 },
          returnData: true,
        },
      ],
      threshold: 500,
      evaluateLowSampleCountPercentile: 'ignore',
    });
    const set = setOf([counted, percentile]);
    const latency = (samples: number, state: string) =>
      differences(
        set,
        `    series: [{ metric: latency, values: '900*3', samples: ${samples} }]
    expect: [{ at: 3m, alarm: latency, state: ${state} }]
`,
      );
    expect(
      differences(
        set,
        `    series: [{ metric: orders, values: '10 11' }]
    expect: [{ at: 1m, alarm: orders, state: OK }, { at: 2m, alarm: orders, state: ALARM }]
`,
      ),
    ).toBe('');
    expect(latency(99, 'INSUFFICIENT_DATA')).toBe('');
    expect(latency(100, 'ALARM')).toBe('');
  });

  it('takes a service’s own metric by the catalogue’s name', () => {
    const set = alarmSetOfConfig(config, 'nightdesk.config.ts');
    const dead = set.aliases.find(({ metric: name }) => name === 'DeadLetters');
    if (dead === undefined) throw new Error('the catalogue watches dead letters no more');
    const [queue] = Object.values(dead.dimensions);
    const alarm = set.alarms.find(({ definition }) => definition.name.endsWith(`-${queue}`))!.definition;
    expect(
      differences(
        set,
        `    series: [{ metric: DeadLetters, dimensions: { Queue: ${queue} }, values: '0*3 7*10' }]
    expect: [{ at: 13m, alarm: ${alarm.name}, state: ALARM, notified: 1 }]
`,
      ),
    ).toBe('');
  });
});

it('plays an alarm to the same transitions as a backtest of it', () => {
  const alarm = metric('late', { evaluationPeriods: 3, datapointsToAlarm: 2, treatMissingData: 'missing' });
  const store = createSeriesStore();
  const startMs = Date.UTC(2026, 2, 9, 13, 30);
  const values = [0, 1, null, 1, 1, null, null, null, 0, 0, null, 1, 0, 1, 0, 0, 0, null, null, null, null, null, null, 1];
  for (const [at, value] of values.entries())
    if (value !== null) store.put('Orders', 'late', {}, startMs + at * 60_000, { values: [value] });
  const play = createPlay({ metrics: [alarm], composites: [], mutes: [], reader: store, startMs });
  const seen: string[] = [];
  let state = 'INSUFFICIENT_DATA';
  for (let minute = 1; minute <= values.length + 8; minute += 1) {
    play.until(startMs + minute * 60_000);
    const look = play.look('late')!;
    if (look.state !== state) seen.push(`${look.sinceMs} ${look.state} ${look.reason}`);
    state = look.state;
  }
  const span = { fromMs: startMs + 60_000, toMs: startMs + (values.length + 8) * 60_000 + 1 };
  const { transitions } = evaluateHistory(alarm, store, span);
  expect(seen).toEqual(transitions.map(({ atMs, to, reason }) => `${atMs} ${to} ${reason}`));
  expect(seen.length).toBeGreaterThan(4);
});

it('has a schema that knows exactly the keys that the parser knows', () => {
  const schema = alarmTestsSchema() as {
    readonly properties: object;
    readonly definitions: Record<string, { readonly properties: object }>;
  };
  expect(Object.keys(schema.properties)).toEqual(['source', 'period', 'parameters', 'tests']);
  const { test, series, expectation } = schema.definitions;
  expect(Object.keys(test!.properties)).toEqual(['name', 'start', 'period', 'series', 'expect']);
  expect(Object.keys(series!.properties)).toEqual(['metric', 'namespace', 'dimensions', 'values', 'period', 'samples']);
  expect(Object.keys(expectation!.properties)).toEqual(['at', 'alarm', 'state', 'reason', 'route', 'notified']);
});
