/** Prices of a market to compare with, out of CSV: a column of times or dates and one of prices. */
import type { Calendar, DayNumber } from '../calendar/calendar.ts';
import { dayOfIso } from '../calendar/dates.ts';
import { err, ok, type Result } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';

export interface Prices {
  readonly name: string;
  readonly rows: readonly { readonly at: { readonly day: DayNumber } | { readonly ms: EpochMs }; readonly close: number }[];
}

const timeColumns = ['date', 'timestamp', 'time', 'datetime', 'day'];
const priceColumns = ['close', 'adj close', 'price', 'value', 'last'];

/** The first bad line is named. Times without a zone are UTC. */
export function readPrices(text: string, name: string): Result<Prices, string> {
  const lines = text.split(/\r?\n/);
  const cells = (line: string) => line.split(/[,;\t]/).map(cell => cell.trim().replace(/^"|"$/g, ''));
  const head = cells(lines[0] ?? '').map(cell => cell.toLowerCase());
  const timeAt = head.findIndex(cell => timeColumns.includes(cell));
  const priceAt = priceColumns.map(column => head.indexOf(column)).find(index => index >= 0) ?? -1;
  if (timeAt < 0 || priceAt < 0) return err(`line 1: must name a column ${timeColumns.join(', ')} and a column ${priceColumns.join(', ')}`);
  const rows: Prices['rows'][number][] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const row = cells(line);
    const close = Number(row[priceAt]);
    if (!(close > 0) || !Number.isFinite(close))
      return err(`line ${index + 1}: the price must be a number above 0; was "${row[priceAt] ?? ''}"`);
    const at = momentOf(row[timeAt] ?? '');
    if (at === undefined) return err(`line ${index + 1}: the time must be a date or ISO 8601; was "${row[timeAt] ?? ''}"`);
    rows.push({ at, close });
  }
  return rows.length === 0 ? err('line 2: must be a price; the file ends') : ok({ name, rows });
}

function momentOf(text: string): Prices['rows'][number]['at'] | undefined {
  const day = dayOfIso(text);
  if (day !== undefined) return { day };
  const ms = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T').replace(/\.(\d{3})\d+$/, '.$1')}Z`);
  return Number.isNaN(ms) ? undefined : { ms };
}

/** The last price of each trading day; one at the very end of a day is that day's. */
export function closesOf({ rows }: Prices, calendar: Calendar): ReadonlyMap<DayNumber, number> {
  const newest = new Map<DayNumber, { readonly at: number; readonly close: number }>();
  for (const { at, close } of rows) {
    const day = 'day' in at ? at.day : calendar.dayOf(at.ms - 1);
    const place = 'day' in at ? at.day : at.ms;
    const known = newest.get(day);
    if (known === undefined || known.at <= place) newest.set(day, { at: place, close });
  }
  return new Map([...newest].map(([day, { close }]) => [day, close]));
}
