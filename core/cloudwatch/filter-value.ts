import { compileRegex } from './filter-regex.ts';
import { quotedText, type Scanner } from './syntax.ts';

export type ComparisonSign = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** Tests a value of a log line; only strings and numbers are values. */
export type ValueTest = (value: string | number) => boolean;

/** `< <= > >= = !=`; undefined when none follows. */
export const readSign = (scanner: Scanner): ComparisonSign | undefined => scanner.match(/!=|<=|>=|=|<|>/y) as ComparisonSign | undefined;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Reads what stands right of a comparison: a quoted text, a bare text, a number or `%regex%`.
 * - A bare number compares as a number with numbers, and as text with strings.
 * - Text compares as text; `*` at its start or end stands for anything, inside it is an ordinary character.
 * - `< <= > >=` need a number and hold for numbers and for texts that are written as numbers.
 * Source: CloudWatch Logs user guide, "Filter pattern syntax".
 * @param end characters that end a bare text.
 */
export function readValueTest(
  scanner: Scanner,
  sign: ComparisonSign,
  end: string,
): { readonly test: ValueTest; readonly literal?: string; readonly isRegex: boolean } {
  const at = scanner.position();
  if (scanner.sees('%')) {
    if (sign !== '=' && sign !== '!=') scanner.fail('a regular expression goes with = or !=');
    const regex = compileRegex(scanner);
    return { test: negatedFor(sign, value => regex.test(String(value))), isRegex: true };
  }
  const quoted = scanner.sees('"');
  const text = quoted ? quotedText(scanner) : bareText(scanner, end);
  if (text === '' && !quoted) scanner.fail('a comparison has a value on its right');
  const number = !quoted && NUMBER.test(text) ? Number(text) : undefined;
  if (sign !== '=' && sign !== '!=') {
    if (number === undefined) return scanner.fail('< <= > >= compare with a number', at);
    return { test: ordering(sign, number), isRegex: false };
  }
  const equals =
    number === undefined
      ? wildcardTest(text)
      : (value: string | number) => (typeof value === 'number' ? value === number : sameNumberText(value, text, number));
  const isPlain = sign === '=' && quoted && /^[A-Za-z0-9_. -]+$/.test(text);
  return { test: negatedFor(sign, equals), isRegex: false, ...(isPlain ? { literal: text } : {}) };
}

const sameNumberText = (value: string, text: string, number: number): boolean =>
  value === text || (NUMBER.test(value) && Number(value) === number);

function bareText(scanner: Scanner, end: string): string {
  let text = '';
  while (!scanner.atEnd()) {
    const next = scanner.text[scanner.position()] ?? '';
    if (end.includes(next) || /\s/.test(next) || scanner.sees('&&') || scanner.sees('||')) break;
    text += next;
    scanner.moveTo(scanner.position() + 1);
  }
  return text;
}

function negatedFor(sign: '=' | '!=', test: ValueTest): ValueTest {
  return sign === '=' ? test : value => !test(value);
}

function ordering(sign: '<' | '<=' | '>' | '>=', limit: number): ValueTest {
  const compare = (value: number): boolean => {
    switch (sign) {
      case '<':
        return value < limit;
      case '<=':
        return value <= limit;
      case '>':
        return value > limit;
      case '>=':
        return value >= limit;
    }
  };
  return value => (typeof value === 'number' ? compare(value) : NUMBER.test(value) && compare(Number(value)));
}

/** Whether a text equals the pattern, where a `*` at the start or end stands for any text. */
export function wildcardTest(pattern: string): ValueTest {
  const open = pattern.startsWith('*');
  const openEnd = pattern.endsWith('*') && pattern.length > 1;
  const body = pattern.slice(open ? 1 : 0, openEnd ? -1 : undefined);
  if (pattern === '*' || (open && openEnd && body === '')) return () => true;
  if (open && openEnd) return value => String(value).includes(body);
  if (open) return value => String(value).endsWith(body);
  if (openEnd) return value => String(value).startsWith(body);
  return value => String(value) === body;
}
