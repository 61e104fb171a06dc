import { describe, expect, test } from 'vitest';
import type { AlarmState } from '../../core/alarms/definition.ts';
import { childrenOf, findCycles, parseCompositeRule, printCompositeRule, ruleHolds } from '../../core/cloudwatch/composite-rule.ts';

function parsed(text: string) {
  const rule = parseCompositeRule(text);
  if (!rule.ok) throw new Error(rule.error.message);
  return rule.value;
}

const holds = (text: string, states: Readonly<Record<string, AlarmState>>) => ruleHolds(parsed(text), name => states[name]);

describe('rules', () => {
  test.each([
    ['ALARM(a)', 'ALARM(a)'],
    ['ALARM(a) AND OK(b) OR TRUE', '((ALARM(a) AND OK(b)) OR TRUE)'],
    ['ALARM(a) AND (OK(b) OR FALSE)', '(ALARM(a) AND (OK(b) OR FALSE))'],
    ['NOT ALARM(a) AND ALARM(b)', '((NOT ALARM(a)) AND ALARM(b))'],
    ['NOT (ALARM(a) OR ALARM("b c"))', '(NOT (ALARM(a) OR ALARM("b c")))'],
    ['ALARM("a \\"quoted\\" one")', 'ALARM("a \\"quoted\\" one")'],
    ['AT_LEAST(2, ALARM, (a, b, c))', 'AT_LEAST(2, ALARM, (a, b, c))'],
    ['AT_LEAST(50%, NOT OK, (a, "b, c"))', 'AT_LEAST(50%, NOT OK, (a, "b, c"))'],
    ['ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x)', 'ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x)'],
    ['INSUFFICIENT_DATA( NOTe-ORder )', 'INSUFFICIENT_DATA(NOTe-ORder)'],
  ])('%s', (text, printed) => {
    expect(printCompositeRule(parsed(text))).toBe(printed);
    expect(parsed(printed)).toEqual(parsed(text));
  });

  test.each([
    ['AT_LEAST(2, ALARM, (a, b, c))', true],
    ['AT_LEAST(3, ALARM, (a, b, c))', false],
    ['AT_LEAST(67%, ALARM, (a, b, c))', false],
    ['AT_LEAST(66%, ALARM, (a, b, c))', true],
    ['AT_LEAST(1, NOT ALARM, (a, b, c))', true],
    ['AT_LEAST(2, NOT ALARM, (a, b, c))', false],
    ['ALARM(a) AND NOT OK(c)', true],
    ['ALARM(unknown) OR OK(unknown)', false],
  ])('with a and b in ALARM and c without data, %s is %s', (text, expected) => {
    expect(holds(text, { a: 'ALARM', b: 'ALARM', c: 'INSUFFICIENT_DATA' })).toBe(expected);
  });

  test('children are listed once', () => {
    expect(childrenOf(parsed('ALARM(a) AND (OK(a) OR AT_LEAST(1, ALARM, (b, c)))'))).toEqual(['a', 'b', 'c']);
  });

  test('circles are found', () => {
    const rules = new Map(
      Object.entries({ a: 'ALARM(b)', b: 'ALARM(c) OR OK(x)', c: 'ALARM(a)', d: 'ALARM(a)' }).map(([name, text]) => [name, parsed(text)]),
    );
    expect(findCycles(rules)).toEqual([['a', 'b', 'c', 'a']]);
  });
});

test.each([
  ['ALARM(nope', 'an opened parenthesis is closed', 10],
  ['ALARM(a) ALARM(b)', 'conditions are joined by AND or OR', 9],
  ['alarm(a)', 'a condition is ALARM(x), OK(x), INSUFFICIENT_DATA(x), AT_LEAST(…), TRUE, FALSE, NOT or a group in parentheses', 0],
  ['ALARM()', 'an alarm is named; names with spaces, commas or parentheses stand in double quotes', 6],
  ['AT_LEAST(4, ALARM, (a, b))', 'AT_LEAST takes 1 to the number of its alarms, or 1% to 100%', 9],
  ['', 'a condition is ALARM(x), OK(x), INSUFFICIENT_DATA(x), AT_LEAST(…), TRUE, FALSE, NOT or a group in parentheses', 0],
])('%s is refused with its place', (text, rule, position) => {
  const result = parseCompositeRule(text);
  expect(result.ok ? undefined : result.error).toMatchObject({ rule, position });
});

test('limits: 10,240 characters and 100 children', () => {
  const many = (count: number, name: (at: number) => string) => Array.from({ length: count }, (_, at) => `ALARM(${name(at)})`).join(' OR ');
  expect(parseCompositeRule(many(100, String)).ok).toBe(true);
  expect(parseCompositeRule(many(101, String)).ok).toBe(false);
  expect(parseCompositeRule(many(90, at => `${'x'.repeat(120)}${at}`)).ok).toBe(false);
});
