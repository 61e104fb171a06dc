/** Every published name, independent of anybody's config. A renamed metric or alarm loses its history, so a change here is a decision. */
import type { Dimensions } from '../alarms/definition.ts';
import { rulesOf } from './alarm-definitions.ts';
import type { PageName } from './dashboards.ts';
import { catalogue } from './index.ts';
import type { DimensionName, Metric } from './metric.ts';
import { alarmName, botLogGroupName, dashboardName, metricName, namespaceOf, signalAlarmId, topicName } from './names.ts';

const STAGE = '<stage>';
const pages: readonly PageName[] = ['developer', 'trader', 'operations', 'resources'];
const severities = ['critical', 'warning', 'info'] as const;

export function publishedNames(): readonly string[] {
  const metrics = catalogue
    .filter(({ metric }) => metric.storage !== 'computed' && metric.source.from !== 'aws')
    .map(({ id, metric }) => `metric     ${namespaceOf(STAGE)} ${metricName(id)}${braces(metric)}`);
  const alarms = catalogue.flatMap(({ metric }) =>
    rulesOf(metric).flatMap(rule => {
      const name = alarmName(STAGE, rule.id, placeholders(metric));
      return rule.follows === undefined ? [name] : [name, alarmName(STAGE, signalAlarmId(rule.id), placeholders(metric))];
    }),
  );
  return [
    ...metrics,
    ...[...alarms, alarmName(STAGE, 'fleet-silent', { Group: '<Group>' })].map(name => `alarm      ${name}`),
    ...pages.map(page => `dashboard  ${dashboardName(STAGE, page)}`),
    ...severities.map(severity => `topic      ${topicName(STAGE, severity)}`),
    `log group  ${botLogGroupName(STAGE, '<Bot>')}`,
  ];
}

const dimensionNames = ({ per }: Metric): readonly string[] => Object.keys(per as Readonly<Record<DimensionName, number>>);

const placeholders = (metric: Metric): Dimensions => Object.fromEntries(dimensionNames(metric).map(name => [name, `<${name}>`]));

const braces = (metric: Metric): string => {
  const names = dimensionNames(metric);
  return names.length === 0 ? '' : ` {${names.join(', ')}}`;
};
