/** What a widget shows as CSV (RFC 4180). Pure. */

/** A cell that a spreadsheet would run as a formula gets an apostrophe; negative numbers stay numbers. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?[\d.]+$/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvOf = (rows: readonly (readonly (string | number | undefined)[])[]): string =>
  `${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`;

export interface CsvSeries {
  readonly label: string;
  readonly unit?: string;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

/** A row for each moment that any series has, a column for each series. */
export function seriesCsv(series: readonly CsvSeries[]): string {
  const moments = [...new Set(series.flatMap(each => each.timestamps))].sort((a, b) => a - b);
  const values = series.map(each => new Map(each.timestamps.map((at, index) => [at, each.values[index]])));
  const head = ['time', ...series.map(({ label, unit }) => (unit === undefined || unit === 'None' ? label : `${label} (${unit})`))];
  return csvOf([head, ...moments.map(at => [new Date(at).toISOString(), ...values.map(own => own.get(at))])]);
}

/** Tables of a widget's HTML, one after the other. */
export function tablesCsv(tables: readonly HTMLTableElement[]): string {
  const text = (element: Element) => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
  return tables.map(table => csvOf([...table.rows].map(row => [...row.cells].map(text)))).join('\r\n');
}

/** `Order latency (ms, p99)` → `order-latency-ms-p99`. */
export const fileNameOf = (title: string): string =>
  title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80) || 'widget';
