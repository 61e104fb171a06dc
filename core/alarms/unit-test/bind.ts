import { catalogue } from '../../catalogue/index.ts';
import { metricName, namespaceOf } from '../../catalogue/names.ts';
import { alarmNameOf } from '../../cloudwatch/composite-rule.ts';
import { err, ok, type Result } from '../../result.ts';
import { createSeriesStore, type MetricIdentity, metricKey, type SeriesStore } from '../../series/series-store.ts';
import { type AlarmSet, findAlarm, findUnusable, type SourceProblem, stageOf } from '../alarm-set.ts';
import { watchedBy } from '../composite-alarm.ts';
import type { AlarmDefinition, CompositeAlarm, MetricAlarm, MetricStat } from '../definition.ts';
import type { AlarmTest, Expectation, TestSeries } from './parse-file.ts';

/** A test whose names have become alarms and metrics. */
export interface BoundTest {
  readonly test: AlarmTest;
  readonly expect: readonly { readonly expectation: Expectation; readonly alarm: AlarmDefinition }[];
  /** Alarms that the expectations depend on and that have a history. */
  readonly metrics: readonly MetricAlarm[];
  readonly composites: readonly CompositeAlarm[];
  readonly store: SeriesStore;
}

/** Binds a test's names to the alarms of a source: everything that is unknown comes back with its line in the test file. */
export function bindTest(test: AlarmTest, set: AlarmSet, file: string): Result<BoundTest, readonly SourceProblem[]> {
  const problems: SourceProblem[] = [];
  const report = (line: number, message: string): void => {
    problems.push({ file, line, message });
  };
  const expect = test.expect.flatMap(expectation => {
    const alarm = findAlarm(set, expectation.alarm)?.definition;
    if (alarm !== undefined) return [{ expectation, alarm }];
    const broken = findUnusable(set, expectation.alarm);
    if (broken !== undefined) problems.push(broken);
    else report(expectation.line, unknownAlarm(expectation.alarm, set));
    return [];
  });
  const needed = closure(
    expect.map(({ alarm }) => alarm),
    set,
    problem => problems.push(problem),
  );
  // A series of an alarm that cannot be read would only repeat the problem.
  if (problems.length > 0) return err(distinct(problems));
  const store = createSeriesStore();
  const counted = countedMetrics(needed);
  for (const series of test.series) {
    const identity = identityOf(series, set);
    if (typeof identity === 'string') report(series.line, identity);
    else fill(store, identity, series, test.startMs, counted.has(metricKey(identity.namespace, identity.metricName, identity.dimensions)));
  }
  const given = new Set(
    test.series.flatMap(series => {
      const identity = identityOf(series, set);
      return typeof identity === 'string' ? [] : [metricKey(identity.namespace, identity.metricName, identity.dimensions)];
    }),
  );
  const metrics = needed.filter(alarm => alarm.kind === 'metric').filter(alarm => statsOf(alarm).some(stat => given.has(keyOf(stat))));
  const composites = needed.filter(alarm => alarm.kind === 'composite');
  if (problems.length === 0)
    for (const { expectation, alarm } of expect) {
      if (alarm.kind === 'log') {
        report(expectation.line, `${alarm.name} is a log alarm: it reads log lines, and a test has series`);
        continue;
      }
      if (closure([alarm], set, () => undefined).some(each => metrics.some(({ name }) => name === each.name))) continue;
      report(expectation.line, `no history for ${alarm.name}: no series of this test is among its metrics (${readsOf(alarm, set)})`);
    }
  return problems.length > 0 ? err(distinct(problems)) : ok({ test, expect, metrics, composites, store });
}

const keyOf = (stat: MetricStat): string => metricKey(stat.namespace, stat.metricName, stat.dimensions);

const statsOf = (alarm: AlarmDefinition): readonly MetricStat[] =>
  alarm.kind === 'metric' ? alarm.queries.flatMap(query => ('stat' in query ? [query.stat] : [])) : [];

/** The alarms with everything below them and their suppressors, each once. */
function closure(roots: readonly AlarmDefinition[], set: AlarmSet, onBroken: (problem: SourceProblem) => void): readonly AlarmDefinition[] {
  const found = new Map<string, AlarmDefinition>();
  const visit = (alarm: AlarmDefinition): void => {
    if (found.has(alarm.name)) return;
    found.set(alarm.name, alarm);
    if (alarm.kind !== 'composite') return;
    const below = [...watchedBy(alarm), ...(alarm.suppressor === undefined ? [] : [alarmNameOf(alarm.suppressor.alarm)])];
    for (const name of below) {
      const child = set.alarms.find(({ definition }) => definition.name === name);
      const broken = child === undefined ? findUnusable(set, name) : undefined;
      if (child !== undefined) visit(child.definition);
      else if (broken !== undefined) onBroken(broken);
    }
  };
  roots.forEach(visit);
  return [...found.values()];
}

