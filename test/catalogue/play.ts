/** Plays an alarm's example series through the evaluator. */
import type { MetricAlarm } from '../../core/alarms/definition.ts';
import { evaluateHistory } from '../../core/alarms/evaluate-history.ts';
import { catalogueAlarms, rulesOf } from '../../core/catalogue/alarm-definitions.ts';
import { type CatalogueRow, catalogue } from '../../core/catalogue/index.ts';
import type { AlarmRule, Example } from '../../core/catalogue/metric.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { expandSeries } from '../../core/series/notation.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';

const start = Date.UTC(2026, 2, 9, 13, 30);

const exampleLimits = {
  positionQty: '10',
  positionSoftQty: '8',
  grossExposure: '100000',
  lossStreak: 8,
  ordersPerMinute: 100,
  orderAgeSeconds: 600,
  fillAgeSeconds: 3600,
};

const exampleProbe = {
  url: 'http://127.0.0.1:1/healthz',
  timeoutMs: 1_000,
  periodSeconds: 60,
  initialDelaySeconds: 0,
  failureThreshold: 3,
  successThreshold: 1,
};

/** One strategy with default limits and those of the examples where there is no default, every row published and every function deployed. */
export const config: NightdeskConfig = withEverything(discoverConfig([{ strategyId: 's1' }]));

function withEverything(plain: NightdeskConfig): NightdeskConfig {
  const bots = plain.bots.map(bot => ({
    ...bot,
    runsOn: { on: 'ec2' as const },
    probes: { liveness: exampleProbe },
    intake: { key: { secretName: 'nightdesk/demo/intake/s1' }, everything: false, requestsPerSecond: 10 },
    strategies: bot.strategies.map(strategy => ({ ...strategy, limits: { ...strategy.limits, ...exampleLimits } })),
  }));
  const limits = { dailyLoss: '10000', netExposure: '100000', grossExposure: '500000', positionQty: { ES: '10' } };
  const firm = { id: 'firm', kind: 'firm', strategies: ['s1'], currency: 'USD', rates: {}, rateMaxAgeSeconds: 60, limits } as const;
  return { ...plain, bots, groups: [firm], publish: catalogue.map(({ id }) => id) };
}

export interface ExampleCase {
  readonly row: CatalogueRow;
  readonly rule: AlarmRule;
  readonly definition: MetricAlarm;
}

/** One case per alarm of the catalogue: the metric alarm of its first series. */
export const cases: readonly ExampleCase[] = catalogue.flatMap(row =>
  rulesOf(row.metric).map(rule => {
    const found = catalogueAlarms(config).find(alarm => alarm.rule === rule && alarm.definition.kind === 'metric');
    if (found === undefined || found.definition.kind !== 'metric') throw new Error(`${rule.id} makes no metric alarm`);
    return { row, rule, definition: found.definition };
  }),
);

/** Whether the alarm is in ALARM at any evaluation from the first point's end to the last one's. */
export function fires(definition: MetricAlarm, example: Example): boolean {
  const store = createSeriesStore();
  const texts = typeof example === 'string' ? { value: example } : example;
  const period = definition.periodSeconds * 1000;
  let points = 0;
  for (const [id, text] of Object.entries(texts)) {
    const query = definition.queries.find(each => each.id === id);
    if (query === undefined || !('stat' in query)) throw new Error(`${definition.name} has no input "${id}"`);
    const expanded = expandSeries(text);
    if (!expanded.ok) throw new Error(`${definition.name}: "${text}" is no series`);
    points = Math.max(points, expanded.value.length);
    for (const [at, value] of expanded.value.entries()) {
      if (value === null) continue;
      const { namespace, metricName, dimensions, statistic } = query.stat;
      const samples = statistic === 'SampleCount' ? { values: [1], counts: [value] } : { values: [value] };
      store.put(namespace, metricName, dimensions, start + at * period, samples);
    }
  }
  const span = { fromMs: start + period, toMs: start + points * period + 1 };
  return evaluateHistory(definition, store, span).transitions.some(({ to }) => to === 'ALARM');
}
