/** JSON whose numbers keep the text in which they were written, since JSON.parse rounds them to doubles. */
import { err, ok, type Result } from '../../core/result.ts';

/** A number of a JSON text, digit for digit. */
export interface NumberText {
  readonly '#': string;
}

const token = /"(?:[^"\\]|\\.)*"|-?(?:Infinity|NaN)\b|-?\d[\d.eE+-]*/gs;

function rewrite(found: string): string {
  if (found.startsWith('"')) return found;
  if (!/\d/.test(found)) return 'null';
  return `{"#":"${found}"}`;
}

/**
 * The value of the text, each number as `{ '#': literal }`. NaN and Infinity, which some programs write although JSON has
 * none, become null.
 */
export function parseExactJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text.replace(token, rewrite)) as unknown);
  } catch {
    // The rewritten text has other positions: the message comes from the original.
    try {
      JSON.parse(text);
      return err('has a malformed number');
    } catch (error) {
      return err(error instanceof Error ? error.message : String(error));
    }
  }
}

export function isNumberText(value: unknown): value is NumberText {
  return typeof value === 'object' && value !== null && typeof (value as NumberText)['#'] === 'string';
}
