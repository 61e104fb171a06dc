/** Metric and subscription filters of log groups. */
import { compileFilterPattern, FILTER_PATTERN_LIMIT } from '../cloudwatch/filter-pattern.ts';
import { asText } from '../cloudwatch/loose-json.ts';
import { unresolvedIn } from '../template/resources.ts';
import type { CheckedFilter, CheckedResource, CheckModel, Remark, Rule } from './rule.ts';

const QUOTAS = 'CloudWatch Logs user guide, "CloudWatch Logs quotas" (2026)';
const API = 'CloudWatch Logs API reference, PutMetricFilter and MetricTransformation';
const DIMENSIONS = 3;
const FILTERS_PER_GROUP = 100;
const SUBSCRIPTIONS_PER_GROUP = 2;
/** Classes of log groups that extract no metrics. */
const WITHOUT_FILTERS: readonly string[] = ['INFREQUENT_ACCESS', 'DELIVERY', 'ESSENTIALS'];

const at = (resource: CheckedResource, keys: readonly (string | number)[], value: unknown, message: string): Remark => ({
  resource,
  keys,
  value,
  message: `${resource.logicalId}: ${message}`,
});

const onPattern = ({ resource, pattern }: CheckedFilter, message: string): Remark =>
  at(resource, ['Properties', 'FilterPattern'], pattern, message);

const subscriptions = (model: CheckModel): readonly CheckedResource[] =>
  model.resources.filter(({ type }) => type === 'AWS::Logs::SubscriptionFilter');

const patternOf = ({ properties }: CheckedResource): string => asText(properties['FilterPattern']) ?? '';

/** The class of a log group in the templates; undefined for groups that are elsewhere. */
const classOf = (model: CheckModel, group: string): string | undefined =>
  model.resources
    .filter(({ type, name, ref }) => type === 'AWS::Logs::LogGroup' && (name === group || ref === group))
    .map(({ properties }) => asText(properties['LogGroupClass']) ?? 'STANDARD')[0];

