import type { CfnResource } from 'aws-cdk-lib';
import { CfnAlarm, CfnAnomalyDetector, CfnCompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { CompositeAlarm, Dimensions, MetricAlarm, MetricQuery } from '../core/alarms/definition.ts';
import type { CatalogueAlarm } from '../core/catalogue/alarm-definitions.ts';

/** Alarms of one stack. Composites come after the alarms that they name, so CloudFormation makes and deletes them in order. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, alarms: readonly CatalogueAlarm[], stage: string) {
    super(scope, id);
    const made = new Map<string, CfnResource>();
    const idOf = (name: string) => name.slice(stage.length + 1);
    for (const { definition } of alarms) {
      if (definition.kind !== 'metric') continue;
      made.set(definition.name, new CfnAlarm(this, idOf(definition.name), metricAlarmProps(definition)));
      const detector = anomalyDetectorProps(definition);
      if (detector !== undefined) new CfnAnomalyDetector(this, `${idOf(definition.name)}-band`, detector);
    }
    for (const { definition } of alarms) {
      if (definition.kind !== 'composite') continue;
      const composite = new CfnCompositeAlarm(this, idOf(definition.name), compositeAlarmProps(definition));
      const named = [...definition.rule.matchAll(/\("([^"]+)"\)/g)].map(match => match[1]!);
      for (const name of [...named, ...(definition.suppressor === undefined ? [] : [definition.suppressor.alarm])]) {
        const child = made.get(name);
        if (child === undefined) throw new Error(`UnknownChild at ${definition.name}: no alarm ${name} in this stack`);
        composite.addResourceDependency(child);
      }
    }
  }
}

function metricAlarmProps(alarm: MetricAlarm) {
  const single = alarm.queries.length === 1 ? alarm.queries[0] : undefined;
  return {
    alarmName: alarm.name,
    ...(alarm.description === undefined ? {} : { alarmDescription: alarm.description }),
    ...actionProps(alarm),
    ...(single !== undefined && 'stat' in single ? singleMetric(single) : { metrics: alarm.queries.map(query => queryProps(query)) }),
    evaluationPeriods: alarm.evaluationPeriods,
    datapointsToAlarm: alarm.datapointsToAlarm,
    comparisonOperator: alarm.operator,
    ...(alarm.threshold === undefined ? {} : { threshold: alarm.threshold }),
    ...(alarm.thresholdMetricId === undefined ? {} : { thresholdMetricId: alarm.thresholdMetricId }),
    treatMissingData: alarm.treatMissingData,
  };
}

const actionProps = ({ actionsEnabled, alarmActions, okActions }: Pick<MetricAlarm, 'actionsEnabled' | 'alarmActions' | 'okActions'>) => ({
  actionsEnabled,
  ...(alarmActions.length === 0 ? {} : { alarmActions: [...alarmActions] }),
  ...(okActions.length === 0 ? {} : { okActions: [...okActions] }),
});

type StatQuery = Extract<MetricQuery, { stat: unknown }>;

/** CloudWatch writes the five plain statistics and the percentiles under different keys. */
const plainStatistics: readonly string[] = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'];

const singleMetric = ({ stat }: StatQuery) => ({
  namespace: stat.namespace,
  metricName: stat.metricName,
  dimensions: dimensionProps(stat.dimensions),
  period: stat.periodSeconds,
  ...(plainStatistics.includes(stat.statistic) ? { statistic: stat.statistic } : { extendedStatistic: stat.statistic }),
});

const dimensionProps = (dimensions: Dimensions) => Object.entries(dimensions).map(([name, value]) => ({ name, value }));

function queryProps(query: MetricQuery) {
  const common = { id: query.id, returnData: query.returnData, ...(query.label === undefined ? {} : { label: query.label }) };
  if ('expression' in query)
    return { ...common, expression: query.expression, ...(query.periodSeconds === undefined ? {} : { period: query.periodSeconds }) };
  const { namespace, metricName, dimensions, periodSeconds, statistic } = query.stat;
  return {
    ...common,
    metricStat: { metric: { namespace, metricName, dimensions: dimensionProps(dimensions) }, period: periodSeconds, stat: statistic },
  };
}

/** The model behind a band; CloudWatch would make one too, but then nothing would delete it. */
function anomalyDetectorProps(alarm: MetricAlarm) {
  const watched = alarm.queries.find(query => 'stat' in query);
  if (alarm.thresholdMetricId === undefined || watched === undefined || !('stat' in watched)) return undefined;
  const { namespace, metricName, dimensions, statistic } = watched.stat;
  return { singleMetricAnomalyDetector: { namespace, metricName, dimensions: dimensionProps(dimensions), stat: statistic } };
}

const compositeAlarmProps = (alarm: CompositeAlarm) => ({
  alarmName: alarm.name,
  ...(alarm.description === undefined ? {} : { alarmDescription: alarm.description }),
  ...actionProps(alarm),
  alarmRule: alarm.rule,
  ...(alarm.suppressor === undefined
    ? {}
    : {
        actionsSuppressor: alarm.suppressor.alarm,
        actionsSuppressorWaitPeriod: alarm.suppressor.waitSeconds,
        actionsSuppressorExtensionPeriod: alarm.suppressor.extensionSeconds,
      }),
});
