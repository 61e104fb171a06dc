/** Which lines of a chart a reader is told of at one moment. Pure. */

/** A line at the moment that is read. */
export interface TipLine {
  readonly label: string;
  readonly color: string;
  readonly isDashed: boolean;
  readonly value: number;
  readonly unit?: string;
  /** Where it is drawn, in pixels from the top of the plot. */
  readonly top: number;
}

/** More lines than a reader takes in at once, and about what a laptop has room for. */
const mostLines = 20;

export interface ChosenLines {
  /** As they lie in the chart: the highest first. */
  readonly lines: readonly TipLine[];
  readonly nearest?: TipLine;
  readonly left: number;
}

/** The lines that a tip has room for; the nearest is always among them. */
export function chosenLines(all: readonly TipLine[], nearTop: number | undefined, most = mostLines): ChosenLines {
  const sorted = [...all].sort((a, b) => a.top - b.top || b.value - a.value);
  const distance = ({ top }: TipLine) => Math.abs(top - (nearTop ?? 0));
  const nearest = nearTop === undefined ? undefined : sorted.reduce<TipLine | undefined>(nearer(distance), undefined);
  const at = nearest === undefined ? 0 : sorted.indexOf(nearest);
  const from = Math.max(0, Math.min(at - Math.floor(most / 2), sorted.length - most));
  const lines = sorted.slice(from, from + most);
  return { lines, ...(nearest === undefined ? {} : { nearest }), left: sorted.length - lines.length };
}

const nearer = (distance: (line: TipLine) => number) => (best: TipLine | undefined, each: TipLine) =>
  best === undefined || distance(each) < distance(best) ? each : best;
