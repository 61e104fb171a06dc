/** What alarms watch: statistics, expressions, bands, and whether anybody publishes it. */
import type { MetricStat } from '../alarms/definition.ts';
import { catalogue } from '../catalogue/index.ts';
import { metricName, namespaceOf } from '../catalogue/names.ts';
import { isPublished, seriesOf } from '../catalogue/series.ts';
import type { Unit } from '../catalogue/unit.ts';
import { asArray, asText } from '../cloudwatch/loose-json.ts';
import { functionsOf, idsOf, type MathNode, nodesOf, parseMetricMath } from '../cloudwatch/metric-math.ts';
import { metricKey } from '../series/series-store.ts';
import { parseStatistic } from '../series/statistic.ts';
import { unresolvedIn } from '../template/resources.ts';
import { widgetQueries } from './dashboard-rules.ts';
import { onAlarm } from './remark.ts';
import type { CheckedAlarm, CheckedQuery, CheckModel, FindingSeverity, Remark, Rule } from './rule.ts';

const MATH = 'CloudWatch user guide, "Using math expressions with CloudWatch metrics"';
const BANDS = 'CloudWatch user guide, "Creating a CloudWatch alarm based on anomaly detection"';
const METRICS_PER_ALARM = 10;
const QUERIES_PER_ALARM = 20;

const metricAlarms = (model: CheckModel): readonly CheckedAlarm[] => model.alarms.filter(({ kind }) => kind === 'metric');

/** A Metrics Insights query is no metric math. */
const isMath = (expression: string | undefined): expression is string => expression !== undefined && !/^\s*SELECT\b/i.test(expression);

