import type { MetricStat } from '../alarms/definition.ts';
import { asArray, asNumber, asObject, asObjects, asText, type JsonObject } from '../cloudwatch/loose-json.ts';
import { ALARM_RESOURCE_TYPES, alarmFromTemplate, muteRuleFromTemplate, PLAIN_QUERY_ID } from '../cloudwatch/template-alarm.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { Place } from '../template/resource-types.ts';
import { foreignResources, type NamedTemplate, type NameOf, unresolvedIn } from '../template/resources.ts';
import type { CheckedAlarm, CheckedDashboard, CheckedFilter, CheckedQuery, CheckedResource, CheckModel } from './rule.ts';

/** As long as the names that CloudFormation makes, so that lengths are true: `Stack-LogicalId-` and twelve characters. */
const namedAsDeployed: NameOf = (stack, logicalId, maxLength, suffix) =>
  `${`${stack}-${logicalId}`.slice(0, maxLength - suffix.length - 13)}-000000000000${suffix}`;

export interface CheckInput {
  readonly templates: readonly (NamedTemplate & { readonly file: string })[];
  readonly place: Place;
  /** The templates are all that is deployed together. */
  readonly whole: boolean;
  readonly config?: NightdeskConfig | undefined;
}

/** Reads templates into what rules look at. Whatever cannot be read is left for the rules to name. */
export function checkModel({ templates, place, whole, config }: CheckInput): CheckModel {
  const fileOf = new Map(templates.map(({ name, file }) => [name, file]));
  const resources: readonly CheckedResource[] = foreignResources(templates, place, { nameOf: namedAsDeployed }).map(resource => ({
    ...resource,
    file: fileOf.get(resource.stack) ?? resource.stack,
  }));
  const ofType = (type: string) => resources.filter(resource => resource.type === type);
  return {
    resources,
    alarms: ALARM_RESOURCE_TYPES.flatMap(ofType).map(alarmOf),
    filters: ofType('AWS::Logs::MetricFilter').map(filterOf),
    dashboards: ofType('AWS::CloudWatch::Dashboard').map(dashboardOf),
    mutes: ofType('AWS::CloudWatch::AlarmMuteRule').flatMap(resource => {
      const rule = muteRuleFromTemplate(resource.properties, resource.name);
      return rule.ok ? [{ resource, rule: rule.value }] : [];
    }),
    place,
    whole,
    ...(config === undefined ? {} : { config }),
  };
}

const KINDS: Readonly<Record<string, CheckedAlarm['kind']>> = {
  'AWS::CloudWatch::CompositeAlarm': 'composite',
  'AWS::CloudWatch::LogAlarm': 'log',
};

function alarmOf(resource: CheckedResource): CheckedAlarm {
  const { properties } = resource;
  const read = alarmFromTemplate(resource.type, properties, resource.name);
  return {
    resource,
    kind: KINDS[resource.type] ?? 'metric',
    name: resource.name,
    properties,
    queries: resource.type === 'AWS::CloudWatch::Alarm' ? queriesOf(properties) : [],
    // A PromQL alarm has criteria of its own, and none of a metric alarm's properties.
    problems: read.ok || properties['EvaluationCriteria'] !== undefined ? [] : read.error,
    ...(read.ok ? { definition: read.value } : {}),
  };
}

function queriesOf(properties: JsonObject): readonly CheckedQuery[] {
  if (properties['Metrics'] === undefined) {
    if (properties['MetricName'] === undefined) return [];
    const stat = statOf(properties, properties, asText(properties['ExtendedStatistic']) ?? asText(properties['Statistic']) ?? '');
    return [{ keys: [], id: PLAIN_QUERY_ID, stat, ...periodOf(properties['Period']), returnData: true }];
  }
  return asArray(properties['Metrics']).map((entry, at) => {
    const record = asObject(entry) ?? {};
    const expression = asText(record['Expression']);
    const metricStat = asObject(record['MetricStat']);
    const metric = asObject(metricStat?.['Metric']);
    return {
      keys: ['Metrics', at],
      id: asText(record['Id']) ?? '',
      ...(expression === undefined ? {} : { expression }),
      ...(metric === undefined ? {} : { stat: statOf(metric, metricStat ?? {}, asText(metricStat?.['Stat']) ?? '') }),
      ...periodOf(metricStat?.['Period'] ?? record['Period']),
      returnData: record['ReturnData'] !== false && record['ReturnData'] !== 'false',
    };
  });
}

function statOf(metric: JsonObject, timing: JsonObject, statistic: string): MetricStat {
  const dimensions = asObjects(metric['Dimensions']).map(
    dimension => [asText(dimension['Name']) ?? '', asText(dimension['Value']) ?? ''] as const,
  );
  return {
    namespace: asText(metric['Namespace']) ?? '',
    metricName: asText(metric['MetricName']) ?? '',
    dimensions: Object.fromEntries(dimensions),
    statistic,
    periodSeconds: asNumber(timing['Period']) ?? 0,
  };
}

function periodOf(value: unknown): { readonly periodSeconds?: number } {
  const periodSeconds = asNumber(value);
  return periodSeconds === undefined ? {} : { periodSeconds };
}

function filterOf(resource: CheckedResource): CheckedFilter {
  const { properties } = resource;
  return {
    resource,
    pattern: asText(properties['FilterPattern']) ?? '',
    logGroup: asText(properties['LogGroupName']) ?? '',
    transformations: asObjects(properties['MetricTransformations']).map((transformation, at) => ({
      namespace: asText(transformation['MetricNamespace']) ?? '',
      metricName: asText(transformation['MetricName']) ?? '',
      dimensions: asObjects(transformation['Dimensions']).map(dimension => asText(dimension['Key']) ?? ''),
      hasDefault: asNumber(transformation['DefaultValue']) !== undefined,
      keys: ['Properties', 'MetricTransformations', at],
    })),
  };
}

function dashboardOf(resource: CheckedResource): CheckedDashboard {
  const body = resource.properties['DashboardBody'];
  const isOpen = body === undefined || (unresolvedIn(body) !== undefined && typeof body !== 'string');
  return { resource, body: isOpen ? undefined : typeof body === 'string' ? body : JSON.stringify(body) };
}
