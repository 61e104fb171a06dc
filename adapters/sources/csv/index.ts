/** CSV files of executions, with a declared column map. */
import type { ExecutionEvent } from '../../../core/events/types.ts';
import { hash53, hashText } from '../../../core/hash.ts';
import { err, ok, type Result } from '../../../core/result.ts';
import { isoOfEpoch, isoOfText, symbolParts } from '../field-reader.ts';
import { plainDecimal } from '../plain-decimal.ts';
import {
  type Mapped,
  type Memory,
  missing,
  nothing,
  problem,
  type RawRecord,
  type SourceContext,
  type SourceFormat,
  wireEvent,
} from '../source.ts';
import { type ColumnMap, type CsvField, parseColumnMap } from './column-map.ts';

/** The cells of a record (RFC 4180: quotes around cells, doubled inside), or undefined while a quote is open. */
export function cellsOf(line: string, delimiter: string): readonly string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  while (true) {
    if (line[at] !== '"') {
      const end = line.indexOf(delimiter, at);
      cells.push(line.slice(at, end === -1 ? undefined : end).trim());
      if (end === -1) return cells;
      at = end + 1;
      continue;
    }
    let text = '';
    for (at++; ; at++) {
      if (at >= line.length) return undefined;
      if (line[at] !== '"') text += line[at];
      else if (line[at + 1] === '"') text += line[at++];
      else break;
    }
    cells.push(text);
    const end = line.indexOf(delimiter, at);
    if (end === -1) return cells;
    at = end + 1;
  }
}

const sideWords: Readonly<Record<string, string>> = {
  buy: 'buy',
  b: 'buy',
  bot: 'buy',
  bought: 'buy',
  long: 'buy',
  '1': 'buy',
  sell: 'sell',
  s: 'sell',
  sld: 'sell',
  sold: 'sell',
  short: 'sell',
  ss: 'sell',
  '-1': 'sell',
};

interface State {
  header: readonly string[] | undefined;
  /** Lines of a record whose quote is still open. */
  open: string;
  openPlace: string;
  /** How often the same record came without an id: each is a fill of its own. */
  readonly repeats: Map<string, number>;
}

/** Groups of three digits may be parted by the other mark; anywhere else it makes the number unreadable, not a hundred times larger. */
function decimalIn(text: string | undefined, map: ColumnMap): string | undefined {
  if (text === undefined) return undefined;
  const bare = text.replace(/[\s\u00a0]/g, '').replace(/^\((.*)\)$/, '-$1');
  const [group, point] = map.decimal === ',' ? ['.', ','] : [',', '.'];
  const [whole = '', ...rest] = bare.split(point);
  if (rest.length > 1 || rest.some(part => part.includes(group))) return undefined;
  if (whole.includes(group) && !isGrouped(whole, group)) return undefined;
  return plainDecimal([whole.replaceAll(group, ''), ...rest].join('.'));
}

function isGrouped(whole: string, group: string): boolean {
  const [first = '', ...others] = whole.split(group);
  return /^[+-]?\d{1,3}$/.test(first) && others.every(part => /^\d{3}$/.test(part));
}

export const csv: SourceFormat = {
  name: 'csv',
  reads: 'CSV of executions with a declared column map (--map)',
  framing: 'lines',
  mapping: [
    [
      'execution',
      'each record, by the declared columns: `execId`, `instrumentId`, `side` and `lastQty` (or `signedQty`), `lastPx`, `transactTime`, `fee` …',
    ],
  ],
  lost: [
    'Columns that the map does not name.',
    'Without an `execId` column, the identity of a fill is made from its record; equal records are numbered in the order of the file, so a file must be imported whole.',
    'Times without a zone are taken as UTC. Times of day in a local zone must be converted first.',
    'Orders, cash movements and balances: only executions are read.',
  ],
  open: (context, memory) => openCsv(context, memory),
};

