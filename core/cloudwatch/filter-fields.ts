import { REGEX_LIMIT_PER_PATTERN } from './filter-regex.ts';
import { readSign, readValueTest } from './filter-value.ts';
import { asMessage, type FilterMatcher } from './log-message.ts';
import type { Scanner } from './syntax.ts';

interface Field {
  /** Empty for a field without a name. */
  readonly name: string;
  readonly holds: (values: ReadonlyMap<string, string>) => boolean;
}

/**
 * `[name, name = value && name != value, ..., name]`. Text in brackets or double quotes is one field. `...` stands for any number of
 * fields, also none. Without `...` the last field takes the rest of the line, as the guide's `[w1=ERROR, w2]` shows on longer lines.
 * Fields without a name are numbered `$1`, `$2`, … by their place.
 * Source: CloudWatch Logs user guide, "Filter pattern syntax", space-delimited log events.
 */
export function compileFieldPattern(scanner: Scanner): FilterMatcher {
  const items = readItems(scanner);
  const ellipsis = items.indexOf('...');
  if (ellipsis !== items.lastIndexOf('...')) scanner.fail('a pattern has at most one ellipsis');
  const isField = (item: Field | '...'): item is Field => item !== '...';
  const head = items.slice(0, ellipsis === -1 ? items.length : ellipsis).filter(isField);
  const tail = ellipsis === -1 ? undefined : items.slice(ellipsis + 1).filter(isField);
  const conditions = items.filter(isField);
  const read = (text: string): ReadonlyMap<string, string> | undefined => assign(text, head, tail);
  return {
    kind: 'fields',
    matches: message => {
      const values = read(asMessage(message).text);
      return values !== undefined && conditions.every(field => field.holds(values));
    },
    extract: (message, selector) => read(asMessage(message).text)?.get(selector.replace(/^\$\.?/, '')),
  };
}

function readItems(scanner: Scanner): readonly (Field | '...')[] {
  scanner.skipSpace();
  scanner.expect('[', 'a space-delimited pattern starts with [');
  const items: (Field | '...')[] = [];
  const counts = { regexes: 0 };
  do {
    scanner.skipSpace();
    items.push(scanner.take('...') ? '...' : readField(scanner, counts));
    scanner.skipSpace();
  } while (scanner.take(','));
  scanner.expect(']', 'fields are separated by commas, and the pattern ends with ]');
  scanner.skipSpace();
  if (!scanner.atEnd()) scanner.fail('nothing follows the closing ]');
  return items;
}

const nameAt = (scanner: Scanner): string => scanner.match(/[\p{L}\p{N}_$-]+/uy)?.replace(/^\$/, '') ?? '';

function readField(scanner: Scanner, counts: { regexes: number }): Field {
  const start = scanner.position();
  scanner.match(/[(\s]*/y);
  const name = nameAt(scanner);
  scanner.skipSpace();
  if (readSign(scanner) === undefined) {
    if (scanner.position() === start || name !== '' || scanner.sees(',') || scanner.sees(']')) return { name, holds: () => true };
    return scanner.fail('a field is a name, or a name with a comparison');
  }
  scanner.moveTo(start);
  const holds = readAny(scanner, counts);
  return { name, holds };
}

type Holds = Field['holds'];

function readAny(scanner: Scanner, counts: { regexes: number }): Holds {
  const parts = [readAll(scanner, counts)];
  for (scanner.skipSpace(); scanner.take('||'); scanner.skipSpace()) parts.push(readAll(scanner, counts));
  return values => parts.some(part => part(values));
}

function readAll(scanner: Scanner, counts: { regexes: number }): Holds {
  const parts = [readOne(scanner, counts)];
  for (scanner.skipSpace(); scanner.take('&&'); scanner.skipSpace()) parts.push(readOne(scanner, counts));
  return values => parts.every(part => part(values));
}

function readOne(scanner: Scanner, counts: { regexes: number }): Holds {
  scanner.skipSpace();
  if (scanner.take('(')) {
    const inner = readAny(scanner, counts);
    scanner.skipSpace();
    scanner.expect(')', 'an opened parenthesis is closed');
    return inner;
  }
  const name = nameAt(scanner);
  scanner.skipSpace();
  const sign = readSign(scanner);
  if (sign === undefined) return scanner.fail('a condition is a name and a comparison, such as status = 4*');
  scanner.skipSpace();
  const value = readValueTest(scanner, sign, ',])');
  if (value.isRegex) counts.regexes += 1;
  if (counts.regexes > REGEX_LIMIT_PER_PATTERN) scanner.fail(`a pattern has at most ${REGEX_LIMIT_PER_PATTERN} regular expressions`);
  return values => {
    const found = values.get(name);
    return found !== undefined && value.test(found);
  };
}

/** Values by field name; undefined when the line has too few fields. */
function assign(text: string, head: readonly Field[], tail: readonly Field[] | undefined): ReadonlyMap<string, string> | undefined {
  const tokens = splitFields(text);
  const needed = head.length + (tail?.length ?? 0);
  if (tokens.length < needed) return undefined;
  const values = new Map<string, string>();
  const names = tail === undefined ? head : [...head, ...Array.from({ length: tokens.length - needed }, () => NAMELESS), ...tail];
  for (const [at, field] of names.entries()) {
    const token = tokens[at];
    if (token === undefined) continue;
    const isRest = tail === undefined && at === names.length - 1 && tokens.length > names.length;
    values.set(field.name === '' ? String(at + 1) : field.name, isRest ? text.slice(token.start).trim() : token.value);
  }
  return values;
}

const NAMELESS: Field = { name: '', holds: () => true };

function splitFields(text: string): readonly { readonly value: string; readonly start: number }[] {
  const fields: { value: string; start: number }[] = [];
  const token = /\[([^\]]*)\](?=\s|$)|"([^"]*)"(?=\s|$)|(\S+)/g;
  for (const match of text.matchAll(token)) fields.push({ value: match[1] ?? match[2] ?? match[3] ?? '', start: match.index });
  return fields;
}
