import { describe, expect, it } from 'vitest';
import type { ComparisonOperator, MetricAlarm } from '../../core/alarms/definition.ts';
import type { Example } from '../../core/catalogue/metric.ts';
import { units } from '../../core/catalogue/unit.ts';
import { cases, type ExampleCase, fires } from './play.ts';

const text = (example: Example) => (typeof example === 'string' ? example : JSON.stringify(example));

describe.each(cases)('$rule.id', ({ rule, definition }) => {
  it.each(rule.fires.map(example => [text(example), example] as const))('fires: %s', (_, example) => {
    expect(fires(definition, example)).toBe(true);
  });

  it.each(rule.quiet.map(example => [text(example), example] as const))('stays quiet: %s', (_, example) => {
    expect(fires(definition, example)).toBe(false);
  });
});

interface Mutant {
  readonly name: string;
  readonly definition: MetricAlarm;
}

const flipped: Readonly<Partial<Record<ComparisonOperator, ComparisonOperator>>> = {
  GreaterThanThreshold: 'LessThanThreshold',
  LessThanThreshold: 'GreaterThanThreshold',
  GreaterThanUpperThreshold: 'LessThanLowerThreshold',
  LessThanLowerThreshold: 'GreaterThanUpperThreshold',
};

function mutants({ row, rule, definition }: ExampleCase): readonly Mutant[] {
  const operator = flipped[definition.operator];
  return [
    ...(rule.kind === 'anomaly'
      ? [bandMutant(definition, rule.deviations, 0.5), bandMutant(definition, rule.deviations, 2)]
      : limitMutants(definition, units[row.metric.unit].whole)),
    ...(operator === undefined ? [] : [{ name: 'direction flipped', definition: { ...definition, operator } }]),
    ...(definition.evaluationPeriods === 1
      ? []
      : [{ name: 'hold dropped', definition: { ...definition, evaluationPeriods: 1, datapointsToAlarm: 1 } }]),
  ];
}

/** Whole numbers cannot tell 1 from 0.5: their neighbours are one apart at least. A flag has no other limit. */
function limitMutants(definition: MetricAlarm, whole: boolean): readonly Mutant[] {
  const limit = definition.threshold!;
  const halved = whole ? Math.min(Math.floor(limit / 2), limit - 1) : limit / 2;
  const doubled = whole ? Math.max(limit * 2, limit + 1) : limit * 2;
  return [
    { name: `limit halved to ${halved}`, definition: { ...definition, threshold: halved } },
    { name: `limit doubled to ${doubled}`, definition: { ...definition, threshold: doubled } },
  ];
}

function bandMutant(definition: MetricAlarm, deviations: number, factor: number): Mutant {
  const expression = `ANOMALY_DETECTION_BAND(value, ${deviations * factor})`;
  const queries = definition.queries.map(query => (query.id === 'band' ? { id: 'band', expression, returnData: true } : query));
  return { name: `band × ${factor}`, definition: { ...definition, queries } };
}

const mutated = cases.flatMap(each => mutants(each).map(mutant => ({ ...each, mutant, title: `${each.rule.id}: ${mutant.name}` })));

describe('some example notices', () => {
  it.each(mutated)('$title', ({ rule, mutant }) => {
    const verdicts = [
      ...rule.fires.map(example => fires(mutant.definition, example)),
      ...rule.quiet.map(example => !fires(mutant.definition, example)),
    ];
    expect(verdicts).toContain(false);
  });
});
