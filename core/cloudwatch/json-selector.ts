import type { Result } from '../result.ts';
import { parseWith, type Scanner, type SyntaxProblem } from './syntax.ts';

/** `$.a.b[0]`, `$.['dotted.name']`, `$.list[*].id`, `$.*`: steps from the root. */
export type SelectorPath = readonly SelectorStep[];
export type SelectorStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'any' };

export const parseSelector = (text: string): Result<SelectorPath, SyntaxProblem> =>
  parseWith('selector', text, scanner => {
    const path = readSelector(scanner);
    if (!scanner.atEnd()) scanner.fail('a selector is made of .name, [0], [*] and ["name"]');
    return path;
  });

/** Reads a selector at the scanner's position. Names are letters, digits, `-` and `_`; other names stand in brackets and quotes. */
export function readSelector(scanner: Scanner): SelectorPath {
  scanner.expect('$', 'a selector starts with $');
  const steps: SelectorStep[] = [];
  for (;;) {
    const step = readStep(scanner);
    if (step === undefined) break;
    if (step.kind === 'any' && steps.some(other => other.kind === 'any')) scanner.fail('a selector has at most one wildcard');
    steps.push(step);
  }
  if (steps.length === 0) scanner.fail('a selector names a property, as in $.name');
  return steps;
}

function readStep(scanner: Scanner): SelectorStep | undefined {
  const dot = scanner.take('.');
  if (scanner.take('[')) {
    const step = bracketStep(scanner);
    scanner.expect(']', 'an opened [ is closed by ]');
    return step;
  }
  if (!dot) return undefined;
  if (scanner.take('*')) return { kind: 'any' };
  const name = scanner.match(/[\p{L}\p{N}_@-]+/uy);
  if (name === undefined) return scanner.fail('a property name is made of letters, digits, - and _');
  return { kind: 'name', name };
}

function bracketStep(scanner: Scanner): SelectorStep {
  if (scanner.take('*')) return { kind: 'any' };
  const index = scanner.match(/\d+/y);
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  const name = scanner.match(/'[^']*'|"[^"]*"/y);
  if (name === undefined) return scanner.fail('brackets hold an index from 0, * or a quoted name');
  return { kind: 'name', name: name.slice(1, -1) };
}

/** Value of the first match; undefined when there is none. */
export const selectOne = (root: unknown, path: SelectorPath): unknown => selectAll(root, path)[0];

/** Values that a path points to: one at most, unless it has a wildcard. A present null counts, an absent property does not. */
export function selectAll(root: unknown, path: SelectorPath): readonly unknown[] {
  let value: unknown = root;
  for (let at = 0; at < path.length; at += 1) {
    const step = path[at];
    if (step === undefined) break;
    if (step.kind === 'any') {
      const rest = path.slice(at + 1);
      return childrenOf(value).flatMap(child => selectAll(child, rest));
    }
    value = childOf(value, step);
    if (value === undefined) return [];
  }
  return [value];
}

function childOf(value: unknown, step: Exclude<SelectorStep, { kind: 'any' }>): unknown {
  if (step.kind === 'index') return Array.isArray(value) ? value[step.index] : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, step.name) ? (value as Readonly<Record<string, unknown>>)[step.name] : undefined;
}

function childrenOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
