/** Answers of log queries as series and as slices, for log widgets that are charts. Pure. */
import type { QueryTable } from '../api.ts';

export interface LogSeries {
  readonly label: string;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

export interface LogSlice {
  readonly label: string;
  readonly value: number;
}

const numberOf = (value: unknown): number | undefined => {
  const found = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(found) ? found : undefined;
};

const timeOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  const text = String(value ?? '');
  const ms = Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? undefined : ms;
};

const isTime = (field: string) => field === '@timestamp' || field === '@ingestionTime' || /^(?:bin|datefloor|dateceil)\(/i.test(field);

/** Fields of a kind: numbers everywhere that there is a value. */
function kindsOf({ fields, rows }: QueryTable) {
  const indexes = fields.map((_, index) => index).filter(index => fields[index] !== '@ptr');
  const time = indexes.find(index => isTime(fields[index] ?? ''));
  const isNumeric = (index: number) => {
    const values = rows.map(row => row[index]).filter(value => value !== null && value !== undefined);
    return values.length > 0 && values.every(value => numberOf(value) !== undefined);
  };
  const numeric = indexes.filter(index => index !== time && isNumeric(index));
  const words = indexes.filter(index => index !== time && !numeric.includes(index));
  return { time, numeric, words };
}

/** One series for each number and each combination of the words beside it; undefined when the answer has no times. */
export function logSeries(table: QueryTable): readonly LogSeries[] | undefined {
  const { time, numeric, words } = kindsOf(table);
  if (time === undefined || numeric.length === 0) return undefined;
  const groups = new Map<string, { at: number; value: number }[]>();
  for (const row of table.rows) {
    const at = timeOf(row[time]);
    if (at === undefined) continue;
    for (const index of numeric) {
      const value = numberOf(row[index]);
      if (value === undefined) continue;
      const parts = words.map(word => String(row[word] ?? '–'));
      const label = [...parts, ...(numeric.length > 1 || parts.length === 0 ? [table.fields[index] ?? ''] : [])].join(' ');
      groups.set(label, [...(groups.get(label) ?? []), { at, value }]);
    }
  }
  return [...groups].map(([label, points]) => {
    const sorted = points.sort((a, b) => a.at - b.at);
    return { label, timestamps: sorted.map(({ at }) => at), values: sorted.map(({ value }) => value) };
  });
}

/** The first number of each row under the words beside it; undefined when there is no number. */
export function logSlices(table: QueryTable): readonly LogSlice[] | undefined {
  const { time, numeric, words } = kindsOf(table);
  const [index] = numeric;
  if (index === undefined) return undefined;
  return table.rows.flatMap(row => {
    const value = numberOf(row[index]);
    const parts = (words.length === 0 && time !== undefined ? [time] : words).map(word => String(row[word] ?? '–'));
    return value === undefined ? [] : [{ label: parts.join(' ') || (table.fields[index] ?? ''), value }];
  });
}