/** Functions of metric math that only CloudWatch itself can compute. */
const ELSEWHERE = /\b(SERVICE_QUOTA|INSIGHT_RULE_METRIC|DB_PERF_INSIGHTS|LAMBDA|SEARCH)\s*\(/;

const isBand = ({ properties, queries }: CheckedAlarm): boolean =>
  properties['ThresholdMetricId'] !== undefined || queries.some(({ expression }) => /\bANOMALY_DETECTION_BAND\s*\(/.test(expression ?? ''));

const statKey = (stat: MetricStat): string => metricKey(stat.namespace, stat.metricName, stat.dimensions);

const statKeys = ({ keys }: CheckedQuery, key: string): readonly (string | number)[] =>
  keys.length === 0 ? [key] : [...keys, 'MetricStat', ...(key === 'Stat' ? [key] : ['Metric', key])];

/** Values of these units can be negative. */
const SIGNED_UNITS: readonly Unit[] = ['money', 'ratio', 'quantity'];
const SIGNED_NAME = /(pnl|profit|loss(?!es_count)|return|drawdown|slippage|exposure|spreadtomid|net_?position|funding)/i;

/** Whether a metric can be negative: known for the catalogue, guessed from the name elsewhere. */
function signedness({ namespace, metricName: name }: MetricStat): 'known' | 'guessed' | undefined {
  if (namespace.startsWith('Nightdesk/')) {
    const row = catalogue.find(({ id }) => metricName(id) === name);
    return row !== undefined && SIGNED_UNITS.includes(row.metric.unit) ? 'known' : undefined;
  }
  return !namespace.startsWith('AWS/') && SIGNED_NAME.test(name) ? 'guessed' : undefined;
}

export const metricRules: readonly Rule[] = [
  {
    id: 'ALARM_SEARCH',
    severity: 'error',
    says: 'An alarm’s expression does not use SEARCH.',
    source: 'CloudWatch user guide, "Using search expressions in graphs"',
    judge: model =>
      metricAlarms(model).flatMap(alarm =>
        alarm.queries
          .filter(({ expression = '' }) => /\bSEARCH\s*\(/.test(expression))
          .map(({ keys, expression }) => onAlarm(alarm, [...keys, 'Expression'], expression, 'alarms cannot use SEARCH')),
      ),
  },
  {
    id: 'ALARM_EXPRESSION_INVALID',
    severity: 'error',
    says: 'Every expression parses as metric math, within 2,048 characters, and names only ids of its alarm.',
    source: MATH,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const ids = new Set(alarm.queries.map(({ id }) => id));
        return alarm.queries.flatMap(({ keys, expression }) => {
          if (!isMath(expression) || ELSEWHERE.test(expression) || unresolvedIn(expression) !== undefined) return [];
          const parsed = parseMetricMath(expression);
          if (!parsed.ok) return [onAlarm(alarm, [...keys, 'Expression'], expression, parsed.error.message)];
          return idsOf(parsed.value)
            .filter(id => !ids.has(id))
            .map(id => onAlarm(alarm, [...keys, 'Expression'], expression, `no metric of this alarm has the id "${id}"`));
        });
      }),
  },
  {
    id: 'ALARM_RETURN_DATA',
    severity: 'error',
    says: 'Exactly one query of an alarm returns data; with a band two: the metric and the band.',
    source: 'CloudWatch API reference, MetricDataQuery, ReturnData',
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        if (!Array.isArray(alarm.properties['Metrics'])) return [];
        const returning = alarm.queries.filter(({ returnData }) => returnData).map(({ id }) => id);
        const wanted = alarm.properties['ThresholdMetricId'] === undefined ? 1 : 2;
        return returning.length === wanted
          ? []
          : [onAlarm(alarm, ['Metrics'], returning, `${returning.length} of its queries return data; an alarm like this needs ${wanted}`)];
      }),
  },
  {
    id: 'ALARM_TOO_MANY_METRICS',
    severity: 'error',
    says: `An alarm has at most ${METRICS_PER_ALARM} metrics, and ${QUERIES_PER_ALARM} queries with its expressions.`,
    source: 'CloudWatch API reference, PutMetricAlarm, Metrics',
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const metrics = alarm.queries.filter(({ stat }) => stat !== undefined).length;
        return metrics <= METRICS_PER_ALARM && alarm.queries.length <= QUERIES_PER_ALARM
          ? []
          : [onAlarm(alarm, ['Metrics'], alarm.queries.length, `${metrics} metrics in ${alarm.queries.length} queries`)];
      }),
  },
  {
    id: 'ALARM_STATISTIC_UNKNOWN',
    severity: 'error',
    says: 'The statistic is one that CloudWatch knows.',
    source: 'CloudWatch user guide, "CloudWatch statistics definitions"',
    judge: model =>
      metricAlarms(model).flatMap(alarm =>
        alarm.queries.flatMap(query => {
          const { stat } = query;
          if (stat === undefined || unresolvedIn(stat.statistic) !== undefined || parseStatistic(stat.statistic) !== undefined) return [];
          return [
            onAlarm(
              alarm,
              statKeys(query, query.keys.length === 0 ? 'Statistic' : 'Stat'),
              stat.statistic,
              `"${stat.statistic}" is no statistic`,
            ),
          ];
        }),
      ),
  },
  {
    id: 'ALARM_BAND_HIGH_RESOLUTION',
    severity: 'error',
    says: 'A band is learned on periods of 60 seconds and more only.',
    source: BANDS,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const fast = alarm.queries.find(({ periodSeconds = 60 }) => periodSeconds < 60);
        return fast === undefined || !isBand(alarm)
          ? []
          : [onAlarm(alarm, fast.keys, fast.periodSeconds, `there is no band for a period of ${fast.periodSeconds} s`)];
      }),
  },
  {
    id: 'ALARM_BAND_INVALID',
    severity: 'error',
    says: 'ThresholdMetricId names a band of the alarm; an expression holds one band and no METRICS.',
    source: BANDS,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        const bandId = asText(alarm.properties['ThresholdMetricId']);
        if (bandId === undefined) return [];
        const band = alarm.queries.find(({ id }) => id === bandId);
        const expression = band?.expression ?? '';
        const bands = expression.match(/\bANOMALY_DETECTION_BAND\s*\(/g) ?? [];
        if (bands.length === 1 && !/\bMETRICS\s*\(/.test(expression)) return [];
        return [onAlarm(alarm, ['ThresholdMetricId'], bandId, `"${bandId}" is no query with one ANOMALY_DETECTION_BAND`)];
      }),
  },
  {
    id: 'PERCENTILE_OF_SIGNED_METRIC',
    severity: 'error',
    says: 'No percentile of a metric that can be negative: CloudWatch has none. A warning where the name alone tells.',
    source: 'CloudWatch user guide, "Percentiles": not available when any value is negative',
    judge: model => [
      ...metricAlarms(model).flatMap(alarm =>
        alarm.queries.flatMap(query => {
          const { stat } = query;
          const signed = stat === undefined ? undefined : percentileOfSigned(stat);
          if (stat === undefined || signed === undefined) return [];
          const key = query.keys.length === 0 ? 'ExtendedStatistic' : 'Stat';
          return [{ ...onAlarm(alarm, statKeys(query, key), stat.statistic, signedText(stat)), ...milder(signed) }];
        }),
      ),
      ...widgetQueries(model).flatMap(({ dashboard, stat, widget }) => {
        const signed = percentileOfSigned(stat);
        if (signed === undefined) return [];
        const { resource } = dashboard;
        const message = `${resource.name}, widget ${widget}: ${signedText(stat)}`;
        return [{ resource, keys: ['Properties', 'DashboardBody'], value: stat.statistic, message, ...milder(signed) }];
      }),
    ],
  },
  {
    id: 'ALARM_METRIC_NOT_EMITTED',
    severity: 'error',
    says: 'Somebody publishes what an alarm watches: a row of the catalogue, with its dimensions, switched on; in other namespaces a warning when the templates’ metric filters publish there, but not this name.',
    source: 'core/catalogue; CloudWatch accepts alarms on metrics that never existed',
    judge: model =>
      metricAlarms(model).flatMap(alarm =>
        alarm.queries.flatMap(query => {
          const verdict = query.stat === undefined ? undefined : notEmitted(query.stat, model);
          if (verdict === undefined) return [];
          return [
            {
              ...onAlarm(alarm, statKeys(query, 'MetricName'), `${query.stat?.namespace}/${query.stat?.metricName}`, verdict.message),
              ...(verdict.severity === undefined ? {} : { severity: verdict.severity }),
            },
          ];
        }),
      ),
  },
  {
    id: 'METRIC_UNWATCHED',
    severity: 'info',
    says: 'A metric that costs money has an alarm or a place on a dashboard.',
    source: 'CloudWatch pricing, 2026: every custom metric costs, whether or not anybody looks',
    judge: unwatched,
  },
  {
    id: 'SHARE_DENOMINATOR_CAN_STOP',
    severity: 'warning',
    says: 'An alarm on a share hides its errors when the denominator stops: something else watches that silence. An info where it does.',
    source: `${MATH}: missing points count as 0, and a division by zero has no value`,
    judge: model =>
      metricAlarms(model).flatMap(alarm => {
        if (alarm.properties['TreatMissingData'] === 'breaching') return [];
        const shown = alarm.queries.find(({ returnData, expression }) => returnData && isMath(expression));
        const denominators = denominatorsOf(alarm, shown?.expression);
        if (shown === undefined || denominators.length === 0) return [];
        const guard = guardOf(alarm, denominators, model);
        const names = denominators.map(({ metricName: name }) => name).join(' and ');
        const text = `without points of ${names} the share has no value and errors are hidden; `;
        const message = guard === undefined ? `${text}no alarm watches that silence` : `${text}${guard.name} watches that silence`;
        return [
          {
            ...onAlarm(alarm, [...shown.keys, 'Expression'], shown.expression, message),
            ...(guard === undefined ? {} : { severity: 'info' as const }),
          },
        ];
      }),
  },
];

