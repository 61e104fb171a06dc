import { REGEX_LIMIT_PER_PATTERN } from './filter-regex.ts';
import { readSign, readValueTest } from './filter-value.ts';
import { parseSelector, readSelector, selectAll, selectOne } from './json-selector.ts';
import { asMessage, type FilterMatcher, type LogMessage } from './log-message.ts';
import type { Scanner } from './syntax.ts';

/** Wildcard selectors in one compound pattern. Source: CloudWatch Logs user guide, "Filter pattern syntax". */
const WILDCARD_SELECTORS = 3;

interface Condition {
  readonly test: (root: unknown) => boolean;
  /** Texts of which each must stand in a matching line, so that most lines need no parsing. */
  readonly literals: readonly string[];
}

interface Counts {
  regexes: number;
  wildcards: number;
}

/** `{ conditions }`; the order of binding is parentheses, `&&`, `||`. */
export function compileJsonPattern(scanner: Scanner): FilterMatcher {
  scanner.skipSpace();
  scanner.expect('{', 'a JSON pattern starts with {');
  const counts: Counts = { regexes: 0, wildcards: 0 };
  const condition = readAny(scanner, counts);
  scanner.skipSpace();
  scanner.expect('}', 'a JSON pattern ends with }, and its conditions are joined by && or ||');
  scanner.skipSpace();
  if (!scanner.atEnd()) scanner.fail('nothing follows the closing }');
  return {
    kind: 'json',
    matches: message => matchesJson(condition, typeof message === 'string' ? message : message.text, message),
    extract: (message, selector) => extractJson(asMessage(message), selector),
  };
}

function matchesJson(condition: Condition, text: string, message: LogMessage | string): boolean {
  // A backslash may hide a literal in an escape, so only lines without one are ruled out unparsed.
  for (const literal of condition.literals) if (!text.includes(literal) && !text.includes('\\')) return false;
  const root = asMessage(message).json();
  return root !== undefined && condition.test(root);
}

const selectors = new Map<string, ReturnType<typeof parseSelector>>();

function extractJson(message: LogMessage, selector: string): string | number | boolean | undefined {
  const root = message.json();
  if (root === undefined) return undefined;
  // Bounded: the selectors of a program are those of its filters.
  let path = selectors.get(selector);
  if (path === undefined) {
    path = parseSelector(selector);
    if (selectors.size < 1000) selectors.set(selector, path);
  }
  if (!path.ok) return undefined;
  const value = selectOne(root, path.value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

function readAny(scanner: Scanner, counts: Counts): Condition {
  const parts = [readAll(scanner, counts)];
  for (scanner.skipSpace(); scanner.take('||'); scanner.skipSpace()) parts.push(readAll(scanner, counts));
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  return { test: root => parts.some(part => part.test(root)), literals: [] };
}

function readAll(scanner: Scanner, counts: Counts): Condition {
  const parts = [readOne(scanner, counts)];
  for (scanner.skipSpace(); scanner.take('&&'); scanner.skipSpace()) parts.push(readOne(scanner, counts));
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  return { test: root => parts.every(part => part.test(root)), literals: parts.flatMap(part => part.literals) };
}

function readOne(scanner: Scanner, counts: Counts): Condition {
  scanner.skipSpace();
  if (scanner.take('(')) {
    const inner = readAny(scanner, counts);
    scanner.skipSpace();
    scanner.expect(')', 'an opened parenthesis is closed');
    return inner;
  }
  const path = readSelector(scanner);
  if (path.some(step => step.kind === 'any')) counts.wildcards += 1;
  if (counts.wildcards > WILDCARD_SELECTORS) scanner.fail(`a pattern has at most ${WILDCARD_SELECTORS} wildcard selectors`);
  scanner.skipSpace();
  if (scanner.match(/IS\b/y) !== undefined) return readIs(scanner, path);
  if (scanner.match(/NOT\s+EXISTS\b/y) !== undefined) return { test: root => selectAll(root, path).length === 0, literals: [] };
  const sign = readSign(scanner);
  if (sign === undefined) return scanner.fail('a selector is followed by = != < <= > >=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS');
  scanner.skipSpace();
  const value = readValueTest(scanner, sign, ')}');
  if (value.isRegex) counts.regexes += 1;
  if (counts.regexes > REGEX_LIMIT_PER_PATTERN) scanner.fail(`a pattern has at most ${REGEX_LIMIT_PER_PATTERN} regular expressions`);
  const test = (root: unknown): boolean =>
    selectAll(root, path).some(found => (typeof found === 'string' || typeof found === 'number') && value.test(found));
  return { test, literals: value.literal === undefined ? [] : [value.literal] };
}

function readIs(scanner: Scanner, path: ReturnType<typeof readSelector>): Condition {
  scanner.skipSpace();
  const word = scanner.match(/NULL\b|TRUE\b|FALSE\b/y);
  if (word === undefined) return scanner.fail('IS is followed by NULL, TRUE or FALSE');
  const wanted = word === 'NULL' ? null : word === 'TRUE';
  return { test: root => selectAll(root, path).includes(wanted), literals: [] };
}
