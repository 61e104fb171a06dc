/**
 * Label matchers with Alertmanager's four operators: `=`, `!=`, `=~`, `!~`. Regular expressions are anchored at both ends; a label that
 * is missing equals the empty text. All matchers of a list must hold.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher (2026-08).
 */
import { err, ok, type Result } from '../result.ts';

export type Labels = Readonly<Record<string, string>>;

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** Longer expressions are refused: they come from people in a hurry, and each is run against every alert. */
export const PATTERN_LIMIT = 500;

const compiled = new Map<string, RegExp>();
const COMPILED_LIMIT = 500;

export function matches({ label, operator, value }: Matcher, labels: Labels): boolean {
  const found = Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
  if (operator === '=') return found === value;
  if (operator === '!=') return found !== value;
  return anchored(value).test(found) === (operator === '=~');
}

export const matchesAll = (matchers: readonly Matcher[], labels: Labels): boolean => matchers.every(matcher => matches(matcher, labels));

function anchored(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = new RegExp(`^(?:${pattern})$`, 'su');
  if (compiled.size >= COMPILED_LIMIT) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

/** `Strategy=~"btc-.*"` or `Strategy=btc` as a matcher. Quotes are optional; inside them `\\"`, `\\\\` and `\\n` are escapes. */
export function parseMatcher(text: string): Result<Matcher, string> {
  const read = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s=!~"{},]+))\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*$/su.exec(text);
  if (read === null) return err(`must read label=value, label!=value, label=~expression or label!~expression`);
  const label = read[1] === undefined ? (read[2] ?? '') : unescaped(read[1]);
  const matcher: Matcher = {
    label,
    operator: read[3] as MatchOperator,
    value: read[4] === undefined ? (read[5] ?? '') : unescaped(read[4]),
  };
  const wrong = matcherProblem(matcher);
  return wrong === undefined ? ok(matcher) : err(wrong);
}

/** Several matchers in one text, `{a="b", c=~"d"}` with or without braces; commas inside quotes do not part them. */
export function parseMatchers(text: string): Result<readonly Matcher[], string> {
  const inner = text.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  const parts = inner.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  const matchers: Matcher[] = [];
  for (const part of parts.filter(piece => piece.trim() !== '')) {
    const read = parseMatcher(part);
    if (!read.ok) return read;
    matchers.push(read.value);
  }
  return ok(matchers);
}

/** What is wrong with a matcher; undefined when nothing is. */
export function matcherProblem({ label, operator, value }: Matcher): string | undefined {
  if (label === '') return 'must name a label';
  if (value.length > PATTERN_LIMIT) return `must have at most ${PATTERN_LIMIT} characters`;
  if (operator === '=' || operator === '!=') return undefined;
  try {
    anchored(value);
    return undefined;
  } catch {
    return 'must be a regular expression';
  }
}

const unescaped = (text: string) => text.replace(/\\(.)/gsu, (_all, mark: string) => (mark === 'n' ? '\n' : mark));

/** As people read and type it: `Strategy=~"btc-.*"`. */
export function showMatcher({ label, operator, value }: Matcher): string {
  return `${label}${operator}"${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

export const showMatchers = (matchers: readonly Matcher[]): string => `{${matchers.map(showMatcher).join(', ')}}`;
