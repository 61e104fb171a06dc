/** Rows and config become alarms in CloudWatch's own terms: what the template says and what the evaluator judges. */
import type { AlarmDefinition, ComparisonOperator, CompositeAlarm, Dimensions, MetricAlarm, MetricQuery } from '../alarms/definition.ts';
import type { BotConfig, NightdeskConfig, Severity } from '../config/types.ts';
import { botGroups } from './groups.ts';
import { hostDimensions } from './host-metrics.ts';
import { type CatalogueRow, catalogue, isMetricId, rowOf } from './index.ts';
import type { AlarmRule, AwsResources, Metric } from './metric.ts';
import { alarmAnchor, alarmName, httpApiName, metricName, namespaceOf, signalAlarmId } from './names.ts';
import { fleetSilentSentence, sentenceOf } from './sentences.ts';
import { isPublished, limitOf, type MetricSeries, seriesOf } from './series.ts';

/**
 * How long a follower waits for the heartbeat alarm to claim it, and how long it stays quiet after the bot is back. The quickest follower
 * (a stale feed, two minutes) fires two minutes before the silence does (two of two with two more periods in range, then one evaluation);
 * a minute more lets the two transitions arrive in either order.
 */
const SUPPRESSION_SECONDS = 180;

/** An alarm with where it came from. Exactly the ones that page have actions. */
export interface CatalogueAlarm {
  readonly definition: AlarmDefinition;
  readonly alarmId: string;
  readonly dimensions: Dimensions;
  readonly severity: Severity;
  readonly sentence: string;
  /** Absent for composites over several rows. */
  readonly row?: CatalogueRow;
  readonly rule?: AlarmRule;
  /** The group whose stack holds it; absent for alarms of the whole stage. */
  readonly group?: string;
  /** A metric alarm that only feeds the composite of the same alarm id. */
  readonly signal: boolean;
}

/** What only the deployment knows; the defaults serve tests and readers. */
export interface AlarmSurroundings {
  /** ARNs of the actions of a severity. Default: none. */
  readonly actions?: (severity: Severity) => readonly string[];
  /** Physical name of a function or queue, or the id of the HTTP API. Default: its catalogue name. */
  readonly physicalName?: (kind: OwnResource, name: string) => string;
}

/** All alarms of a config, rows in catalogue order, then composites over several. */
export function catalogueAlarms(config: NightdeskConfig, around: AlarmSurroundings = {}): readonly CatalogueAlarm[] {
  const alarms = catalogue
    .filter(row => isPublished(row, config))
    .flatMap(row =>
      rulesOf(row.metric).flatMap(rule => seriesOf(row, config).flatMap(series => alarmsOf(row, rule, series, config, around))),
    );
  return [...alarms, ...fleetAlarms(config, around)];
}

/** The definitions alone, for the evaluator. */
export const alarmDefinitions = (config: NightdeskConfig, around: AlarmSurroundings = {}): readonly AlarmDefinition[] =>
  catalogueAlarms(config, around).map(({ definition }) => definition);

/** Alarms of the catalogue, and the limit that only the fast path judges: a position limit is a quantity of an instrument. */
export const isAlarmId = (id: string): boolean =>
  id === 'position-limit' || catalogue.some(({ metric }) => rulesOf(metric).some(rule => rule.id === id));

/** Those that are about one bot, or one strategy of it. */
export const isBotAlarm = (id: string): boolean =>
  catalogue.some(
    ({ metric }) => (metric.per.Bot !== undefined || metric.per.Strategy !== undefined) && rulesOf(metric).some(rule => rule.id === id),
  );

export const rulesOf = ({ watch }: Metric): readonly AlarmRule[] => (watch.alarms === 'none' ? [] : watch.alarms);

