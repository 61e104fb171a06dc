/** A tear sheet as blocks that any form of output can draw. All text is plain and untrusted; whoever draws it escapes it. */

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

export interface Card {
  readonly label: string;
  readonly value: string;
  /** What it rests on: `n 33`, `limit 10 %`. */
  readonly note?: string;
  readonly tone?: Tone;
}

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

export interface LinePoint {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** Fractions: the ends, the quartiles (type 7) and the median of n values. */
export interface Distribution {
  readonly label: string;
  readonly n: number;
  readonly least: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly most: number;
}

export type Block =
  | { readonly kind: 'cards'; readonly cards: readonly Card[] }
  | {
      readonly kind: 'table';
      readonly title?: string;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly string[])[];
      /** Stands in the place of a table without rows. */
      readonly whenEmpty: string;
      readonly note?: string;
    }
  | { readonly kind: 'text'; readonly text: string; readonly tone?: Tone }
  | {
      readonly kind: 'lines';
      readonly title: string;
      /** A growth is that of one unit: 1.2 is a fifth more. */
      readonly format: 'money' | 'percent' | 'ratio' | 'growth';
      /** Equal distances are equal shares; all values are above zero. */
      readonly isLog?: boolean;
      /** Stretches to shade, as the deepest drawdowns. */
      readonly bands?: readonly { readonly fromMs: number; readonly toMs: number; readonly label: string }[];
      readonly series: readonly { readonly label: string; readonly points: readonly LinePoint[] }[];
      /** Filled from zero, as a curve under water. */
      readonly filled?: boolean;
      /** One of several beside each other. */
      readonly minor?: boolean;
    }
  | {
      readonly kind: 'histogram';
      readonly title: string;
      readonly format: 'money' | 'percent';
      readonly values: readonly number[];
      /** Draws the normal distribution of the same mean and deviation over it. */
      readonly fit?: { readonly mean: number; readonly deviation: number };
    }
  | {
      readonly kind: 'bars';
      readonly title: string;
      readonly labels: readonly string[];
      /** Fractions, one a label; undefined is no bar. */
      readonly series: readonly { readonly label: string; readonly values: readonly (number | undefined)[] }[];
    }
  | { readonly kind: 'boxes'; readonly title: string; readonly boxes: readonly Distribution[] }
  | {
      readonly kind: 'calendar';
      readonly title: string;
      /** One cell a day; the tone comes from the value against the largest size. */
      readonly days: readonly { readonly date: string; readonly value: number; readonly text: string }[];
    }
  | {
      readonly kind: 'months';
      readonly title: string;
      readonly months: readonly { readonly period: string; readonly value: number }[];
    };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface ReportDocument {
  readonly title: string;
  readonly subtitle: string;
  /** Where the numbers may mislead; shown before everything else. */
  readonly warnings: readonly string[];
  readonly sections: readonly Section[];
}
