/** The lines of a batch, each judged by itself: one that is wrong costs none of its neighbours. */
import { createLineSplitter } from '../events/lines.ts';
import { parseLine } from '../events/parse.ts';
import { showValue } from '../events/reject.ts';
import type { RefusedLine } from './refusal.ts';

export interface BatchLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** Absent for ordinary log lines. */
  readonly strategyId?: string;
}

export interface ReadBatch {
  /** Lines that are not blank. */
  readonly lines: number;
  readonly good: readonly BatchLine[];
  /** With the text, where there is one, for the quarantine. */
  readonly rejected: readonly (RefusedLine & { readonly text: string })[];
}

/** `strategies` are those that the signing bot may report of. */
export function readBatch(body: Uint8Array, strategies: ReadonlySet<string>): ReadBatch {
  const splitter = createLineSplitter();
  const good: BatchLine[] = [];
  const rejected: (RefusedLine & { readonly text: string })[] = [];
  for (const split of [...splitter.push(body), ...splitter.end()]) {
    const { line } = split;
    if (split.kind === 'rejected') {
      rejected.push({ line, code: split.code, message: split.message, text: '' });
      continue;
    }
    const { text } = split;
    const parsed = parseLine(text);
    if (parsed.kind === 'rejected') rejected.push({ line, code: parsed.code, message: parsed.message, text });
    else if (parsed.kind === 'log') good.push({ line, text });
    else if (parsed.kind === 'event') {
      const { strategyId } = parsed.event;
      if (strategies.has(strategyId)) good.push({ line, text, strategyId });
      else
        rejected.push({
          line,
          code: 'WRONG_STRATEGY',
          message: `strategyId must be one of this bot’s (${[...strategies].slice(0, 8).map(showValue).join(', ')}); was ${showValue(strategyId)}`,
          text,
        });
    }
  }
  return { lines: good.length + rejected.length, good, rejected };
}