export const filterRules: readonly Rule[] = [
  {
    id: 'FILTER_PATTERN_TOO_LONG',
    severity: 'error',
    says: `A filter pattern has at most ${FILTER_PATTERN_LIMIT.toLocaleString('en-US')} characters.`,
    source: QUOTAS,
    judge: model => [
      ...model.filters
        .filter(({ pattern }) => pattern.length > FILTER_PATTERN_LIMIT)
        .map(filter => onPattern(filter, `the pattern has ${filter.pattern.length} characters`)),
      ...subscriptions(model)
        .filter(resource => patternOf(resource).length > FILTER_PATTERN_LIMIT)
        .map(resource => at(resource, ['Properties', 'FilterPattern'], patternOf(resource).length, 'the pattern is too long')),
    ],
  },
  {
    id: 'FILTER_PATTERN_INVALID',
    severity: 'error',
    says: 'A filter pattern parses: terms, JSON or space-delimited fields, at most two regular expressions.',
    source: 'CloudWatch Logs user guide, "Filter pattern syntax"',
    judge: model => {
      const broken = (resource: CheckedResource, pattern: string): readonly Remark[] => {
        if (pattern.length > FILTER_PATTERN_LIMIT || unresolvedIn(pattern) !== undefined) return [];
        const compiled = compileFilterPattern(pattern);
        return compiled.ok ? [] : [at(resource, ['Properties', 'FilterPattern'], pattern, compiled.error.message)];
      };
      return [
        ...model.filters.flatMap(({ resource, pattern }) => broken(resource, pattern)),
        ...subscriptions(model).flatMap(resource => broken(resource, patternOf(resource))),
      ];
    },
  },
  {
    id: 'FILTER_TRANSFORMATIONS',
    severity: 'error',
    says: 'A metric filter has exactly one transformation.',
    source: API,
    judge: model =>
      model.filters
        .filter(({ transformations }) => transformations.length !== 1)
        .map(({ resource, transformations }) =>
          at(resource, ['Properties', 'MetricTransformations'], transformations.length, `${transformations.length} transformations`),
        ),
  },
  {
    id: 'FILTER_DEFAULT_WITH_DIMENSIONS',
    severity: 'error',
    says: 'A transformation has a default value or dimensions, never both.',
    source: API,
    judge: model =>
      ofTransformations(model, ({ dimensions, hasDefault }) =>
        hasDefault && dimensions.length > 0 ? `a default value cannot stand beside dimensions (${dimensions.join(', ')})` : undefined,
      ),
  },
  {
    id: 'FILTER_TOO_MANY_DIMENSIONS',
    severity: 'error',
    says: `A transformation has at most ${DIMENSIONS} dimensions.`,
    source: API,
    judge: model =>
      ofTransformations(model, ({ dimensions }) =>
        dimensions.length > DIMENSIONS ? `${dimensions.length} dimensions; at most ${DIMENSIONS}` : undefined,
      ),
  },
  {
    id: 'FILTER_DIMENSIONS_WITHOUT_FIELDS',
    severity: 'error',
    says: 'Dimensions need a pattern with fields: JSON or space-delimited.',
    source: API,
    judge: model =>
      ofTransformations(model, ({ dimensions }, { pattern }) =>
        dimensions.length > 0 && !/^\s*[{[]/.test(pattern) ? 'a pattern of terms has no fields to take dimensions from' : undefined,
      ),
  },
  {
    id: 'FILTER_ON_INFREQUENT_ACCESS',
    severity: 'error',
    says: 'Metric and subscription filters are on log groups of the standard class.',
    source: 'CloudWatch Logs user guide, "Log classes"',
    judge: model => {
      const judged = (resource: CheckedResource, group: string): readonly Remark[] => {
        const kind = classOf(model, group);
        return kind === undefined || !WITHOUT_FILTERS.includes(kind)
          ? []
          : [at(resource, ['Properties', 'LogGroupName'], group, `${group} is of class ${kind}, which has no filters`)];
      };
      return [
        ...model.filters.flatMap(({ resource, logGroup }) => judged(resource, logGroup)),
        ...subscriptions(model).flatMap(resource => judged(resource, asText(resource.properties['LogGroupName']) ?? '')),
      ];
    },
  },
  {
    id: 'FILTERS_PER_GROUP',
    severity: 'error',
    says: `A log group has at most ${FILTERS_PER_GROUP} metric filters and ${SUBSCRIPTIONS_PER_GROUP} subscription filters.`,
    source: QUOTAS,
    judge: model => [
      ...overLimit(model.filters, ({ logGroup }) => logGroup, FILTERS_PER_GROUP).map(([group, { resource }, count]) =>
        at(resource, ['Properties', 'LogGroupName'], count, `${group} has ${count} metric filters`),
      ),
      ...overLimit(subscriptions(model), ({ properties }) => asText(properties['LogGroupName']) ?? '', SUBSCRIPTIONS_PER_GROUP).map(
        ([group, resource, count]) => at(resource, ['Properties', 'LogGroupName'], count, `${group} has ${count} subscription filters`),
      ),
    ],
  },
];

function ofTransformations(
  model: CheckModel,
  rule: (transformation: CheckedFilter['transformations'][number], filter: CheckedFilter) => string | undefined,
): readonly Remark[] {
  return model.filters.flatMap(filter =>
    filter.transformations.flatMap(transformation => {
      const message = rule(transformation, filter);
      return message === undefined ? [] : [at(filter.resource, transformation.keys, transformation.dimensions, message)];
    }),
  );
}

function overLimit<T>(items: readonly T[], groupOf: (item: T) => string, limit: number): readonly (readonly [string, T, number])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(groupOf(item), [...(groups.get(groupOf(item)) ?? []), item]);
  return [...groups].flatMap(([group, members]) => {
    const beyond = members[limit];
    return group === '' || beyond === undefined ? [] : [[group, beyond, members.length] as const];
  });
}
