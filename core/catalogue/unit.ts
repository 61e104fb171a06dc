/** Units as types: a limit in another unit than its metric's does not compile. */

interface UnitFacts {
  /** What CloudWatch stores beside the value. */
  readonly cloudwatch: 'Milliseconds' | 'Seconds' | 'Percent' | 'Count' | 'Bytes/Second' | 'None';
  /** What titles and sentences say. */
  readonly text: string;
  /** Values are whole numbers, so a limit of 1 and one of 1.5 mean different things and 1 and 0.5 do not. */
  readonly whole: boolean;
}

export const units = {
  ms: { cloudwatch: 'Milliseconds', text: 'ms', whole: false },
  seconds: { cloudwatch: 'Seconds', text: 's', whole: false },
  /** 0 to 100 (above for several cores). */
  percent: { cloudwatch: 'Percent', text: '%', whole: false },
  /** A fraction: 0.05 is five in a hundred. Shown as percent. */
  share: { cloudwatch: 'None', text: '%', whole: false },
  count: { cloudwatch: 'Count', text: 'count', whole: true },
  /** 1 when it holds, 0 when it does not. */
  flag: { cloudwatch: 'None', text: '1 or 0', whole: true },
  /** In the strategy's currency; different currencies never meet in one metric, since dimensions name the strategy. */
  money: { cloudwatch: 'None', text: 'money', whole: false },
  /** Units of the instrument. */
  quantity: { cloudwatch: 'None', text: 'units', whole: false },
  bytesPerSecond: { cloudwatch: 'Bytes/Second', text: 'bytes/s', whole: false },
  /** Hundredths of a percent. */
  bps: { cloudwatch: 'None', text: 'bp', whole: false },
  days: { cloudwatch: 'None', text: 'days', whole: false },
  /** A number without a unit, such as a Sharpe ratio. */
  ratio: { cloudwatch: 'None', text: 'ratio', whole: false },
} as const satisfies Record<string, UnitFacts>;

export type Unit = keyof typeof units;

export interface Quantity<U extends Unit = Unit> {
  readonly unit: U;
  readonly value: number;
}

const quantityOf =
  <U extends Unit>(unit: U) =>
  (value: number): Quantity<U> => ({ unit, value });

export const ms = quantityOf('ms');
export const seconds = quantityOf('seconds');
export const percent = quantityOf('percent');
export const share = quantityOf('share');
export const count = quantityOf('count');
export const flag = quantityOf('flag');
export const money = quantityOf('money');
export const bytesPerSecond = quantityOf('bytesPerSecond');
export const ratio = quantityOf('ratio');

/** How a value reads in a sentence: `5 %`, `500 ms`, `-1000`. Counts, flags and money carry no unit word. */
export function showQuantity({ unit, value }: Quantity): string {
  if (unit === 'share') return `${trim(value * 100)} %`;
  if (unit === 'count' || unit === 'flag' || unit === 'money' || unit === 'ratio') return trim(value);
  return `${trim(value)} ${units[unit].text}`;
}

/** At most twelve significant digits, so that 0.07 × 100 reads 7. */
const trim = (value: number): string => String(Number(value.toPrecision(12)));
