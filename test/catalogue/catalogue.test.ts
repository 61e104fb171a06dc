import { describe, expect, it } from 'vitest';
import { catalogueAlarms, rulesOf } from '../../core/catalogue/alarm-definitions.ts';
import { metricsPerBot } from '../../core/catalogue/docs.ts';
import { catalogue, isMetricId, rowOf } from '../../core/catalogue/index.ts';
import { metricName } from '../../core/catalogue/names.ts';
import { compileFilterPattern } from '../../core/cloudwatch/filter-pattern.ts';
import { parsedMath } from '../../core/cloudwatch/metric-math.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { readDescription } from '../../core/incidents/description.ts';
import { config } from './play.ts';

const duplicatesOf = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);
const rules = catalogue.flatMap(row => rulesOf(row.metric).map(rule => ({ row, rule })));

describe('names', () => {
  it('are unique: metrics, alarm ids and alarm names', () => {
    expect(duplicatesOf(catalogue.map(({ id }) => metricName(id)))).toEqual([]);
    expect(duplicatesOf(rules.map(({ rule }) => rule.id))).toEqual([]);
    expect(duplicatesOf(catalogueAlarms(config).map(({ definition }) => definition.name))).toEqual([]);
  });

  it('of alarms are kebab-case and never end like the signal of another', () => {
    for (const { rule } of rules) expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)*(?<!-signal)$/);
  });
});

describe('cost', () => {
  it('stays at fifteen metrics in CloudWatch for a bot that asks for nothing more', () => {
    expect(metricsPerBot()).toBeLessThanOrEqual(15);
  });

  it('is what dimensions promise: every row with series per bot says how many', () => {
    for (const { metric } of catalogue) for (const expected of Object.values(metric.per)) expect(expected).toBeGreaterThan(0);
  });
});

describe('rows', () => {
  it.each(catalogue.map(row => [row.id, row] as const))('%s explains itself', (_, { metric }) => {
    for (const text of [metric.means, metric.definition, metric.formula, metric.interpretation]) expect(text.length).toBeGreaterThan(8);
    expect(metric.means).toMatch(/^[a-z]/);
    expect(metric.means).not.toMatch(/\.$/);
    expect(metric.audience.length).toBeGreaterThan(0);
    if (metric.watch.alarms === 'none') expect(metric.watch.because.length).toBeGreaterThan(10);
  });

  it('that are math read rows which are stored, with expressions that CloudWatch takes', () => {
    for (const { metric } of catalogue) {
      if (metric.source.from !== 'math') continue;
      expect(parsedMath(metric.source.expression).ok).toBe(true);
      for (const { metric: input } of Object.values(metric.source.inputs)) {
        expect(isMetricId(input) && rowOf(input).metric.storage).toBe('cloudwatch');
      }
    }
  });

  it('take percentiles only of what is never negative', () => {
    for (const { row, rule } of rules) if (/^p\d/.test(rule.statistic ?? row.metric.statistic)) expect(row.metric.unit).toBe('ms');
  });
});

describe('metric filters', () => {
  const filters = catalogue.flatMap(({ id, metric }) =>
    metric.source.from === 'metricFilter' ? [{ id, pattern: metric.source.pattern }] : [],
  );
  const matches = (pattern: string, line: unknown) => {
    const compiled = compileFilterPattern(pattern);
    return compiled.ok && compiled.value.matches(JSON.stringify(line));
  };

  it.each(filters)('of $id is a pattern of at most 1,024 characters', ({ pattern }) => {
    expect(compileFilterPattern(pattern).ok).toBe(true);
    expect(pattern.length).toBeLessThanOrEqual(1024);
  });

  it.each([
    ['heartbeatCount', { eventType: 'heartbeat', strategyId: 's1' }, true],
    ['heartbeatCount', { eventType: 'order', strategyId: 's1' }, false],
    ['rejectCount', { eventType: 'order', execType: 'rejected' }, true],
    ['rejectCount', { eventType: 'order', execType: 'new' }, false],
    ['errorCount', { level: 'ERROR', message: 'x' }, true],
    ['errorCount', { level: 50, msg: 'pino' }, true],
    ['errorCount', { eventType: 'error', severity: 'critical' }, true],
    ['errorCount', { levelname: 'CRITICAL', message: 'python' }, true],
    ['errorCount', { level: 'WARNING', message: 'x' }, false],
    ['criticalCount', { level: 'FATAL', message: 'x' }, true],
    ['criticalCount', { level: 'ERROR', message: 'x' }, false],
    ['warningCount', { level: 'warn', message: 'x' }, true],
  ] as const)('%s of %j: %s', (id, line, expected) => {
    expect(matches(filters.find(filter => filter.id === id)!.pattern, line)).toBe(expected);
  });
});

describe('alarms', () => {
  const alarms = catalogueAlarms(discoverConfig([{ strategyId: 's1' }, { strategyId: 's2' }]), {
    actions: severity => [`arn:${severity}`],
  });
  const named = (name: string) => alarms.find(({ definition }) => definition.name === name)!;

  it('have all five kinds', () => {
    expect(new Set(alarms.flatMap(({ rule }) => rule?.kind ?? []))).toEqual(
      new Set(['threshold', 'anomaly', 'health', 'errorCount', 'errorShare', 'heartbeat']),
    );
  });

  it('describe themselves in at most 1,024 characters, and the notifier reads them back', () => {
    for (const { definition, signal, alarmId, dimensions, severity } of alarms) {
      expect(definition.description!.length).toBeLessThanOrEqual(1024);
      if (signal) continue;
      const read = readDescription(definition.description);
      expect(read.machine).toMatchObject({ alarm: alarmId, dimensions, severity, runbook: `#${alarmId}` });
      expect(read.firstAction).toMatch(/\w/);
    }
  });

  it('act on the topic of their severity, when they fire and when they end', () => {
    expect(named('demo-session-loss-s1').definition).toMatchObject({ alarmActions: ['arn:critical'], okActions: ['arn:critical'] });
  });

  it('on silence count heartbeats in the log, without our functions', () => {
    expect(named('demo-heartbeat-missing-s1').definition).toMatchObject({
      periodSeconds: 60,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      operator: 'LessThanThreshold',
      threshold: 1,
      treatMissingData: 'breaching',
    });
  });

  it('that follow a dead bot page through a composite that its heartbeat holds back', () => {
    expect(named('demo-market-data-stale-signal-s1').definition).toMatchObject({ kind: 'metric', alarmActions: [] });
    expect(named('demo-market-data-stale-s1').definition).toMatchObject({
      kind: 'composite',
      rule: 'ALARM("demo-market-data-stale-signal-s1")',
      suppressor: { alarm: 'demo-heartbeat-missing-s1' },
      alarmActions: ['arn:critical'],
    });
  });

  it('tell a silent fleet from a silent bot', () => {
    expect(named('demo-fleet-silent-bots-1').definition).toMatchObject({
      rule: 'ALARM("demo-heartbeat-missing-s1") AND ALARM("demo-heartbeat-missing-s2")',
    });
  });

  it('on a position exist only where a limit is configured', () => {
    const limited = catalogueAlarms(config).map(({ definition }) => definition.name);
    expect(limited).toContain('demo-position-limit-s1');
    expect(alarms.map(({ definition }) => definition.name)).not.toContain('demo-position-limit-s1');
  });
});