function openCsv(context: SourceContext, memory: Memory | undefined) {
  const parsed: Result<ColumnMap, string> =
    context.columns === undefined ? err('csv needs --map: which column holds which field') : parseColumnMap(context.columns);
  const state: State = {
    header: (memory?.['header'] ?? undefined) as readonly string[] | undefined,
    open: (memory?.['open'] as string | undefined) ?? '',
    openPlace: '',
    repeats: new Map((memory?.['repeats'] ?? []) as [string, number][]),
  };
  let told = false;

  const map = ({ place, value }: RawRecord): Mapped => {
    if (!parsed.ok) {
      if (told) return nothing;
      told = true;
      return problem('map', parsed.error);
    }
    if (state.open === '') state.openPlace = place;
    const line = state.open === '' ? String(value) : `${state.open}\n${String(value)}`;
    if (line.trim() === '') return nothing;
    const cells = cellsOf(line, parsed.value.delimiter);
    state.open = cells === undefined ? line : '';
    if (cells === undefined) return nothing;
    if (state.header === undefined) {
      const header = openHeader(parsed.value, cells);
      if (!header.ok) return problem(state.openPlace, header.error);
      state.header = header.value;
      if (parsed.value.header) return nothing;
    }
    return readRow(parsed.value, state.header, cells, line, state.openPlace);
  };

  const readRow = (columns: ColumnMap, header: readonly string[], cells: readonly string[], line: string, place: string): Mapped => {
    const cell = (field: CsvField): string | undefined => {
      const column = columns.columns[field];
      const at = column === undefined ? -1 : header.indexOf(column);
      const found = at === -1 || cells[at] === '' ? undefined : cells[at];
      const words = columns.values[field];
      const word =
        found === undefined ? undefined : (words?.[found] ?? words?.[found.toUpperCase()] ?? words?.[found.toLowerCase()] ?? found);
      return word ?? columns.constants[field];
    };
    const time = cell('transactTime');
    const at = columns.time === 'iso' ? isoOfText(time) : isoOfEpoch(time, columns.time);
    const signed = decimalIn(cell('signedQty'), columns);
    const quantity = signed ?? decimalIn(cell('lastQty'), columns);
    const side = signed === undefined ? sideWords[cell('side')?.toLowerCase() ?? ''] : signed.startsWith('-') ? 'sell' : 'buy';
    const lastPx = decimalIn(cell('lastPx'), columns);
    const instrumentId = cell('instrumentId');
    const gap = missing({ instrumentId, side, quantity, lastPx, transactTime: at });
    if (instrumentId === undefined || side === undefined || quantity === undefined || lastPx === undefined || at === undefined) {
      return problem(place, `record ${gap}`);
    }
    const settlCurrency = cell('settlCurrency') ?? symbolParts(instrumentId)?.settle ?? context.currency;
    const fee = feeOf(columns, cell, settlCurrency);
    const execId = cell('execId') ?? numbered(line);
    const strategyId = context.strategyId ?? cell('strategyId') ?? 'csv';
    const accountId = context.accountId ?? cell('accountId') ?? 'csv';
    const venue = context.venue ?? cell('venue') ?? 'csv';
    const liquidity = cell('liquidity')?.toLowerCase();
    const effect = cell('positionEffect')?.toLowerCase();
    const event = wireEvent({ system: 'csv', environment: context.environment ?? 'live', strategyId, accountId }, 'execution', {
      eventId: `csv:${venue}:${accountId}:${instrumentId}:${execId}`,
      tsEvent: at,
      execId,
      execType: 'trade',
      instrumentId,
      venue,
      side: side as ExecutionEvent['side'],
      lastQty: quantity.replace(/^-/, ''),
      lastPx,
      transactTime: at,
      clOrdId: cell('clOrdId') ?? cell('orderId'),
      orderId: cell('orderId'),
      fees: fee === undefined ? undefined : [fee],
      settlCurrency,
      liquidity: liquidity === 'maker' || liquidity === 'taker' || liquidity === 'auction' ? liquidity : undefined,
      positionEffect: effect === 'open' || effect === 'close' ? effect : undefined,
      tradeDate: cell('tradeDate'),
    });
    return { events: [event], problems: feeProblem(columns, cell, fee, place) };
  };

  const numbered = (line: string): string => {
    const identity = hashText(hash53(line));
    const count = (state.repeats.get(identity) ?? 0) + 1;
    state.repeats.set(identity, count);
    return count === 1 ? `row-${identity}` : `row-${identity}#${count}`;
  };

  const end = () => (state.open === '' ? [] : [`the record that begins at ${state.openPlace} has a quote without end.`]);
  return { map, notes: end, memory: () => ({ header: state.header ?? null, open: state.open, repeats: [...state.repeats] }) };
}

type Cell = (field: CsvField) => string | undefined;

function feeOf(columns: ColumnMap, cell: Cell, settlCurrency: string | undefined): { amount: string; currency: string } | undefined {
  const amount = decimalIn(cell('fee'), columns);
  const currency = cell('feeCurrency') ?? settlCurrency;
  if (amount === undefined || amount === '0' || currency === undefined) return undefined;
  const negated = amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
  return { amount: columns.feeSign === 'cash' ? negated : amount, currency };
}

function feeProblem(columns: ColumnMap, cell: Cell, fee: object | undefined, place: string) {
  const text = cell('fee');
  if (fee !== undefined || text === undefined || decimalIn(text, columns) === '0') return [];
  return [{ place, message: `record has a fee "${text}" that is no number or has no currency; the fee is left out` }];
}

/** The header, or the numbers of the columns; refuses a map that names columns which are not there. */
function openHeader(map: ColumnMap, cells: readonly string[]): Result<readonly string[], string> {
  const header = map.header ? cells.map(name => name.replace(/^\ufeff/, '')) : cells.map((_, at) => String(at + 1));
  const absent = Object.values(map.columns).filter(column => !header.includes(column));
  return absent.length === 0 ? ok(header) : err(`has no column ${absent.join(', ')}; columns are ${header.join(', ')}`);
}