function percentileOfSigned(stat: MetricStat): 'known' | 'guessed' | undefined {
  return parseStatistic(stat.statistic)?.kind === 'percentile' ? signedness(stat) : undefined;
}

const signedText = (stat: MetricStat): string =>
  `${stat.metricName} can be negative, and CloudWatch has no ${stat.statistic} of such a metric; publish a positive twin`;

const milder = (signed: 'known' | 'guessed'): { readonly severity?: FindingSeverity } =>
  signed === 'guessed' ? { severity: 'warning' } : {};

interface Verdict {
  readonly message: string;
  readonly severity?: FindingSeverity;
}

function notEmitted(stat: MetricStat, model: CheckModel): Verdict | undefined {
  const { namespace, metricName: name, dimensions } = stat;
  if (unresolvedIn([namespace, name]) !== undefined || namespace.startsWith('AWS/')) return undefined;
  const written = model.filters.flatMap(({ transformations }) => transformations).filter(each => each.namespace === namespace);
  if (!namespace.startsWith('Nightdesk/')) {
    return written.length > 0 && !written.some(each => each.metricName === name)
      ? {
          message: `the metric filters publish ${[...new Set(written.map(each => each.metricName))].join(', ')} there, but no ${name}`,
          severity: 'warning',
        }
      : undefined;
  }
  const row = catalogue.find(({ id }) => metricName(id) === name);
  const source = row?.metric.source.from;
  if (row === undefined || source === 'aws' || source === 'math') return { message: `nothing publishes ${namespace}/${name}` };
  const names = Object.keys(row.metric.per).sort().join(', ');
  const own = Object.keys(dimensions).sort().join(', ');
  if (names !== own) return { message: `${name} is published with ${names || 'no dimensions'}, not with ${own || 'none'}` };
  const { config } = model;
  if (config !== undefined && namespace === namespaceOf(config.stage)) {
    if (!isPublished(row, config)) return { message: `${name} stays in the table; publish: ['${row.id}'] in the config would publish it` };
    const key = metricKey('', '', dimensions);
    if (!seriesOf(row, config).some(series => metricKey('', '', series.dimensions) === key))
      return {
        message: `the config has no ${Object.entries(dimensions)
          .map(pair => pair.join(' '))
          .join(', ')}`,
      };
  }
  if (model.whole && source === 'metricFilter' && !written.some(each => each.metricName === name))
    return { message: `no metric filter publishes ${name}` };
  return undefined;
}

