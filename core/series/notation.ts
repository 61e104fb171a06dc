import { parseWith, type SyntaxProblem } from '../cloudwatch/syntax.ts';
import type { Result } from '../result.ts';

/** Most points of one series text, so that a typing error cannot fill the memory. */
const MOST_POINTS = 1_000_000;

/**
 * Points of a series text: numbers, or `_` for a missing point, each with an optional `*times`, separated by white space.
 * `'0*3 5 _*2'` is `[0, 0, 0, 5, null, null]`.
 */
export function expandSeries(text: string): Result<readonly (number | null)[], SyntaxProblem> {
  return parseWith('series', text, scanner => {
    const points: (number | null)[] = [];
    for (scanner.skipSpace(); !scanner.atEnd(); scanner.skipSpace()) {
      const at = scanner.position();
      const token = scanner.match(/\S+/y) ?? '';
      const match = /^(_|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\*(\d+))?$/.exec(token);
      if (match === null) return scanner.fail('a point is a number or _, with *times to repeat it, as in 0*10 5 _*2', at);
      const times = Number(match[2] ?? 1);
      if (points.length + times > MOST_POINTS) scanner.fail(`a series has at most ${MOST_POINTS} points`, at);
      const value = match[1] === '_' ? null : Number(match[1]);
      for (let i = 0; i < times; i += 1) points.push(value);
    }
    return points;
  });
}
