/** Writes unit tests for every alarm of a config, from the examples that its catalogue rows carry. Each written test passes. */
import type { CatalogueAlarm } from '../../catalogue/alarm-definitions.ts';
import { catalogueAlarms } from '../../catalogue/alarm-definitions.ts';
import { isMetricId, rowOf } from '../../catalogue/index.ts';
import { type Example, limitValue } from '../../catalogue/metric.ts';
import { metricName } from '../../catalogue/names.ts';
import { expandSeries } from '../../series/notation.ts';
import { isoFromMs } from '../../time/instant.ts';
import type { AlarmSet } from '../alarm-set.ts';
import type { Dimensions } from '../definition.ts';
import { bindTest } from './bind.ts';
import type { AlarmTest, TestSeries } from './parse-file.ts';
import { createPlay, type Play } from './play.ts';

interface WrittenSeries {
  readonly metric: string;
  readonly dimensions: Dimensions;
  readonly values: string;
}

interface WrittenTest {
  readonly name: string;
  readonly periodSeconds: number;
  readonly series: readonly WrittenSeries[];
  readonly expect: string;
}

/** A Monday afternoon on which New York's session opens. */
const START_MS = Date.UTC(2026, 2, 9, 13, 30);

export interface InitTests {
  /** The file. */
  readonly text: string;
  readonly tests: number;
  /** Alarms whose examples do not reach this config's limits; their tests are to be written by hand. */
  readonly without: readonly string[];
}

/** @param set the alarms of a config (`kind: 'config'`). @param sourcePath how the file names the config. */
export function initTests(set: AlarmSet, sourcePath: string): InitTests {
  const { config } = set;
  if (config === undefined) throw new RangeError('tests are written from the catalogue, which needs a config');
  const paging = catalogueAlarms(config).filter(({ signal }) => !signal);
  const written = paging.map(alarm => ({ alarm, tests: testsOf(alarm, set) }));
  const tests = written.flatMap(({ tests: own }) => own);
  return {
    text: `${[headOf(sourcePath), ...tests.map(testText)].join('\n')}\n`,
    tests: tests.length,
    without: written.filter(({ tests: own }) => own.length === 0).map(({ alarm }) => alarm.definition.name),
  };
}

function testsOf(alarm: CatalogueAlarm, set: AlarmSet): readonly WrittenTest[] {
  const { rule } = alarm;
  if (rule === undefined) return fleetTests(alarm, set);
  const name = nameOf(alarm, set);
  return [
    ...rule.fires.flatMap((example, at) => firing(`${name} fires${numbered(at, rule.fires.length)}`, alarm, scaled(example, alarm), set)),
    ...rule.quiet.flatMap((example, at) =>
      quiet(`${name} stays quiet${numbered(at, rule.quiet.length)}`, alarm, scaled(example, alarm), set),
    ),
  ];
}

const numbered = (at: number, of: number): string => (of === 1 ? '' : ` (${at + 1} of ${of})`);
const nameOf = ({ definition }: CatalogueAlarm, set: AlarmSet): string => definition.name.slice((set.config?.stage ?? '').length + 1);

/** Silence of all bots against silence of all but one. */
function fleetTests(alarm: CatalogueAlarm, set: AlarmSet): readonly WrittenTest[] {
  const bots = (set.config?.bots ?? []).filter(
    bot => alarm.definition.kind === 'composite' && alarm.definition.rule.includes(`-${bot.heartbeat.strategyId}"`),
  );
  const beats = (silentFrom: number) =>
    bots.map((bot, at) => ({
      metric: metricName('heartbeatCount'),
      dimensions: { Strategy: bot.heartbeat.strategyId },
      values: at < silentFrom ? '6*12' : '6*3 _*9',
    }));
  const name = nameOf(alarm, set);
  return [
    ...firing(`${name} fires when every bot is silent`, alarm, beats(0), set, 60),
    ...quiet(`${name} stays quiet while one bot beats`, alarm, beats(1), set, 60),
  ];
}

/** The example's series in this config's terms: metrics and dimensions of the row's inputs, values scaled to the alarm's own limit. */
function scaled(example: Example, { rule, row, dimensions, definition }: CatalogueAlarm): readonly WrittenSeries[] {
  if (row === undefined || rule === undefined) return [];
  const { source } = row.metric;
  if (source.from === 'math')
    return Object.entries(source.inputs).flatMap(([id, input]) => {
      const values = typeof example === 'string' ? undefined : example[id];
      if (values === undefined || !isMetricId(input.metric)) return [];
      return [{ metric: metricName(rowOf(input.metric).id), dimensions, values }];
    });
  const shown = rule.kind === 'anomaly' || 'value' in rule.limit ? undefined : limitValue(rule.limit);
  const actual = definition.kind === 'metric' ? definition.threshold : undefined;
  const factor = shown === undefined || actual === undefined || shown === 0 ? 1 : actual / shown;
  const text = typeof example === 'string' ? example : Object.values(example).join(' ');
  return [{ metric: metricName(row.id), dimensions, values: factor === 1 ? text : timesFactor(text, factor) }];
}

const timesFactor = (text: string, factor: number): string =>
  text
    .split(/\s+/)
    .map(part => {
      const [value = '', times] = part.split('*');
      const moved = value === '_' ? value : String(Number((Number(value) * factor).toPrecision(10)));
      return times === undefined ? moved : `${moved}*${times}`;
    })
    .join(' ');

