import { quotedText, type Scanner } from './syntax.ts';

export type Value = string | number | boolean | null;

export interface Row {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
}

export type Expression = (row: Row) => Value;

export const isTrue = (value: Value): boolean => value === true || (typeof value === 'number' && value !== 0);
export const textOf = (value: Value | undefined): string | undefined => (value === null || value === undefined ? undefined : String(value));

/** A number, also one written as text. */
export function valueNumber(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/** Reads an expression of a logs query; `or` binds loosest, then `and`, `not`, comparisons, + -, * /. */
export function readExpression(scanner: Scanner): Expression {
  const parts = [readAnd(scanner)];
  for (scanner.skipSpace(); scanner.match(/or\b/iy) !== undefined; scanner.skipSpace()) parts.push(readAnd(scanner));
  const only = parts[0];
  return parts.length === 1 && only !== undefined ? only : row => parts.some(part => isTrue(part(row)));
}

function readAnd(scanner: Scanner): Expression {
  const parts = [readNot(scanner)];
  for (scanner.skipSpace(); scanner.match(/and\b/iy) !== undefined; scanner.skipSpace()) parts.push(readNot(scanner));
  const only = parts[0];
  return parts.length === 1 && only !== undefined ? only : row => parts.every(part => isTrue(part(row)));
}

function readNot(scanner: Scanner): Expression {
  scanner.skipSpace();
  if (scanner.match(/not\b/iy) === undefined) return readComparison(scanner);
  const inner = readNot(scanner);
  return row => !isTrue(inner(row));
}

function readComparison(scanner: Scanner): Expression {
  const left = readSum(scanner);
  scanner.skipSpace();
  const negated = scanner.match(/not(?=\s+(like|in)\b)/iy) !== undefined;
  scanner.skipSpace();
  if (scanner.match(/like\b|=~/iy) !== undefined) return flip(negated, readLike(scanner, left));
  if (scanner.match(/in\b/iy) !== undefined) return flip(negated, readIn(scanner, left));
  const sign = scanner.match(/!=|<=|>=|=|<|>/y);
  if (sign === undefined) return left;
  const right = readSum(scanner);
  return row => compare(sign, left(row), right(row));
}

const flip = (negated: boolean, expression: Expression): Expression => (negated ? row => !isTrue(expression(row)) : expression);

function compare(sign: string, left: Value, right: Value): boolean {
  if (sign === '=') return equal(left, right);
  if (sign === '!=') return !equal(left, right);
  const [a, b] = [valueNumber(left), valueNumber(right)];
  if (a !== undefined && b !== undefined) return ordered(sign, a, b);
  return left !== null && right !== null && ordered(sign, String(left), String(right));
}

function equal(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right;
  const [a, b] = [valueNumber(left), valueNumber(right)];
  return a !== undefined && b !== undefined ? a === b : String(left) === String(right);
}

function ordered<T extends string | number>(sign: string, a: T, b: T): boolean {
  if (sign === '<') return a < b;
  if (sign === '<=') return a <= b;
  return sign === '>' ? a > b : a >= b;
}

function readLike(scanner: Scanner, left: Expression): Expression {
  scanner.skipSpace();
  const regex = scanner.match(/\/(?:\\.|[^/\\])+\//y);
  if (regex !== undefined) {
    const source = regex.slice(1, -1);
    const pattern = compiled(scanner, source);
    return row => pattern.test(textOf(left(row)) ?? '');
  }
  const text = readText(scanner);
  if (text === undefined) return scanner.fail('like is followed by a text in quotes or a /regular expression/');
  return row => textOf(left(row))?.includes(text) ?? false;
}

function compiled(scanner: Scanner, source: string): RegExp {
  try {
    return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'i') : new RegExp(source);
  } catch {
    return scanner.fail('a regular expression is complete');
  }
}

function readIn(scanner: Scanner, left: Expression): Expression {
  scanner.skipSpace();
  scanner.expect('[', 'in is followed by a list in [ ]');
  const options = [readSum(scanner)];
  for (scanner.skipSpace(); scanner.take(','); scanner.skipSpace()) options.push(readSum(scanner));
  scanner.expect(']', 'an opened [ is closed');
  return row => options.some(option => equal(left(row), option(row)));
}

function readSum(scanner: Scanner): Expression {
  let left = readProduct(scanner);
  for (;;) {
    scanner.skipSpace();
    const sign = scanner.match(/[+-]/y);
    if (sign === undefined) return left;
    left = arithmetic(sign, left, readProduct(scanner));
  }
}

function readProduct(scanner: Scanner): Expression {
  let left = readPrimary(scanner);
  for (;;) {
    scanner.skipSpace();
    const sign = scanner.match(/[*/%]/y);
    if (sign === undefined) return left;
    left = arithmetic(sign, left, readPrimary(scanner));
  }
}

function arithmetic(sign: string, left: Expression, right: Expression): Expression {
  return row => {
    const [a, b] = [valueNumber(left(row)), valueNumber(right(row))];
    if (a === undefined || b === undefined) return null;
    const value = sign === '+' ? a + b : sign === '-' ? a - b : sign === '*' ? a * b : sign === '/' ? a / b : a % b;
    return Number.isFinite(value) ? value : null;
  };
}

function readPrimary(scanner: Scanner): Expression {
  scanner.skipSpace();
  if (scanner.take('(')) {
    const inner = readExpression(scanner);
    scanner.skipSpace();
    scanner.expect(')', 'an opened parenthesis is closed');
    return inner;
  }
  const text = readText(scanner);
  if (text !== undefined) return () => text;
  const number = scanner.match(/-?\d+(\.\d+)?(?![\w.])/y);
  if (number !== undefined) return () => Number(number);
  const call = scanner.match(/[a-zA-Z]\w*(?=\s*\()/y);
  if (call !== undefined) return readCall(scanner, call.toLowerCase());
  const name = readField(scanner);
  return row => row.get(name) ?? null;
}

function readText(scanner: Scanner): string | undefined {
  if (scanner.sees('"')) return quotedText(scanner);
  return scanner.match(/'[^']*'/y)?.slice(1, -1);
}

/** `@timestamp`, `error.name`, or any name in backticks. */
export function readField(scanner: Scanner): string {
  const quoted = scanner.match(/`[^`]+`/y);
  return quoted?.slice(1, -1) ?? scanner.match(/@?[A-Za-z_][\w.]*/y) ?? scanner.fail('a field is a name, such as @timestamp or error.name');
}

function readCall(scanner: Scanner, name: string): Expression {
  const at = scanner.position();
  scanner.skipSpace();
  scanner.expect('(', `${name} is followed by (`);
  if (name === 'bin') return readBin(scanner);
  const args: Expression[] = [];
  scanner.skipSpace();
  while (!scanner.take(')')) {
    args.push(readExpression(scanner));
    scanner.skipSpace();
    scanner.take(',');
    scanner.skipSpace();
    if (scanner.atEnd()) scanner.fail('an opened parenthesis is closed');
  }
  const value = (row: Row, index = 0): Value => args[index]?.(row) ?? null;
  switch (name) {
    case 'ispresent':
      return row => value(row) !== null;
    case 'isempty':
    case 'isblank':
      return row => (textOf(value(row)) ?? '').trim() === '';
    case 'strcontains':
      return row => textOf(value(row))?.includes(textOf(value(row, 1)) ?? '\u0000') ?? false;
    case 'strlen':
      return row => textOf(value(row))?.length ?? null;
    case 'tolower':
    case 'lower':
      return row => textOf(value(row))?.toLowerCase() ?? null;
    case 'toupper':
    case 'upper':
      return row => textOf(value(row))?.toUpperCase() ?? null;
    case 'coalesce':
      return row => args.map(arg => arg(row)).find(found => found !== null) ?? null;
    case 'abs':
      return row => mapNumber(value(row), Math.abs);
    case 'floor':
      return row => mapNumber(value(row), Math.floor);
    case 'ceil':
      return row => mapNumber(value(row), Math.ceil);
    case 'tomillis':
      return row => row.get('@atMs') ?? null;
    default:
      return scanner.fail(`${name} is not a function that is known here`, at);
  }
}

function mapNumber(value: Value, change: (value: number) => number): Value {
  const number = valueNumber(value);
  return number === undefined ? null : change(number);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `bin(5m)`: the start of the span, as text. */
function readBin(scanner: Scanner): Expression {
  scanner.skipSpace();
  const [, count, unit] = /^(\d+)(ms|s|m|h|d|w)$/.exec(scanner.match(/\d+[a-z]+/y) ?? '') ?? [];
  const width = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(width > 0)) scanner.fail('bin takes a span such as 30s, 5m or 1h');
  scanner.skipSpace();
  scanner.expect(')', 'an opened parenthesis is closed');
  return row => new Date(Math.floor(Number(row.get('@atMs')) / width) * width).toISOString().replace('T', ' ').replace('Z', '');
}
