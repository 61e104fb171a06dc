/**
 * DynamoDB's expression language: conditions (also filters and key conditions), updates and projections.
 * Expressions are parsed once per text and evaluated many times.
 */
import { validation } from '../../endpoint/errors.ts';
import type { AttributeValue, Item } from './value.ts';
import { addNumbers, compare, isEqual, lengthOf, typeOf } from './value.ts';

/** What `#name` and `:value` stand for in one request. */
export interface Substitutions {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

type Step = { readonly name: string } | { readonly index: number };
export type Path = readonly Step[];

type Operand =
  | { readonly op: 'path'; readonly path: Path }
  | { readonly op: 'value'; readonly name: string }
  | { readonly op: 'size'; readonly path: Path }
  | { readonly op: 'ifNotExists'; readonly path: Path; readonly otherwise: Operand }
  | { readonly op: 'listAppend'; readonly first: Operand; readonly second: Operand }
  | { readonly op: 'sum'; readonly sign: 1 | -1; readonly first: Operand; readonly second: Operand };

type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly op: 'and' | 'or'; readonly terms: readonly Condition[] }
  | { readonly op: 'not'; readonly term: Condition }
  | { readonly op: 'compare'; readonly by: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly op: 'between'; readonly of: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly op: 'in'; readonly of: Operand; readonly list: readonly Operand[] }
  | { readonly op: 'exists' | 'notExists'; readonly path: Path }
  | { readonly op: 'type' | 'beginsWith' | 'contains'; readonly of: Operand; readonly with: Operand };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly value: Operand }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: Operand }[];
  readonly delete: readonly { readonly path: Path; readonly value: Operand }[];
}

