import type { AlarmState } from '../alarms/definition.ts';
import { err, ok, type Result, unreachable } from '../result.ts';
import { parseWith, problemAt, quotedText, type Scanner, type SyntaxProblem } from './syntax.ts';

/** A composite alarm's rule as a tree. Children are alarm names or ARNs, as written. */
export type CompositeRule =
  | { readonly op: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly op: 'constant'; readonly value: boolean }
  | { readonly op: 'not'; readonly rule: CompositeRule }
  | { readonly op: 'and' | 'or'; readonly rules: readonly CompositeRule[] }
  | {
      readonly op: 'atLeast';
      readonly least: AtLeast;
      readonly state: AlarmState;
      readonly negated: boolean;
      readonly alarms: readonly string[];
    };

export type AtLeast = { readonly count: number } | { readonly percent: number };

/** Limits of a rule. Source: CloudWatch user guide, "Create a composite alarm" and service quotas. */
export const COMPOSITE_LIMITS = { characters: 10_240, children: 100, elements: 500 } as const;

const GRAMMAR = 'composite rule';
const STATES = /ALARM|OK|INSUFFICIENT_DATA/y;

/**
 * Parses `ALARM(a) AND (OK("b c") OR NOT INSUFFICIENT_DATA(c))`, `AT_LEAST(2, ALARM, (a, b, c))`, `TRUE`, `FALSE`.
 * NOT binds tightest, then AND, then OR (the guide does not say; printed rules are therefore always in parentheses).
 */
export function parseCompositeRule(text: string): Result<CompositeRule, SyntaxProblem> {
  if (text.length > COMPOSITE_LIMITS.characters) {
    return err(problemAt(GRAMMAR, text, COMPOSITE_LIMITS.characters, `a rule has at most ${COMPOSITE_LIMITS.characters} characters`));
  }
  const parsed = parseWith(GRAMMAR, text, scanner => {
    const rule = readOr(scanner);
    scanner.skipSpace();
    if (!scanner.atEnd()) scanner.fail('conditions are joined by AND or OR');
    return rule;
  });
  if (!parsed.ok) return parsed;
  const children = childrenOf(parsed.value).length;
  if (children > COMPOSITE_LIMITS.children)
    return err(problemAt(GRAMMAR, text, 0, `a rule has at most ${COMPOSITE_LIMITS.children} children, this one has ${children}`));
  const elements = elementsOf(parsed.value);
  if (elements > COMPOSITE_LIMITS.elements)
    return err(problemAt(GRAMMAR, text, 0, `a rule has at most ${COMPOSITE_LIMITS.elements} elements, this one has ${elements}`));
  return ok(parsed.value);
}

/** The rule in CloudWatch's grammar, every compound in parentheses, names quoted when they need it. */
export function printCompositeRule(rule: CompositeRule): string {
  switch (rule.op) {
    case 'state':
      return `${rule.state}(${printName(rule.alarm)})`;
    case 'constant':
      return rule.value ? 'TRUE' : 'FALSE';
    case 'not':
      return `(NOT ${printCompositeRule(rule.rule)})`;
    case 'and':
    case 'or':
      return `(${rule.rules.map(printCompositeRule).join(rule.op === 'and' ? ' AND ' : ' OR ')})`;
    case 'atLeast': {
      const least = 'count' in rule.least ? String(rule.least.count) : `${rule.least.percent}%`;
      return `AT_LEAST(${least}, ${rule.negated ? 'NOT ' : ''}${rule.state}, (${rule.alarms.map(printName).join(', ')}))`;
    }
    default:
      return unreachable(rule);
  }
}

/** Distinct children of a rule, in order of appearance. */
export function childrenOf(rule: CompositeRule): readonly string[] {
  const names = new Set<string>();
  const visit = (node: CompositeRule): void => {
    if (node.op === 'state') names.add(node.alarm);
    else if (node.op === 'not') visit(node.rule);
    else if (node.op === 'and' || node.op === 'or') node.rules.forEach(visit);
    else if (node.op === 'atLeast') for (const name of node.alarms) names.add(name);
  };
  visit(rule);
  return [...names];
}

/** Name of an alarm given by name or ARN (`arn:aws:cloudwatch:region:account:alarm:NAME`). */
export function alarmNameOf(nameOrArn: string): string {
  const match = /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/s.exec(nameOrArn);
  return match?.[1] ?? nameOrArn;
}

/**
 * Whether the rule holds. `stateOf` answers a child's present state; an unknown child is INSUFFICIENT_DATA, so that both
 * `ALARM(x)` and `OK(x)` are false for it.
 */
export function ruleHolds(rule: CompositeRule, stateOf: (alarm: string) => AlarmState | undefined): boolean {
  const isIn = (alarm: string, state: AlarmState): boolean => (stateOf(alarm) ?? 'INSUFFICIENT_DATA') === state;
  switch (rule.op) {
    case 'state':
      return isIn(rule.alarm, rule.state);
    case 'constant':
      return rule.value;
    case 'not':
      return !ruleHolds(rule.rule, stateOf);
    case 'and':
      return rule.rules.every(part => ruleHolds(part, stateOf));
    case 'or':
      return rule.rules.some(part => ruleHolds(part, stateOf));
    case 'atLeast': {
      const holding = rule.alarms.filter(alarm => isIn(alarm, rule.state) !== rule.negated).length;
      return 'count' in rule.least ? holding >= rule.least.count : holding * 100 >= rule.least.percent * rule.alarms.length;
    }
    default:
      return unreachable(rule);
  }
}

