import type { Result } from '../result.ts';
import type { MetricIdentity } from '../series/series-store.ts';
import { parseWith, quotedText, type Scanner, type SyntaxProblem } from './syntax.ts';

/** Longest search expression, and most series that a graph draws. Source: CloudWatch user guide, "Search expression syntax". */
export const SEARCH_LIMITS = { characters: 1024, series: 500 } as const;

type Test = (metric: MetricIdentity) => boolean;

/**
 * The first argument of SEARCH: `{Namespace,Dimension} MetricName="x" (a OR b) NOT c`. The schema in braces asks for the namespace and
 * exactly those dimensions. Quoted texts match a whole name or value; bare ones match its tokens (cut at punctuation, digits and capitals),
 * any case, as a part. Terms side by side must all match.
 * Source: CloudWatch user guide, "Search expression syntax" and "Search expression tokens and partial matches".
 */
export function parseSearch(text: string): Result<Test, SyntaxProblem> {
  return parseWith('search', text, scanner => {
    if (text.length > SEARCH_LIMITS.characters)
      scanner.fail(`a search has at most ${SEARCH_LIMITS.characters} characters`, SEARCH_LIMITS.characters);
    scanner.skipSpace();
    const schema = scanner.take('{') ? readSchema(scanner) : undefined;
    scanner.skipSpace();
    if (schema !== undefined && scanner.take(',')) scanner.skipSpace();
    const terms = scanner.atEnd() ? undefined : readOr(scanner);
    scanner.skipSpace();
    if (!scanner.atEnd()) scanner.fail('terms are joined by AND, OR or spaces');
    return metric => (schema?.(metric) ?? true) && (terms?.(metric) ?? true);
  });
}

function readSchema(scanner: Scanner): Test {
  const names: string[] = [];
  do {
    scanner.skipSpace();
    names.push(
      scanner.sees('"')
        ? quotedText(scanner)
        : (scanner.match(/[^,}]+/y) ?? scanner.fail('a schema lists a namespace and dimensions')).trim(),
    );
    scanner.skipSpace();
  } while (scanner.take(','));
  scanner.expect('}', 'a schema is closed by }');
  const [namespace, ...dimensions] = names;
  return metric => {
    const own = Object.keys(metric.dimensions);
    return metric.namespace === namespace && own.length === dimensions.length && dimensions.every(name => own.includes(name));
  };
}

function readOr(scanner: Scanner): Test {
  const parts = [readAnd(scanner)];
  for (scanner.skipSpace(); scanner.match(/OR\b/y) !== undefined; scanner.skipSpace()) parts.push(readAnd(scanner));
  return metric => parts.some(part => part(metric));
}

function readAnd(scanner: Scanner): Test {
  const parts = [readNot(scanner)];
  for (;;) {
    scanner.skipSpace();
    scanner.match(/AND\b/y);
    scanner.skipSpace();
    if (scanner.atEnd() || scanner.sees(')') || scanner.match(/(?=OR\b)/y) !== undefined)
      return metric => parts.every(part => part(metric));
    parts.push(readNot(scanner));
  }
}

function readNot(scanner: Scanner): Test {
  scanner.skipSpace();
  if (scanner.match(/NOT\b/y) !== undefined) {
    const inner = readNot(scanner);
    return metric => !inner(metric);
  }
  if (scanner.take('(')) {
    const inner = readOr(scanner);
    scanner.skipSpace();
    scanner.expect(')', 'an opened parenthesis is closed');
    return inner;
  }
  const term = readText(scanner);
  scanner.skipSpace();
  if (!scanner.take('=')) return metric => textsOf(metric).some(text => term.matches(text));
  scanner.skipSpace();
  const wanted = scanner.take('(') ? readAlternatives(scanner) : readText(scanner).matches;
  return metric => wanted(propertyOf(metric, term.text) ?? '\u0000');
}

function readAlternatives(scanner: Scanner): (text: string) => boolean {
  const options = [readText(scanner).matches];
  for (scanner.skipSpace(); scanner.match(/OR\b/y) !== undefined; scanner.skipSpace()) options.push(readText(scanner).matches);
  scanner.expect(')', 'an opened parenthesis is closed');
  return text => options.some(option => option(text));
}

function readText(scanner: Scanner): { readonly text: string; readonly matches: (text: string) => boolean } {
  scanner.skipSpace();
  if (scanner.sees('"')) {
    const text = quotedText(scanner);
    return { text, matches: other => other === text };
  }
  const text = scanner.match(/[^\s()"'={},]+/y) ?? scanner.fail('a term is a word or a text in double quotes');
  return { text, matches: other => matchesTokens(text, other) };
}

const tokensOf = (text: string): readonly string[] => text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];

/** Every token of the term is part of a token of the text; a term of several tokens must also stand in the text as written. */
function matchesTokens(term: string, text: string): boolean {
  const wanted = tokensOf(term);
  if (wanted.length > 1) return text.includes(term) || wanted.every(token => tokensOf(text).some(other => other === token));
  const token = (wanted[0] ?? term).toLowerCase();
  return tokensOf(text).some(other => other.toLowerCase().includes(token));
}

const textsOf = (metric: MetricIdentity): readonly string[] => [
  metric.namespace,
  metric.metricName,
  ...Object.keys(metric.dimensions),
  ...Object.values(metric.dimensions),
];

function propertyOf(metric: MetricIdentity, property: string): string | undefined {
  if (property === 'MetricName') return metric.metricName;
  if (property === 'Namespace') return metric.namespace;
  return Object.hasOwn(metric.dimensions, property) ? metric.dimensions[property] : undefined;
}
