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
      readonly format: 'money' | 'percent' | 'ratio';
      readonly series: readonly { readonly label: string; readonly points: readonly LinePoint[] }[];
      /** Filled from zero, as a curve under water. */
      readonly filled?: boolean;
      /** One of several beside each other. */
      readonly minor?: boolean;
    }
  | { readonly kind: 'histogram'; readonly title: string; readonly format: 'money' | 'percent'; readonly values: readonly number[] }
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