const periodOf = (alarm: CatalogueAlarm, given: number | undefined): number => given ?? alarm.rule?.everySeconds ?? 60;

/** Minutes after the newest point in which a page that waits for its suppressor still comes. */
const WAIT_MINUTES = 4;

function firing(
  name: string,
  alarm: CatalogueAlarm,
  series: readonly WrittenSeries[],
  set: AlarmSet,
  period?: number,
): readonly WrittenTest[] {
  const periodSeconds = periodOf(alarm, period);
  const isFollower = alarm.definition.kind === 'composite' && alarm.definition.suppressor !== undefined;
  const lasting = isFollower ? series.map(each => ({ ...each, values: held(each.values, WAIT_MINUTES) })) : series;
  const started = playOf(alarm, lasting, periodSeconds, set);
  if (started === undefined) return [];
  const end = Math.max(...lasting.map(each => lengthOf(each.values))) * periodSeconds * 1000 + 60_000;
  const pages = set.config !== undefined && set.config.routes[alarm.severity].length > 0;
  let firedAt: string | undefined;
  for (let afterMs = 60_000; afterMs <= end; afterMs += 60_000) {
    started.until(START_MS + afterMs);
    const look = started.look(alarm.definition.name);
    if (look?.state !== 'ALARM') continue;
    firedAt ??= expectText(afterMs, alarm, set, 'state: ALARM');
    const { route } = look;
    if (!pages || look.pages === 0) continue;
    const told = `state: ALARM, route: [${route.join(', ')}], notified: 1`;
    return [{ name, periodSeconds, series: lasting, expect: expectText(afterMs, alarm, set, told) }];
  }
  return firedAt === undefined ? [] : [{ name, periodSeconds, series: lasting, expect: firedAt }];
}

function quiet(
  name: string,
  alarm: CatalogueAlarm,
  series: readonly WrittenSeries[],
  set: AlarmSet,
  period?: number,
): readonly WrittenTest[] {
  const periodSeconds = periodOf(alarm, period);
  const play = playOf(alarm, series, periodSeconds, set);
  if (play === undefined) return [];
  const afterMs = Math.max(...series.map(each => lengthOf(each.values))) * periodSeconds * 1000;
  for (let ms = 60_000; ms <= afterMs; ms += 60_000) {
    play.until(START_MS + ms);
    if (play.look(alarm.definition.name)?.state === 'ALARM') return [];
  }
  const look = play.look(alarm.definition.name);
  if (look === undefined || look.pages > 0) return [];
  return [{ name, periodSeconds, series, expect: expectText(afterMs, alarm, set, `state: ${look.state}, notified: 0`) }];
}

const expectText = (afterMs: number, alarm: CatalogueAlarm, set: AlarmSet, rest: string): string =>
  `{ at: ${durationText(afterMs)}, alarm: ${yamlText(nameOf(alarm, set))}, ${rest} }`;

function playOf(alarm: CatalogueAlarm, series: readonly WrittenSeries[], periodSeconds: number, set: AlarmSet): Play | undefined {
  const test: AlarmTest = {
    name: '',
    line: 1,
    startMs: START_MS,
    series: series.map(each => seriesOf(each, periodSeconds)),
    expect: [{ line: 1, at: '', atMs: START_MS, alarm: alarm.definition.name }],
  };
  const bound = bindTest(test, set, '');
  if (!bound.ok) return undefined;
  const { metrics, composites, store } = bound.value;
  return createPlay({ metrics, composites, mutes: set.mutes, reader: store, config: set.config, startMs: START_MS });
}

function seriesOf({ metric, dimensions, values }: WrittenSeries, periodSeconds: number): TestSeries {
  return { line: 1, metric, dimensions, points: pointsOf(values), periodSeconds, samples: 1 };
}

function pointsOf(values: string): readonly (number | null)[] {
  const points = expandSeries(values);
  if (!points.ok) throw new RangeError(points.error.message);
  return points.value;
}

const lengthOf = (values: string): number => pointsOf(values).length;

/** The series with its last point going on. */
function held(values: string, times: number): string {
  const last = pointsOf(values).at(-1) ?? null;
  return `${values} ${last ?? '_'}*${times}`;
}

const headOf = (sourcePath: string): string =>
  [
    '# yaml-language-server: $schema=node_modules/nightdesk/docs/alarm-tests.schema.json',
    '# Unit tests of alarms: nightdesk test FILE. Written from the examples of the metric catalogue; change them as you like.',
    `source: ${yamlText(sourcePath)}`,
    'tests:',
  ].join('\n');

function testText({ name, periodSeconds, series, expect }: WrittenTest): string {
  const lines = series.map(({ metric, dimensions, values }) => {
    const inside = Object.entries(dimensions).map(([key, value]) => `${key}: ${yamlText(value)}`);
    const where = inside.length === 0 ? '' : `, dimensions: { ${inside.join(', ')} }`;
    return `      - { metric: ${metric}${where}, values: '${values}' }`;
  });
  return [
    `  - name: ${yamlText(name)}`,
    `    start: ${isoFromMs(START_MS)}`,
    ...(periodSeconds === 60 ? [] : [`    period: ${periodSeconds}`]),
    '    series:',
    ...lines,
    `    expect: [${expect}]`,
  ].join('\n');
}

/** Plain where YAML allows it everywhere, else in quotes. */
const yamlText = (text: string): string => (/^[A-Za-z./][\w ./()-]*$/.test(text) && !/ #|: /.test(text) ? text : JSON.stringify(text));

function durationText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`;
}