/** Cycles among composite alarms (by name), each as the names along it. CloudWatch stops evaluating such alarms. */
export function findCycles(rules: ReadonlyMap<string, CompositeRule>): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name);
    if (at !== -1) cycles.push([...path.slice(at), name]);
    const rule = rules.get(name);
    if (at !== -1 || done.has(name) || rule === undefined) return;
    for (const child of childrenOf(rule)) visit(alarmNameOf(child), [...path, name]);
    done.add(name);
  };
  for (const name of rules.keys()) visit(name, []);
  return cycles;
}

function elementsOf(rule: CompositeRule): number {
  if (rule.op === 'not') return 1 + elementsOf(rule.rule);
  if (rule.op === 'and' || rule.op === 'or') return rule.rules.length - 1 + rule.rules.reduce((sum, part) => sum + elementsOf(part), 0);
  return rule.op === 'atLeast' ? 1 + rule.alarms.length : 1;
}

function readOr(scanner: Scanner): CompositeRule {
  const rules = [readAnd(scanner)];
  for (scanner.skipSpace(); scanner.match(/OR(?![\w-])/y) !== undefined; scanner.skipSpace()) rules.push(readAnd(scanner));
  return joined('or', rules);
}

function readAnd(scanner: Scanner): CompositeRule {
  const rules = [readNot(scanner)];
  for (scanner.skipSpace(); scanner.match(/AND(?![\w-])/y) !== undefined; scanner.skipSpace()) rules.push(readNot(scanner));
  return joined('and', rules);
}

const joined = (op: 'and' | 'or', rules: readonly CompositeRule[]): CompositeRule =>
  rules.length === 1 && rules[0] !== undefined ? rules[0] : { op, rules };

function readNot(scanner: Scanner): CompositeRule {
  scanner.skipSpace();
  if (scanner.match(/NOT(?![\w-])/y) !== undefined) return { op: 'not', rule: readNot(scanner) };
  if (scanner.take('(')) {
    const rule = readOr(scanner);
    closeParenthesis(scanner);
    return rule;
  }
  const constant = scanner.match(/(TRUE|FALSE)(?![\w-])/y);
  if (constant !== undefined) return { op: 'constant', value: constant === 'TRUE' };
  if (scanner.match(/AT_LEAST(?=\s*\()/y) !== undefined) return readAtLeast(scanner);
  const state = scanner.match(/(ALARM|OK|INSUFFICIENT_DATA)(?=\s*\()/y);
  if (state === undefined)
    return scanner.fail('a condition is ALARM(x), OK(x), INSUFFICIENT_DATA(x), AT_LEAST(…), TRUE, FALSE, NOT or a group in parentheses');
  scanner.skipSpace();
  scanner.expect('(', 'a state is followed by an alarm in parentheses');
  const alarm = readName(scanner);
  closeParenthesis(scanner);
  return { op: 'state', state: state as AlarmState, alarm };
}

function readAtLeast(scanner: Scanner): CompositeRule {
  scanner.skipSpace();
  scanner.expect('(', 'AT_LEAST is followed by ( ');
  scanner.skipSpace();
  const at = scanner.position();
  const number = scanner.match(/\d+/y);
  if (number === undefined) return scanner.fail('AT_LEAST starts with a count or a percentage');
  const isPercent = scanner.take('%');
  comma(scanner);
  scanner.skipSpace();
  const negated = scanner.match(/NOT(?![\w-])/y) !== undefined;
  scanner.skipSpace();
  const state = scanner.match(STATES);
  if (state === undefined) return scanner.fail('AT_LEAST names ALARM, OK or INSUFFICIENT_DATA, with or without NOT');
  comma(scanner);
  scanner.skipSpace();
  scanner.expect('(', 'AT_LEAST lists its alarms in parentheses');
  const alarms = [readName(scanner)];
  for (scanner.skipSpace(); scanner.take(','); scanner.skipSpace()) alarms.push(readName(scanner));
  closeParenthesis(scanner);
  closeParenthesis(scanner);
  const value = Number(number);
  if (isPercent ? value < 1 || value > 100 : value < 1 || value > alarms.length) {
    scanner.fail('AT_LEAST takes 1 to the number of its alarms, or 1% to 100%', at);
  }
  return { op: 'atLeast', least: isPercent ? { percent: value } : { count: value }, state: state as AlarmState, negated, alarms };
}

function comma(scanner: Scanner): void {
  scanner.skipSpace();
  scanner.expect(',', 'the parts of AT_LEAST are separated by commas');
}

function closeParenthesis(scanner: Scanner): void {
  scanner.skipSpace();
  scanner.expect(')', 'an opened parenthesis is closed');
}

function readName(scanner: Scanner): string {
  scanner.skipSpace();
  const name = scanner.sees('"') ? quotedText(scanner) : scanner.match(/[^\s(),"]+/y);
  if (name === undefined || name === '')
    return scanner.fail('an alarm is named; names with spaces, commas or parentheses stand in double quotes');
  return name;
}

const printName = (name: string): string => (/[\s(),"\\]/.test(name) ? `"${name.replace(/[\\"]/g, '\\$&')}"` : name);
