/** A CloudWatch statistic, parsed. Percentages are 0..100; bounds may be open. */
export type ParsedStatistic =
  | { readonly kind: 'SampleCount' | 'Sum' | 'Average' | 'Minimum' | 'Maximum' }
  | { readonly kind: 'percentile'; readonly percent: number }
  | { readonly kind: 'trimmed'; readonly of: 'mean' | 'count' | 'sum' | 'winsorized'; readonly bounds: Bounds }
  | { readonly kind: 'rank'; readonly bounds: Bounds };

/** From (exclusive, unless open) to (inclusive), in percent of the samples or in values. */
export interface Bounds {
  readonly unit: 'percent' | 'value';
  readonly from?: number;
  readonly to?: number;
}

const cache = new Map<string, ParsedStatistic | undefined>();

/**
 * Parses `Sum`, `p99.9`, `tm90` = `TM(0%:90%)`, `tc90`, `ts90`, `wm90`, `TM(2%:98%)`, `TC(0.005:0.03)`, `PR(:300)`, `IQM`;
 * undefined for anything else. Source: CloudWatch user guide, "CloudWatch statistics definitions".
 */
export function parseStatistic(text: string): ParsedStatistic | undefined {
  if (cache.has(text)) return cache.get(text);
  const parsed = parse(text);
  if (cache.size < 1000) cache.set(text, parsed);
  return parsed;
}

function parse(text: string): ParsedStatistic | undefined {
  if (text === 'SampleCount' || text === 'Sum' || text === 'Average' || text === 'Minimum' || text === 'Maximum') return { kind: text };
  if (text === 'IQM') return { kind: 'trimmed', of: 'mean', bounds: { unit: 'percent', from: 25, to: 75 } };
  const short = /^(p|tm|tc|ts|wm)(\d{1,3}(?:\.\d{1,10})?)$/.exec(text);
  if (short !== null) {
    const percent = Number(short[2]);
    if (percent > 100) return undefined;
    if (short[1] === 'p') return { kind: 'percentile', percent };
    return { kind: 'trimmed', of: TRIMMED[short[1]?.toUpperCase() ?? ''] ?? 'mean', bounds: { unit: 'percent', to: percent } };
  }
  const long = /^(TM|TC|TS|WM|PR)\(([\d.]*)(%?):([\d.]*)(%?)\)$/.exec(text);
  if (long === null) return undefined;
  const bounds = boundsOf(long[2] ?? '', long[3] ?? '', long[4] ?? '', long[5] ?? '');
  if (bounds === undefined) return undefined;
  if (long[1] === 'PR') return bounds.unit === 'value' ? { kind: 'rank', bounds } : undefined;
  return { kind: 'trimmed', of: TRIMMED[long[1] ?? ''] ?? 'mean', bounds };
}

const TRIMMED: Readonly<Record<string, 'mean' | 'count' | 'sum' | 'winsorized'>> = { TM: 'mean', TC: 'count', TS: 'sum', WM: 'winsorized' };

function boundsOf(from: string, fromSign: string, to: string, toSign: string): Bounds | undefined {
  if (from === '' && to === '') return undefined;
  const isPercent = fromSign === '%' || toSign === '%';
  if (isPercent && ((from !== '' && fromSign !== '%') || (to !== '' && toSign !== '%'))) return undefined;
  const low = from === '' ? undefined : Number(from);
  const high = to === '' ? undefined : Number(to);
  if (Number.isNaN(low ?? 0) || Number.isNaN(high ?? 0) || (low ?? Number.NEGATIVE_INFINITY) > (high ?? Number.POSITIVE_INFINITY))
    return undefined;
  if (isPercent && ((low ?? 0) > 100 || (high ?? 0) > 100)) return undefined;
  return {
    unit: isPercent ? 'percent' : 'value',
    ...(low === undefined ? {} : { from: low }),
    ...(high === undefined ? {} : { to: high }),
  };
}

/** Fewest samples of a period for a trustworthy percentile: 10/(1 − p) from the median up, 10/p below; undefined for other statistics. */
export function samplesNeeded(statistic: string): number | undefined {
  const parsed = parseStatistic(statistic);
  if (parsed?.kind !== 'percentile') return undefined;
  const share = parsed.percent / 100;
  if (share <= 0 || share >= 1) return undefined;
  // Rounded, since 10 / (1 - 0.9) is 100.00000000000001 in floating point.
  return Math.round((10 / (share >= 0.5 ? 1 - share : share)) * 1e6) / 1e6;
}
