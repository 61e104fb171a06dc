/** What a series comes to over a time range. Pure. */

export interface Facts {
  readonly last?: number;
  readonly min?: number;
  readonly max?: number;
  /** Of the points, each counting alike; undefined when some were left out on the way here, which extremes survive and a mean does not. */
  readonly average?: number;
}

interface Summed {
  readonly values: readonly number[];
  readonly isThinned?: boolean;
}

export function factsOf({ values, isThinned }: Summed): Facts {
  const [first] = values;
  if (first === undefined) return {};
  let [min, max, sum] = [first, first, 0];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { last: values.at(-1)!, min, max, ...(isThinned === true ? {} : { average: sum / values.length }) };
}
