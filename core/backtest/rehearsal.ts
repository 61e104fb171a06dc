/** What has to be played so that one alarm fires: the failing example of its row, fitted to its own limit. */
import { watchedBy } from '../alarms/composite-alarm.ts';
import type { AlarmDefinition, MetricAlarm, MetricStat } from '../alarms/definition.ts';
import { evaluateHistory } from '../alarms/evaluate-history.ts';
import type { CatalogueAlarm } from '../catalogue/alarm-definitions.ts';
import { type AlarmRule, type Example, limitValue } from '../catalogue/metric.ts';
import { alarmNameOf } from '../cloudwatch/composite-rule.ts';
import { err, ok, type Result } from '../result.ts';
import { expandSeries } from '../series/notation.ts';
import { createSeriesStore, type SampleBatch } from '../series/series-store.ts';

/** One point a period from the start; null where there is none. */
export interface PlayedSeries {
  readonly stat: MetricStat;
  readonly points: readonly (number | null)[];
}

export interface Rehearsal {
  readonly series: readonly PlayedSeries[];
  /** The example in the notation of the catalogue, for people. */
  readonly played: readonly string[];
  /** Longest of the series, in seconds. */
  readonly seconds: number;
}

/** After its example a series goes on with its last point, so that what waits for a suppressor still finds the alarm firing. */
const TAIL_POINTS = 15;

/**
 * Series that make an alarm fire. A composite gets those of all that it watches; its suppressor gets a quiet series, since silence
 * would hold the page back.
 */
export function rehearsalOf(
  name: string,
  alarms: readonly CatalogueAlarm[],
  definitions: readonly AlarmDefinition[],
): Result<Rehearsal, string> {
  const byName = new Map(definitions.map(definition => [definition.name, definition]));
  const rules = new Map(alarms.map(({ definition, rule }) => [definition.name, rule]));
  const failing = new Set<string>();
  const healthy = new Set<string>();
  const collect = (next: string, into: Set<string>): void => {
    const definition = byName.get(next);
    if (definition === undefined) return;
    if (definition.kind === 'metric') {
      into.add(next);
      return;
    }
    if (definition.kind !== 'composite') return;
    for (const child of watchedBy(definition)) collect(child, into);
    if (definition.suppressor !== undefined) collect(alarmNameOf(definition.suppressor.alarm), healthy);
  };
  collect(name, failing);
  const series: PlayedSeries[] = [];
  const played: string[] = [];
  for (const one of failing) {
    const definition = byName.get(one) as MetricAlarm;
    const rule = rules.get(one);
    if (rule === undefined) return err(`${one} is not of the catalogue: there is no example to play`);
    const found = failingSeries(definition, rule);
    if (found === undefined) return err(`no example of ${one} fires at its limit of ${definition.threshold ?? 'a band'}`);
    series.push(...found.series);
    played.push(found.text);
  }
  const seconds = Math.max(0, ...series.map(({ points, stat }) => points.length * stat.periodSeconds));
  for (const one of healthy) {
    const definition = byName.get(one) as MetricAlarm;
    const rule = rules.get(one);
    if (!failing.has(one) && rule !== undefined) series.push(...quietSeries(definition, rule, seconds));
  }
  return ok({ series, played, seconds });
}

/** A sample as the statistic wants it: counts are played as that many samples. */
export const samplesOf = ({ statistic }: MetricStat, value: number): SampleBatch =>
  statistic === 'SampleCount' ? { values: [1], counts: [value] } : { values: [value] };

interface Found {
  readonly series: readonly PlayedSeries[];
  readonly text: string;
}

/** The first example that makes the alarm fire at its own limit: as it is written, or scaled from the limit that examples mean. */
function failingSeries(definition: MetricAlarm, rule: AlarmRule): Found | undefined {
  const meant = rule.kind === 'anomaly' ? undefined : limitValue(rule.limit);
  const own = definition.threshold;
  const factor = meant === undefined || own === undefined || meant === 0 ? 1 : own / meant;
  for (const example of rule.fires) {
    for (const scale of new Set([factor, 1])) {
      const series = played(definition, example, scale, TAIL_POINTS);
      if (!doesFire(definition, series)) continue;
      const text = typeof example === 'string' ? example : JSON.stringify(example);
      return { series, text: scale === 1 ? text : `(${text}) × ${scale}` };
    }
  }
  return undefined;
}

function quietSeries(definition: MetricAlarm, rule: AlarmRule, seconds: number): readonly PlayedSeries[] {
  const points = Math.ceil(seconds / definition.periodSeconds) + TAIL_POINTS;
  return played(definition, rule.quiet[0], 1, 0).map(({ stat, points: [first] }) => ({
    stat,
    points: Array.from({ length: points }, () => first ?? null),
  }));
}

function played(definition: MetricAlarm, example: Example, scale: number, tail: number): readonly PlayedSeries[] {
  const texts = typeof example === 'string' ? { value: example } : example;
  return Object.entries(texts).flatMap(([id, text]) => {
    // A template names the only metric of an alarm as it likes.
    const query = definition.queries.find(each => each.id === id) ?? definition.queries.find(each => 'stat' in each);
    const expanded = expandSeries(text);
    if (query === undefined || !('stat' in query) || !expanded.ok) return [];
    const last = expanded.value.at(-1) ?? null;
    const points = [...expanded.value, ...Array.from({ length: tail }, () => last)];
    return [{ stat: query.stat, points: points.map(value => (value === null ? null : value * scale)) }];
  });
}

function doesFire(definition: MetricAlarm, series: readonly PlayedSeries[]): boolean {
  const store = createSeriesStore();
  const periodMs = definition.periodSeconds * 1000;
  // A whole day, so that windows of any length lie on the grid.
  const startMs = 86_400_000;
  for (const { stat, points } of series) {
    for (const [at, value] of points.entries()) {
      if (value !== null) store.put(stat.namespace, stat.metricName, stat.dimensions, startMs + at * periodMs, samplesOf(stat, value));
    }
  }
  const length = Math.max(0, ...series.map(({ points }) => points.length));
  const span = { fromMs: startMs + periodMs, toMs: startMs + length * periodMs + 1 };
  return evaluateHistory(definition, store, span).transitions.some(({ to }) => to === 'ALARM');
}