/** Metrics of filters, and of the config's rows, that neither an alarm nor a dashboard reads. */
function unwatched(model: CheckModel): readonly Remark[] {
  const inAlarms = model.alarms.flatMap(({ queries }) => queries.flatMap(({ stat }) => stat ?? []));
  const inWidgets = widgetQueries(model).map(({ stat }) => stat);
  const watched = new Set([...inAlarms, ...inWidgets].map(({ namespace, metricName: name }) => `${namespace} ${name}`));
  const bodies = model.dashboards.map(({ body = '' }) => body).filter(body => body.includes('SEARCH('));
  const isRead = (namespace: string, name: string): boolean =>
    watched.has(`${namespace} ${name}`) || bodies.some(body => body.includes(name));
  const byFilters = model.filters.flatMap(({ resource, transformations }) =>
    transformations
      .filter(({ namespace, metricName: name }) => name !== '' && !isRead(namespace, name))
      .map(({ namespace, metricName: name, keys }) => ({
        resource,
        keys: [...keys, 'MetricName'],
        value: `${namespace}/${name}`,
        message: `${name} is published, and neither an alarm nor a dashboard reads it`,
      })),
  );
  const [first] = model.resources;
  const { config } = model;
  if (config === undefined || first === undefined) return byFilters;
  const namespace = namespaceOf(config.stage);
  const byRows = catalogue
    .filter(row => row.metric.storage !== 'computed' && !['aws', 'math', 'metricFilter'].includes(row.metric.source.from))
    .filter(row => isPublished(row, config) && seriesOf(row, config).length > 0 && !isRead(namespace, metricName(row.id)))
    .map(({ id }) => ({
      resource: first,
      keys: [],
      value: `${namespace}/${metricName(id)}`,
      message: `${metricName(id)} is published, and neither an alarm nor a dashboard reads it`,
    }));
  return [...byFilters, ...byRows];
}

/** Metrics below the line of a division. */
function denominatorsOf(alarm: CheckedAlarm, expression: string | undefined): readonly MetricStat[] {
  const root = expression === undefined ? undefined : parsedOf(expression);
  if (root === undefined) return [];
  const ids = new Set(
    [...nodesOf(root)].flatMap(node => (node.kind === 'binary' && node.operator === '/' ? idsBelow(alarm, node.right) : [])),
  );
  return alarm.queries.flatMap(({ id, stat }) => (stat !== undefined && ids.has(id) ? [stat] : []));
}

/** Ids of metrics that a node depends on, through the alarm's other expressions. The length of a period depends on none. */
function idsBelow(alarm: CheckedAlarm, node: MathNode, seen: ReadonlySet<string> = new Set()): readonly string[] {
  const periods = new Set([...nodesOf(node)].flatMap(part => (part.kind === 'call' && part.name === 'PERIOD' ? part.args : [])));
  const ids = [...nodesOf(node)].flatMap(part => (part.kind === 'id' && !periods.has(part) ? [part.id] : []));
  return [...new Set(ids)].flatMap(id => {
    const below = alarm.queries.find(query => query.id === id)?.expression;
    const parsed = below === undefined || seen.has(id) ? undefined : parsedOf(below);
    return parsed === undefined ? [id] : idsBelow(alarm, parsed, new Set([...seen, id]));
  });
}

function parsedOf(expression: string): MathNode | undefined {
  const parsed = parseMetricMath(expression);
  return parsed.ok && !functionsOf(parsed.value).includes('SEARCH') ? parsed.value : undefined;
}

/** An alarm that fires in the silence of a denominator, or of the bot behind it. */
function guardOf(alarm: CheckedAlarm, denominators: readonly MetricStat[], model: CheckModel): CheckedAlarm | undefined {
  const keys = new Set(denominators.map(statKey));
  const strategies = new Set(denominators.flatMap(({ dimensions }) => dimensions['Strategy'] ?? []));
  return metricAlarms(model).find(other => {
    if (other === alarm || other.properties['TreatMissingData'] !== 'breaching') return false;
    return (
      asArray(other.queries).length > 0 &&
      other.queries.some(({ stat }) => stat !== undefined && (keys.has(statKey(stat)) || isHeartbeat(stat, strategies)))
    );
  });
}

const isHeartbeat = ({ namespace, metricName: name, dimensions }: MetricStat, strategies: ReadonlySet<string>): boolean =>
  namespace.startsWith('Nightdesk/') && name === metricName('heartbeatCount') && strategies.has(dimensions['Strategy'] ?? '');
