import { err, ok, type Result } from '../result.ts';

/** Why a text is not in a grammar: where (characters from 0), and the rule that it breaks. */
export interface SyntaxProblem {
  readonly message: string;
  readonly position: number;
  readonly rule: string;
}

/** Carries a problem out of a recursive parser; never leaves `parseWith`. */
export class SyntaxFault extends Error {
  readonly position: number;
  readonly rule: string;

  constructor(position: number, rule: string) {
    super(rule);
    this.position = position;
    this.rule = rule;
  }
}

/** Runs a parser over the text; the first fault becomes a problem that names the grammar, the position and the rule. */
export function parseWith<T>(grammar: string, text: string, parser: (scanner: Scanner) => T): Result<T, SyntaxProblem> {
  try {
    return ok(parser(createScanner(text)));
  } catch (fault) {
    if (fault instanceof SyntaxFault) return err(problemAt(grammar, text, fault.position, fault.rule));
    throw fault;
  }
}

export function problemAt(grammar: string, text: string, position: number, rule: string): SyntaxProblem {
  const found = position >= text.length ? 'the end' : `"${text.slice(position, position + 20)}"`;
  return { message: `${grammar}: ${rule}; found ${found} at position ${position}`, position, rule };
}

export interface Scanner {
  readonly text: string;
  position(): number;
  moveTo(position: number): void;
  skipSpace(): void;
  atEnd(): boolean;
  /** Whether the rest starts with the text; nothing is consumed. */
  sees(text: string): boolean;
  /** Consumes the text when the rest starts with it. */
  take(text: string): boolean;
  /** Consumes what a sticky expression matches; the whole match, or undefined. */
  match(expression: RegExp): string | undefined;
  expect(text: string, rule: string): void;
  fail(rule: string, position?: number): never;
}

export function createScanner(text: string): Scanner {
  let at = 0;
  const fail = (rule: string, position = at): never => {
    throw new SyntaxFault(position, rule);
  };
  const take = (part: string): boolean => {
    if (!text.startsWith(part, at)) return false;
    at += part.length;
    return true;
  };
  return {
    text,
    position: () => at,
    moveTo: position => {
      at = position;
    },
    skipSpace: () => {
      while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
    },
    atEnd: () => at >= text.length,
    sees: part => text.startsWith(part, at),
    take,
    match: expression => {
      const sticky = expression.sticky ? expression : new RegExp(expression.source, `${expression.flags}y`);
      sticky.lastIndex = at;
      const found = sticky.exec(text)?.[0];
      if (found !== undefined) at += found.length;
      return found;
    },
    expect: (part, rule) => {
      if (!take(part)) fail(rule);
    },
    fail,
  };
}

/** Reads a text in double quotes with backslash escapes; the scanner stands on the opening quote. */
export function quotedText(scanner: Scanner): string {
  const start = scanner.position();
  scanner.expect('"', 'a quoted text starts with "');
  let value = '';
  for (;;) {
    if (scanner.atEnd()) scanner.fail('a quoted text ends with "', start);
    if (scanner.take('"')) return value;
    scanner.take('\\');
    value += scanner.match(/[\s\S]/y) ?? '';
  }
}
