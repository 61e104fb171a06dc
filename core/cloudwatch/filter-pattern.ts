import { ok, type Result } from '../result.ts';
import { compileFieldPattern } from './filter-fields.ts';
import { compileJsonPattern } from './filter-json.ts';
import { compileRegex, REGEX_LIMIT_PER_PATTERN } from './filter-regex.ts';
import type { FilterMatcher } from './log-message.ts';
import { parseWith, problemAt, quotedText, type Scanner, type SyntaxProblem } from './syntax.ts';

/** Longest filter pattern that CloudWatch Logs takes. Source: service quotas of CloudWatch Logs. */
export const FILTER_PATTERN_LIMIT = 1024;

const GRAMMAR = 'filter pattern';

export { type Extracted, type FilterMatcher, type LogMessage, logMessage } from './log-message.ts';

/**
 * Compiles a CloudWatch Logs filter pattern: terms (all must occur, `?a ?b` any, `-a` none, `"a phrase"`, `%regex%`), JSON
 * (`{ $.a.b[0] = "x*" && $.n >= 1e3 }`) or space-delimited fields (`[ip, ..., status = 4*, bytes]`).
 * An empty pattern and `" "` match every line. Lines that are not of the pattern's format do not match.
 * Source: CloudWatch Logs user guide, "Filter pattern syntax" (2026).
 */
export function compileFilterPattern(pattern: string): Result<FilterMatcher, SyntaxProblem> {
  if (pattern.length > FILTER_PATTERN_LIMIT) {
    return {
      ok: false,
      error: problemAt(GRAMMAR, pattern, FILTER_PATTERN_LIMIT, `a pattern has at most ${FILTER_PATTERN_LIMIT} characters`),
    };
  }
  const trimmed = pattern.trim();
  if (trimmed === '' || trimmed === '""' || trimmed === '" "') return ok(EVERYTHING);
  const first = trimmed[0];
  if (first === '{') return parseWith(GRAMMAR, pattern, compileJsonPattern);
  if (first === '[') return parseWith(GRAMMAR, pattern, compileFieldPattern);
  return parseWith(GRAMMAR, pattern, compileTerms);
}

const EVERYTHING: FilterMatcher = { kind: 'everything', matches: () => true, extract: () => undefined };

interface Term {
  readonly role: 'required' | 'optional' | 'excluded';
  readonly occurs: (text: string) => boolean;
}

function compileTerms(scanner: Scanner): FilterMatcher {
  const terms: Term[] = [];
  let regexes = 0;
  for (scanner.skipSpace(); !scanner.atEnd(); scanner.skipSpace()) {
    if (scanner.sees('%') || scanner.sees('-%') || scanner.sees('?%')) regexes += 1;
    if (regexes > REGEX_LIMIT_PER_PATTERN) scanner.fail(`a pattern has at most ${REGEX_LIMIT_PER_PATTERN} regular expressions`);
    terms.push(readTerm(scanner));
  }
  const required = terms.filter(term => term.role === 'required');
  const excluded = terms.filter(term => term.role === 'excluded');
  // The guide: optional terms beside terms of another kind are ignored.
  const optional = required.length + excluded.length > 0 ? [] : terms.filter(term => term.role === 'optional');
  const test = (text: string): boolean =>
    required.every(term => term.occurs(text)) &&
    !excluded.some(term => term.occurs(text)) &&
    (optional.length === 0 || optional.some(term => term.occurs(text)));
  return { kind: 'terms', matches: message => test(typeof message === 'string' ? message : message.text), extract: () => undefined };
}

function readTerm(scanner: Scanner): Term {
  const role = scanner.take('?') ? 'optional' : scanner.take('-') ? 'excluded' : 'required';
  scanner.skipSpace();
  if (scanner.sees('%')) {
    const regex = compileRegex(scanner);
    return { role, occurs: text => regex.test(text) };
  }
  const term = scanner.sees('"') ? quotedText(scanner) : scanner.match(/[\p{L}\p{N}_]+/uy);
  if (term === undefined || !(scanner.atEnd() || scanner.match(/(?=\s)/y) !== undefined)) {
    return scanner.fail('a term with characters other than letters, digits and _ stands in double quotes');
  }
  return { role, occurs: text => text.includes(term) };
}