const tokenPattern = /\s*(?:(<>|<=|>=|[=<>(),.+\-[\]])|([:#]?[A-Za-z0-9_][A-Za-z0-9_]*))/y;

class Reader {
  readonly tokens: readonly string[];
  private readonly source: string;
  private position = 0;

  constructor(source: string) {
    this.source = source;
    const tokens: string[] = [];
    tokenPattern.lastIndex = 0;
    while (tokenPattern.lastIndex < source.length) {
      const start = tokenPattern.lastIndex;
      const match = tokenPattern.exec(source);
      if (match === null) {
        if (source.slice(start).trim() === '') break;
        throw validation(`Invalid expression: Syntax error near "${source.slice(start, start + 20)}"`);
      }
      tokens.push(match[1] ?? match[2]!);
    }
    this.tokens = tokens;
  }

  peek(): string | undefined {
    return this.tokens[this.position];
  }

  next(): string {
    const token = this.tokens[this.position];
    if (token === undefined) throw validation(`Invalid expression: "${this.source}" ends too early`);
    this.position += 1;
    return token;
  }

  isNext(word: string): boolean {
    return this.peek()?.toUpperCase() === word;
  }

  take(word: string): boolean {
    if (!this.isNext(word)) return false;
    this.position += 1;
    return true;
  }

  expect(word: string): void {
    const found = this.next();
    if (found.toUpperCase() !== word)
      throw validation(`Invalid expression: Syntax error; token: "${found}", expected "${word}" in "${this.source}"`);
  }

  isFunction(): boolean {
    return this.tokens[this.position + 1] === '(' && /^[a-z_]+$/.test(this.peek() ?? '');
  }
}

function readPath(reader: Reader): Path {
  const steps: Step[] = [readName(reader)];
  for (;;) {
    if (reader.take('.')) steps.push(readName(reader));
    else if (reader.take('[')) {
      steps.push({ index: Number(reader.next()) });
      reader.expect(']');
    } else return steps;
  }
}

function readName(reader: Reader): Step {
  const token = reader.next();
  if (!/^#?\w+$/.test(token)) throw validation(`Invalid expression: Syntax error; token: "${token}"`);
  return { name: token };
}

function readOperand(reader: Reader): Operand {
  const token = reader.peek() ?? '';
  if (token.startsWith(':')) return { op: 'value', name: reader.next() };
  if (!reader.isFunction()) return { op: 'path', path: readPath(reader) };
  const name = reader.next();
  reader.expect('(');
  const operand = readOperandFunction(name, reader);
  reader.expect(')');
  return operand;
}

function readOperandFunction(name: string, reader: Reader): Operand {
  if (name === 'size') return { op: 'size', path: readPath(reader) };
  if (name === 'if_not_exists') {
    const path = readPath(reader);
    reader.expect(',');
    return { op: 'ifNotExists', path, otherwise: readOperand(reader) };
  }
  if (name === 'list_append') {
    const first = readOperand(reader);
    reader.expect(',');
    return { op: 'listAppend', first, second: readOperand(reader) };
  }
  throw validation(`Invalid expression: Invalid function name; function: ${name}`);
}

function readOr(reader: Reader): Condition {
  const terms = [readAnd(reader)];
  while (reader.take('OR')) terms.push(readAnd(reader));
  return terms.length === 1 ? terms[0]! : { op: 'or', terms };
}

function readAnd(reader: Reader): Condition {
  const terms = [readNot(reader)];
  while (reader.take('AND')) terms.push(readNot(reader));
  return terms.length === 1 ? terms[0]! : { op: 'and', terms };
}

function readNot(reader: Reader): Condition {
  return reader.take('NOT') ? { op: 'not', term: readNot(reader) } : readTest(reader);
}

function readTest(reader: Reader): Condition {
  if (reader.take('(')) {
    const inner = readOr(reader);
    reader.expect(')');
    return inner;
  }
  const test = reader.isFunction() ? readTestFunction(reader) : undefined;
  if (test !== undefined) return test;
  const left = readOperand(reader);
  if (reader.take('BETWEEN')) {
    const low = readOperand(reader);
    reader.expect('AND');
    return { op: 'between', of: left, low, high: readOperand(reader) };
  }
  if (reader.take('IN')) {
    reader.expect('(');
    const members = [readOperand(reader)];
    while (reader.take(',')) members.push(readOperand(reader));
    reader.expect(')');
    return { op: 'in', of: left, list: members };
  }
  const by = reader.next();
  if (!['=', '<>', '<', '<=', '>', '>='].includes(by)) throw validation(`Invalid expression: Syntax error; token: "${by}"`);
  return { op: 'compare', by: by as Comparator, left, right: readOperand(reader) };
}

function readTestFunction(reader: Reader): Condition | undefined {
  const name = reader.peek()!;
  if (name === 'attribute_exists' || name === 'attribute_not_exists') {
    reader.next();
    reader.expect('(');
    const path = readPath(reader);
    reader.expect(')');
    return { op: name === 'attribute_exists' ? 'exists' : 'notExists', path };
  }
  const op = ({ attribute_type: 'type', begins_with: 'beginsWith', contains: 'contains' } as const)[name as 'contains'];
  if (op === undefined) return undefined;
  reader.next();
  reader.expect('(');
  const of = readOperand(reader);
  reader.expect(',');
  const operand = readOperand(reader);
  reader.expect(')');
  return { op, of, with: operand };
}

function readSum(reader: Reader): Operand {
  const first = readOperand(reader);
  const sign = reader.take('+') ? 1 : reader.take('-') ? -1 : undefined;
  return sign === undefined ? first : { op: 'sum', sign, first, second: readOperand(reader) };
}

function readUpdate(reader: Reader): Update {
  const update = {
    set: [] as Update['set'][number][],
    remove: [] as Path[],
    add: [] as Update['add'][number][],
    delete: [] as Update['delete'][number][],
  };
  const sections: Readonly<Record<string, () => void>> = {
    SET: () => {
      const path = readPath(reader);
      reader.expect('=');
      update.set.push({ path, value: readSum(reader) });
    },
    REMOVE: () => update.remove.push(readPath(reader)),
    ADD: () => update.add.push({ path: readPath(reader), value: readOperand(reader) }),
    DELETE: () => update.delete.push({ path: readPath(reader), value: readOperand(reader) }),
  };
  while (reader.peek() !== undefined) {
    const word = reader.next();
    const read = sections[word.toUpperCase()];
    if (read === undefined) throw validation(`Invalid UpdateExpression: Syntax error; token: "${word}"`);
    do read();
    while (reader.take(','));
  }
  return update;
}

/** A cache bounded by clearing it: texts come from code and are few. */
function remembered<T>(parse: (reader: Reader) => T): (source: string) => T {
  const cache = new Map<string, T>();
  return source => {
    const known = cache.get(source);
    if (known !== undefined) return known;
    const reader = new Reader(source);
    const parsed = parse(reader);
    if (reader.peek() !== undefined) throw validation(`Invalid expression: Syntax error; token: "${reader.peek()}" in "${source}"`);
    if (cache.size > 1_000) cache.clear();
    cache.set(source, parsed);
    return parsed;
  };
}

export const parseCondition = remembered(readOr);
export const parseUpdate = remembered(readUpdate);
export const parseProjection = remembered(reader => {
  const paths = [readPath(reader)];
  while (reader.take(',')) paths.push(readPath(reader));
  return paths as readonly Path[];
});

export function nameOf(step: Step, names: Substitutions['names']): string {
  if (!('name' in step)) throw validation('Invalid expression: a list index cannot begin a path');
  if (!step.name.startsWith('#')) return step.name;
  const name = names[step.name];
  if (name === undefined)
    throw validation(`An expression attribute name used in the document path is not defined; attribute name: ${step.name}`);
  return name;
}

function read(item: Item, path: Path, names: Substitutions['names']): AttributeValue | undefined {
  let value: AttributeValue | undefined = item[nameOf(path[0]!, names)];
  for (let index = 1; index < path.length && value !== undefined; index += 1) {
    const step = path[index]!;
    if ('index' in step) value = (value['L'] as AttributeValue[] | undefined)?.[step.index];
    else value = (value['M'] as Item | undefined)?.[nameOf(step, names)];
  }
  return value;
}

export function resolved(operand: Operand, item: Item, by: Substitutions): AttributeValue | undefined {
  switch (operand.op) {
    case 'path':
      return read(item, operand.path, by.names);
    case 'value': {
      const value = by.values[operand.name];
      if (value === undefined)
        throw validation(`An expression attribute value used in expression is not defined; attribute value: ${operand.name}`);
      return value;
    }
    case 'size': {
      const value = read(item, operand.path, by.names);
      const length = value === undefined ? undefined : lengthOf(value);
      return length === undefined ? undefined : { N: String(length) };
    }
    case 'ifNotExists':
      return read(item, operand.path, by.names) ?? resolved(operand.otherwise, item, by);
    case 'listAppend': {
      const parts = [operand.first, operand.second].map(part => resolved(part, item, by)?.['L'] as AttributeValue[] | undefined);
      if (parts.includes(undefined)) throw validation('An operand in the update expression has an incorrect data type');
      return { L: parts.flatMap(part => part!) };
    }
    case 'sum': {
      const first = resolved(operand.first, item, by)?.['N'];
      const second = resolved(operand.second, item, by)?.['N'];
      if (first === undefined) throw validation('The provided expression refers to an attribute that does not exist in the item');
      if (second === undefined) throw validation('An operand in the update expression has an incorrect data type');
      return { N: addNumbers(first as string, second as string, operand.sign) };
    }
  }
}

export function holds(condition: Condition, item: Item, by: Substitutions): boolean {
  switch (condition.op) {
    case 'and':
      return condition.terms.every(term => holds(term, item, by));
    case 'or':
      return condition.terms.some(term => holds(term, item, by));
    case 'not':
      return !holds(condition.term, item, by);
    case 'exists':
      return read(item, condition.path, by.names) !== undefined;
    case 'notExists':
      return read(item, condition.path, by.names) === undefined;
    case 'compare':
      return isTrue(condition.by, resolved(condition.left, item, by), resolved(condition.right, item, by));
    case 'between': {
      const of = resolved(condition.of, item, by);
      return isTrue('>=', of, resolved(condition.low, item, by)) && isTrue('<=', of, resolved(condition.high, item, by));
    }
    case 'in': {
      const of = resolved(condition.of, item, by);
      return condition.list.some(member => isTrue('=', of, resolved(member, item, by)));
    }
    default:
      return matches(condition.op, resolved(condition.of, item, by), resolved(condition.with, item, by));
  }
}

function isTrue(by: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (left === undefined || right === undefined) return by === '<>' && left !== right;
  if (by === '=') return isEqual(left, right);
  if (by === '<>') return !isEqual(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  if (by === '<') return order < 0;
  if (by === '<=') return order <= 0;
  return by === '>' ? order > 0 : order >= 0;
}

function matches(op: 'type' | 'beginsWith' | 'contains', of: AttributeValue | undefined, operand: AttributeValue | undefined): boolean {
  if (of === undefined || operand === undefined) return false;
  if (op === 'type') return typeOf(of) === operand['S'];
  const text = of['S'];
  if (typeof text === 'string') {
    const part = operand['S'];
    if (typeof part !== 'string') return false;
    return op === 'beginsWith' ? text.startsWith(part) : text.includes(part);
  }
  if (op === 'beginsWith') return false;
  const members = of['L'] as AttributeValue[] | undefined;
  if (members !== undefined) return members.some(member => isEqual(member, operand));
  const type = typeOf(of);
  return (type === 'SS' || type === 'NS') && (of[type] as string[]).includes(operand[type[0]!] as string);
}

/** A new item; the old one is not touched. Right-hand sides see the old item. */
export function applyUpdate(update: Update, old: Item, by: Substitutions): Item {
  const item: Item = { ...old };
  for (const { path, value } of update.set) {
    const result = resolved(value, old, by);
    if (result === undefined) throw validation('The provided expression refers to an attribute that does not exist in the item');
    write(item, path, result, by.names);
  }
  for (const path of update.remove) write(item, path, undefined, by.names);
  for (const { path, value } of update.add) {
    const added = resolved(value, old, by)!;
    write(item, path, sumOf(read(old, path, by.names), added), by.names);
  }
  for (const { path, value } of update.delete) {
    const present = read(old, path, by.names);
    if (present !== undefined) write(item, path, without(present, resolved(value, old, by)!), by.names);
  }
  return item;
}

function sumOf(present: AttributeValue | undefined, added: AttributeValue): AttributeValue {
  const type = typeOf(added);
  if (type === 'N') return { N: addNumbers((present?.['N'] as string | undefined) ?? '0', added['N'] as string) };
  if (!type.endsWith('S') || type === 'S') throw validation(`Incorrect operand type for operator ADD: ${type}`);
  return { [type]: [...new Set([...((present?.[type] as string[] | undefined) ?? []), ...(added[type] as string[])])] };
}

/** The set that is left; undefined (attribute removed) when it is empty. */
function without(present: AttributeValue, removed: AttributeValue): AttributeValue | undefined {
  const type = typeOf(removed);
  const rest = ((present[type] as string[] | undefined) ?? []).filter(member => !(removed[type] as string[]).includes(member));
  return rest.length === 0 ? undefined : { [type]: rest };
}

/** Writes along the path, copying what it changes. `undefined` removes. */
function write(item: Item, path: Path, value: AttributeValue | undefined, names: Substitutions['names']): void {
  const name = nameOf(path[0]!, names);
  const next = path.length === 1 ? value : written(item[name], path.slice(1), value, names);
  if (next === undefined) delete item[name];
  else item[name] = next;
}

function written(
  container: AttributeValue | undefined,
  path: Path,
  value: AttributeValue | undefined,
  names: Substitutions['names'],
): AttributeValue {
  const step = path[0]!;
  const wrong = () => validation('The document path provided in the update expression is invalid for update');
  if (container === undefined) throw wrong();
  if ('index' in step) {
    if (!Array.isArray(container['L'])) throw wrong();
    const items = [...(container['L'] as AttributeValue[])];
    const next = path.length === 1 ? value : written(items[step.index], path.slice(1), value, names);
    if (next === undefined) items.splice(step.index, 1);
    else items[Math.min(step.index, items.length)] = next;
    return { L: items };
  }
  if (container['M'] === undefined) throw wrong();
  const map: Item = { ...(container['M'] as Item) };
  write(map, path, value, names);
  return { M: map };
}

/** The item with only the named paths. */
export function project(paths: readonly Path[], item: Item, names: Substitutions['names']): Item {
  const result: Item = {};
  for (const path of paths) {
    const value = read(item, path, names);
    if (value === undefined) continue;
    graft(result, path, value, names);
  }
  return result;
}

function graft(into: Item, path: Path, value: AttributeValue, names: Substitutions['names']): void {
  const name = nameOf(path[0]!, names);
  const rest = path.slice(1);
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  if ('index' in rest[0]!) {
    const list = (into[name]?.['L'] as AttributeValue[] | undefined) ?? [];
    into[name] = { L: [...list, value] };
    return;
  }
  const map: Item = { ...((into[name]?.['M'] as Item | undefined) ?? {}) };
  graft(map, rest, value, names);
  into[name] = { M: map };
}