function alarmsOf(
  row: CatalogueRow,
  rule: AlarmRule,
  series: MetricSeries,
  config: NightdeskConfig,
  around: AlarmSurroundings,
): readonly CatalogueAlarm[] {
  const { stage } = config;
  const { dimensions } = series;
  if (rule.kind !== 'anomaly' && limitOf(rule.limit, series) === undefined) return [];
  const group = series.bot === undefined ? undefined : groupOf(series.bot, config);
  const sentence = sentenceOf(row, rule, series);
  const common = {
    alarmId: rule.id,
    dimensions,
    severity: rule.severity,
    sentence,
    row,
    rule,
    ...(group === undefined ? {} : { group }),
  };
  const described = describe({ row: row.id, alarm: rule.id, severity: rule.severity, dimensions, sentence, first: rule.first });
  const paging = { ...actionsOf(rule.severity, around), description: described };
  if (rule.follows === undefined || series.bot === undefined) {
    const definition = metricAlarm(alarmName(stage, rule.id, dimensions), paging, { row, rule, series, config, around });
    return [{ ...common, definition, signal: false }];
  }
  const signalName = alarmName(stage, signalAlarmId(rule.id), dimensions);
  const leader = alarmName(stage, rule.follows, { Strategy: series.bot.heartbeat.strategyId });
  const silent = { ...noActions, description: `${sentence}\nPages through ${alarmName(stage, rule.id, dimensions)}.` };
  const composite: CompositeAlarm = {
    kind: 'composite',
    name: alarmName(stage, rule.id, dimensions),
    ...paging,
    rule: `ALARM("${signalName}")`,
    suppressor: { alarm: leader, waitSeconds: SUPPRESSION_SECONDS, extensionSeconds: SUPPRESSION_SECONDS },
  };
  return [
    { ...common, definition: metricAlarm(signalName, silent, { row, rule, series, config, around }), signal: true },
    { ...common, definition: composite, signal: false },
  ];
}

/** Silence of everything is told apart from silence of one: then our telemetry, the network or the account is the suspect. */
function fleetAlarms(config: NightdeskConfig, around: AlarmSurroundings): readonly CatalogueAlarm[] {
  return botGroups(config)
    .filter(({ bots }) => bots.length > 1)
    .map(({ name, bots }) => {
      const dimensions = { Group: name };
      const alarmId = 'fleet-silent';
      const severity: Severity = 'critical';
      const sentence = fleetSilentSentence(name, bots);
      const children = bots.map(bot => alarmName(config.stage, 'heartbeat-missing', { Strategy: bot.heartbeat.strategyId }));
      const first = 'Check the network and the logs’ delivery before you touch any bot; then the open positions at the venue.';
      return {
        alarmId,
        dimensions,
        severity,
        sentence,
        group: name,
        signal: false,
        definition: {
          kind: 'composite',
          name: alarmName(config.stage, alarmId, dimensions),
          ...actionsOf(severity, around),
          description: describe({ row: 'heartbeatCount', alarm: alarmId, severity, dimensions, sentence, first }),
          rule: children.map(child => `ALARM("${child}")`).join(' AND '),
        },
      };
    });
}

const noActions = { actionsEnabled: true, alarmActions: [], okActions: [], insufficientDataActions: [] } as const;

function actionsOf(severity: Severity, around: AlarmSurroundings) {
  const actions = around.actions?.(severity) ?? [];
  return { ...noActions, alarmActions: actions, okActions: actions };
}

const groupOf = (bot: BotConfig, config: NightdeskConfig): string | undefined =>
  botGroups(config).find(({ bots }) => bots.some(({ id }) => id === bot.id))?.name;

interface Told {
  readonly row: string;
  readonly alarm: string;
  readonly severity: Severity;
  readonly dimensions: Dimensions;
  readonly sentence: string;
  readonly first: string;
}

/** CloudWatch allows 1,024 characters; the machine line is never the part that is cut. */
const DESCRIPTION_LIMIT = 1024;

function describe({ sentence, first, row, alarm, severity, dimensions }: Told): string {
  const machine = `nightdesk ${JSON.stringify({ v: 1, row, alarm, severity, dimensions, runbook: alarmAnchor(alarm) })}`;
  const prose = `${sentence}\nFirst: ${first}`;
  const room = DESCRIPTION_LIMIT - machine.length - 1;
  return `${prose.length <= room ? prose : `${prose.slice(0, room - 1)}…`}\n${machine}`;
}

interface Watched {
  readonly row: CatalogueRow;
  readonly rule: AlarmRule;
  readonly series: MetricSeries;
  readonly config: NightdeskConfig;
  readonly around: AlarmSurroundings;
}

