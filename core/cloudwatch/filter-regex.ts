import type { Scanner } from './syntax.ts';

/** Regular expressions in one pattern. Source: CloudWatch Logs user guide, "Supported regular expressions". */
export const REGEX_LIMIT_PER_PATTERN = 2;

/**
 * Reads `%regex%`: letters, digits, `: _ # = @ / ; , -`, white space, the operators `^ $ ? [ ] { } | \ * + .` and escapes of
 * any of the refused signs. No parentheses and no multi-byte characters. Matches anywhere in the text unless anchored.
 * Source: CloudWatch Logs user guide, "Supported regular expressions".
 */
export function compileRegex(scanner: Scanner): RegExp {
  const start = scanner.position();
  scanner.expect('%', 'a regular expression starts with %');
  let source = '';
  for (;;) {
    const at = scanner.position();
    if (scanner.atEnd()) scanner.fail('a regular expression ends with %', start);
    if (scanner.take('%')) break;
    const part = scanner.match(/\\[\s\S]|[A-Za-z0-9:_#=@/;,\-^$?[\]{}|*+.\s<>&]/y);
    if (part === undefined)
      scanner.fail('a regular expression holds only letters, digits, : _ # = @ / ; , - and the operators ^ $ ? [ ] { } | \\ * + .', at);
    source += part;
  }
  if (source === '') scanner.fail('a regular expression is not empty', start);
  try {
    return new RegExp(source);
  } catch {
    return scanner.fail('a regular expression is complete', start);
  }
}
