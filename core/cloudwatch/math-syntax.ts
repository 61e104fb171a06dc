import { err, type Result } from '../result.ts';
import { parseWith, problemAt, type Scanner, type SyntaxProblem } from './syntax.ts';

export type MathOperator = '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'AND' | 'OR';

/** A metric-math expression as a tree. `word` is an upper-case argument such as REPEAT, AVG or DESC. */
export type MathNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'word'; readonly value: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'negate'; readonly node: MathNode }
  | { readonly kind: 'binary'; readonly operator: MathOperator; readonly left: MathNode; readonly right: MathNode }
  | { readonly kind: 'array'; readonly nodes: readonly MathNode[] }
  | { readonly kind: 'call'; readonly name: MathFunction; readonly args: readonly MathNode[] };

/** Functions with the fewest and most arguments. Source: CloudWatch user guide, "Using metric math". */
const FUNCTIONS = {
  ABS: [1, 1],
  ANOMALY_DETECTION_BAND: [1, 2],
  AVG: [1, 1],
  CEIL: [1, 1],
  DATAPOINT_COUNT: [1, 1],
  DATE: [1, 1],
  DAY: [1, 1],
  DIFF: [1, 1],
  DIFF_TIME: [1, 1],
  EPOCH: [1, 1],
  FILL: [2, 2],
  FIRST: [1, 1],
  FLOOR: [1, 1],
  HOUR: [1, 1],
  IF: [2, 3],
  LAST: [1, 1],
  LOG: [1, 1],
  LOG10: [1, 1],
  MAX: [1, 1],
  METRICS: [0, 1],
  METRIC_COUNT: [1, 1],
  MIN: [1, 1],
  MINUTE: [1, 1],
  MONTH: [1, 1],
  PERIOD: [1, 1],
  RATE: [1, 1],
  REMOVE_EMPTY: [1, 1],
  RUNNING_SUM: [1, 1],
  SEARCH: [2, 3],
  SLICE: [2, 3],
  SORT: [3, 4],
  STDDEV: [1, 1],
  SUM: [1, 1],
  TIME_SERIES: [1, 1],
  YEAR: [1, 1],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export type MathFunction = keyof typeof FUNCTIONS;

const WORDS: readonly string[] = ['REPEAT', 'LINEAR', 'ASC', 'DESC', 'AVG', 'MIN', 'MAX', 'SUM'];

/** Longest expression. Source: CloudWatch API reference, MetricDataQuery. */
export const EXPRESSION_LIMIT = 2048;

const GRAMMAR = 'metric math';

/** Parses a metric-math expression. Binding, loosest first: OR, AND, comparisons, + -, * /, unary -, ^. */
export function parseMetricMath(text: string): Result<MathNode, SyntaxProblem> {
  if (text.length > EXPRESSION_LIMIT)
    return err(problemAt(GRAMMAR, text, EXPRESSION_LIMIT, `an expression has at most ${EXPRESSION_LIMIT} characters`));
  return parseWith(GRAMMAR, text, scanner => {
    const node = readLevel(scanner, 0);
    scanner.skipSpace();
    if (!scanner.atEnd()) scanner.fail('values are joined by an operator');
    return node;
  });
}

const LEVELS: readonly RegExp[] = [/\|\||OR(?!\w)/y, /&&|AND(?!\w)/y, /==|!=|<=|>=|<|>/y, /[+-]/y, /[*/]/y];

function readLevel(scanner: Scanner, level: number): MathNode {
  const operators = LEVELS[level];
  if (operators === undefined) return readUnary(scanner);
  let left = readLevel(scanner, level + 1);
  for (;;) {
    scanner.skipSpace();
    const sign = scanner.match(operators);
    if (sign === undefined) return left;
    left = { kind: 'binary', operator: operatorOf(sign), left, right: readLevel(scanner, level + 1) };
  }
}

const operatorOf = (sign: string): MathOperator => (sign === '&&' ? 'AND' : sign === '||' ? 'OR' : sign) as MathOperator;

function readUnary(scanner: Scanner): MathNode {
  scanner.skipSpace();
  if (scanner.take('-')) return { kind: 'negate', node: readUnary(scanner) };
  if (scanner.take('+')) return readUnary(scanner);
  const base = readPrimary(scanner);
  scanner.skipSpace();
  return scanner.take('^') ? { kind: 'binary', operator: '^', left: base, right: readUnary(scanner) } : base;
}

function readPrimary(scanner: Scanner): MathNode {
  if (scanner.take('(')) {
    const node = readLevel(scanner, 0);
    close(scanner, ')');
    return node;
  }
  if (scanner.take('[')) return { kind: 'array', nodes: readList(scanner, ']') };
  const text = scanner.match(/'[^']*'|"[^"]*"|“[^”]*”/uy);
  if (text !== undefined) return { kind: 'text', value: text.slice(1, -1) };
  const number = scanner.match(/(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/y);
  if (number !== undefined) return { kind: 'number', value: Number(number) };
  const at = scanner.position();
  const name = scanner.match(/[A-Za-z]\w*/y);
  if (name === undefined) return scanner.fail('a value is a number, an id, a function, an array in [ ] or a group in ( )');
  scanner.skipSpace();
  if (scanner.take('(')) return readCall(scanner, name, at);
  if (WORDS.includes(name)) return { kind: 'word', value: name };
  if (!/^[a-z]/.test(name)) scanner.fail('an id starts with a lower-case letter, a function is followed by (', at);
  return { kind: 'id', id: name };
}

function readCall(scanner: Scanner, name: string, at: number): MathNode {
  const limits = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name as MathFunction] : undefined;
  if (limits === undefined) return scanner.fail(`${name} is not a function of metric math that is known here`, at);
  const args = readList(scanner, ')');
  const [fewest, most] = limits;
  if (args.length < fewest || args.length > most)
    scanner.fail(`${name} takes ${fewest === most ? fewest : `${fewest} to ${most}`} arguments`, at);
  return { kind: 'call', name: name as MathFunction, args };
}

function readList(scanner: Scanner, end: ')' | ']'): readonly MathNode[] {
  scanner.skipSpace();
  if (scanner.take(end)) return [];
  const nodes = [readLevel(scanner, 0)];
  for (scanner.skipSpace(); scanner.take(','); scanner.skipSpace()) nodes.push(readLevel(scanner, 0));
  close(scanner, end);
  return nodes;
}

function close(scanner: Scanner, end: string): void {
  scanner.skipSpace();
  scanner.expect(end, `what was opened is closed by ${end}`);
}

/** Every node of a tree, the root first. */
export function* nodesOf(node: MathNode): Iterable<MathNode> {
  yield node;
  if (node.kind === 'negate') yield* nodesOf(node.node);
  else if (node.kind === 'binary') {
    yield* nodesOf(node.left);
    yield* nodesOf(node.right);
  } else if (node.kind === 'array') for (const part of node.nodes) yield* nodesOf(part);
  else if (node.kind === 'call') for (const part of node.args) yield* nodesOf(part);
}

/** What an expression names, found once per parsed expression: alarms are evaluated millions of times. */
const named = new WeakMap<MathNode, { readonly ids: readonly string[]; readonly functions: readonly MathFunction[] }>();

function namedIn(node: MathNode) {
  let found = named.get(node);
  if (found === undefined) {
    const parts = [...nodesOf(node)];
    found = {
      ids: [...new Set(parts.flatMap(part => (part.kind === 'id' ? [part.id] : [])))],
      functions: [...new Set(parts.flatMap(part => (part.kind === 'call' ? [part.name] : [])))],
    };
    named.set(node, found);
  }
  return found;
}

/** Ids that an expression names, each once. METRICS() names none: it takes what the request holds. */
export const idsOf = (node: MathNode): readonly string[] => namedIn(node).ids;

/** Functions that an expression calls, each once. */
export const functionsOf = (node: MathNode): readonly MathFunction[] => namedIn(node).functions;