function metricAlarm(
  name: string,
  base: Pick<MetricAlarm, 'description' | 'actionsEnabled' | 'alarmActions' | 'okActions' | 'insufficientDataActions'>,
  watched: Watched,
): MetricAlarm {
  const { rule, series } = watched;
  const [datapointsToAlarm, evaluationPeriods] = rule.held;
  const threshold = rule.kind === 'anomaly' ? undefined : limitOf(rule.limit, series);
  return {
    kind: 'metric',
    name,
    ...base,
    queries: queriesOf(watched),
    periodSeconds: rule.everySeconds,
    evaluationPeriods,
    datapointsToAlarm,
    operator: operatorOf(rule),
    treatMissingData: rule.silence,
    ...(rule.kind === 'anomaly' ? { thresholdMetricId: 'band' } : {}),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

const operatorOf = (rule: AlarmRule): ComparisonOperator => (rule.kind === 'anomaly' ? bandOperators : staticOperators)[rule.is];

const staticOperators: Readonly<Record<AlarmRule['is'], ComparisonOperator>> = {
  above: 'GreaterThanThreshold',
  below: 'LessThanThreshold',
  /** Only a band has two sides; the type of a row with a limit does not allow it. */
  outside: 'LessThanLowerOrGreaterThanUpperThreshold',
};

const bandOperators: Readonly<Record<AlarmRule['is'], ComparisonOperator>> = {
  above: 'GreaterThanUpperThreshold',
  below: 'LessThanLowerThreshold',
  outside: 'LessThanLowerOrGreaterThanUpperThreshold',
};

function queriesOf(watched: Watched): readonly MetricQuery[] {
  const { row, rule, config, series, around } = watched;
  const source = row.metric.source;
  if (source.from === 'math') {
    const inputs = Object.entries(source.inputs).map(([id, input]): MetricQuery => {
      if (!isMetricId(input.metric)) throw new RangeError(`${row.id}: input ${id} names no metric: ${input.metric}`);
      const stat = metricStat(
        rowOf(input.metric),
        series,
        { statistic: input.statistic, periodSeconds: rule.everySeconds },
        config,
        around,
      );
      return { id, stat, returnData: false };
    });
    return [...inputs, { id: 'value', expression: source.expression, returnData: true, label: row.metric.title }];
  }
  const stat = metricStat(
    row,
    series,
    { statistic: rule.statistic ?? row.metric.statistic, periodSeconds: rule.everySeconds },
    config,
    around,
  );
  if (rule.kind !== 'anomaly') return [{ id: 'value', stat, returnData: true }];
  return [
    { id: 'value', stat, returnData: true },
    { id: 'band', expression: `ANOMALY_DETECTION_BAND(value, ${rule.deviations})`, returnData: true, label: 'usual range' },
  ];
}

type OwnResource = Exclude<AwsResources['kind'], 'bots'>;

const physicalDimension: Readonly<Record<OwnResource, string>> = {
  functions: 'FunctionName',
  queues: 'QueueName',
  api: 'ApiId',
};

/** The stored metric behind one series of a row. A service's own metric carries its physical name as dimension. */
export function metricStat(
  row: CatalogueRow,
  { dimensions, bot }: MetricSeries,
  { statistic, periodSeconds }: { readonly statistic: string; readonly periodSeconds: number },
  config: Pick<NightdeskConfig, 'stage'>,
  around: AlarmSurroundings = {},
) {
  const source = row.metric.source;
  if (source.from !== 'aws')
    return { namespace: namespaceOf(config.stage), metricName: metricName(row.id), dimensions, statistic, periodSeconds };
  if (source.resources.kind === 'bots') {
    const own = bot?.runsOn === undefined ? undefined : source.resources.on[bot.runsOn.on];
    const host = bot === undefined ? undefined : hostDimensions(bot, config);
    if (own === undefined || host === undefined)
      throw new RangeError(`${row.id}: ${bot?.id ?? 'nobody'} does not run where this is measured`);
    return { ...own, dimensions: host, statistic, periodSeconds };
  }
  const { kind } = source.resources;
  const name = kind === 'api' ? httpApiName(config.stage) : (Object.values(dimensions)[0] ?? '');
  const physical = around.physicalName?.(kind, name) ?? name;
  return {
    namespace: source.namespace,
    metricName: source.metricName,
    dimensions: { [physicalDimension[kind]]: physical },
    statistic,
    periodSeconds,
  };
}