/** Metrics that the alarms only count: there a point is a number of samples. */
function countedMetrics(alarms: readonly AlarmDefinition[]): ReadonlySet<string> {
  const stats = alarms.flatMap(statsOf);
  const valued = new Set(stats.filter(({ statistic }) => statistic !== 'SampleCount').map(keyOf));
  return new Set(stats.map(keyOf).filter(key => !valued.has(key)));
}

function fill(store: SeriesStore, identity: MetricIdentity, series: TestSeries, startMs: number, counted: boolean): void {
  const periodMs = series.periodSeconds * 1000;
  for (const [at, value] of series.points.entries()) {
    if (value === null) continue;
    const samples = counted ? { values: [1], counts: [value] } : { values: [value], counts: [series.samples] };
    const resolution = series.periodSeconds < 60 ? { storageResolution: 1 as const } : {};
    store.put(identity.namespace, identity.metricName, identity.dimensions, startMs + at * periodMs, { ...samples, ...resolution });
  }
}

/** The metric that a series is about, or why there is none. */
function identityOf(series: TestSeries, set: AlarmSet): MetricIdentity | string {
  const { dimensions } = series;
  const alias = set.aliases.find(each => each.metric === pascal(series.metric) && isSame(each.dimensions, dimensions));
  if (alias !== undefined) return alias.identity;
  const read = set.alarms.flatMap(({ definition }) => statsOf(definition));
  const named = read.filter(stat => isNamed(stat, series));
  const exact = named.filter(stat => isSame(stat.dimensions, dimensions));
  const namespaces = new Set(exact.map(({ namespace }) => namespace));
  if (namespaces.size > 1)
    return `metric "${series.metric}" is in several namespaces (${[...namespaces].join(', ')}); add one as "namespace"`;
  const stat = exact[0];
  if (stat !== undefined) return stat;
  if (named.length > 0) return `no alarm of ${set.from} reads ${series.metric} with ${show(dimensions)}; there is ${known(named)}`;
  const stage = stageOf(set);
  const row = catalogue.find(({ id }) => metricName(id) === pascal(series.metric));
  // A metric of the catalogue that no alarm watches can do no harm.
  if (row !== undefined && stage !== undefined) return { namespace: namespaceOf(stage), metricName: metricName(row.id), dimensions };
  const all = [...new Set(read.map(({ metricName: name }) => name))];
  return `no alarm of ${set.from} reads a metric "${series.metric}"${suggestion(series.metric, all)}`;
}

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function isNamed(stat: MetricStat, { metric, namespace }: TestSeries): boolean {
  if (namespace !== undefined) return stat.namespace === namespace && stat.metricName === metric;
  const full = ['/', ' ', ':'].map(separator => `${stat.namespace}${separator}${stat.metricName}`);
  const ours = stat.namespace.startsWith('Nightdesk/') && stat.metricName === pascal(metric);
  return stat.metricName === metric || ours || full.includes(metric);
}

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  metricKey('', '', a) === metricKey('', '', b);

const show = (dimensions: Readonly<Record<string, string>>): string =>
  Object.keys(dimensions).length === 0
    ? 'no dimensions'
    : Object.entries(dimensions)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ');

const known = (stats: readonly MetricStat[]): string => [...new Set(stats.map(stat => show(stat.dimensions)))].slice(0, 5).join(' | ');

const readsOf = (alarm: AlarmDefinition, set: AlarmSet): string =>
  closure([alarm], set, () => undefined)
    .flatMap(statsOf)
    .map(stat => `${stat.namespace}/${stat.metricName} with ${show(stat.dimensions)}`)
    .slice(0, 3)
    .join('; ') || 'it watches no metric';

function unknownAlarm(name: string, set: AlarmSet): string {
  const names = set.alarms.map(({ definition }) => definition.name);
  if (names.length === 0) return `unknown alarm "${name}": ${set.from} has no alarms`;
  return `unknown alarm "${name}": ${set.from} has none of that name${suggestion(name, names)}`;
}

/** `; did you mean "x"?` for the nearest name, when one is near. */
export function suggestion(name: string, names: readonly string[]): string {
  const near = names
    .map(each => ({ each, distance: each.endsWith(`-${name}`) ? 0 : editDistance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near !== undefined && near.distance <= Math.max(8, name.length / 2) ? `; did you mean "${near.each}"?` : '';
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let at = 1; at <= b.length; at += 1) {
      const swap = (before[at - 1] ?? 0) + (a[row - 1] === b[at - 1] ? 0 : 1);
      line.push(Math.min(swap, (before[at] ?? 0) + 1, (line[at - 1] ?? 0) + 1));
    }
    before = line;
  }
  return before[b.length] ?? 0;
}

function distinct(problems: readonly SourceProblem[]): readonly SourceProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ file, line, message }) => {
    const key = `${file}:${line}:${message}`;
    const known = seen.has(key);
    seen.add(key);
    return !known;
  });
}
