import type { BenchOptions } from './bench.ts';

/** A measured figure and the limit that it has to keep, if it has one. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly most?: number;
  readonly least?: number;
  /** Depends on how fast and how busy the machine is: the short form, which runs with everything else, only shows it. */
  readonly isTimed?: boolean;
  readonly text: (value: number) => string;
}

const isPast = ({ value, most, least }: Figure): boolean => !(value <= (most ?? value) && value >= (least ?? value));

/** `score from bytes ÷ JSON.parse            2.31   at most 3.00` */
export function figureLine(figure: Figure): string {
  const { what, value, most, least, text } = figure;
  const limit = most !== undefined ? `at most ${text(most)}` : least !== undefined ? `at least ${text(least)}` : '';
  return `${what.padEnd(78)} ${text(value).padStart(14)}  ${limit}${isPast(figure) ? '  PAST ITS LIMIT' : ''}`.trimEnd();
}

/** @throws Error that names every figure past its limit; in the short form only those that no busy machine can have moved. */
export function failPastLimits(figures: readonly Figure[], { short }: BenchOptions): void {
  const past = figures.filter(figure => isPast(figure) && !(short && figure.isTimed === true));
  if (past.length > 0) throw new Error(`past their limits:\n${past.map(figureLine).join('\n')}`);
}
