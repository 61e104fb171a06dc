/** Which column of a CSV holds which field of an execution: declared by the user, never guessed. */
import { err, ok, type Result } from '../../../core/result.ts';

/** Fields that a column can hold. `fee` and `feeCurrency` make one fee; `signedQty` is a quantity that is negative for a sale. */
export const csvFields = [
  'execId',
  'orderId',
  'clOrdId',
  'instrumentId',
  'venue',
  'accountId',
  'strategyId',
  'side',
  'lastQty',
  'signedQty',
  'lastPx',
  'transactTime',
  'fee',
  'feeCurrency',
  'settlCurrency',
  'liquidity',
  'positionEffect',
  'tradeDate',
] as const;
export type CsvField = (typeof csvFields)[number];

export interface ColumnMap {
  /** Header of the column, or its number from 1 where the file has no header. */
  readonly columns: Readonly<Partial<Record<CsvField, string>>>;
  /** Values for fields that no column holds. */
  readonly constants: Readonly<Partial<Record<CsvField, string>>>;
  /** Words of the file, in any case, and what they mean: `{ "side": { "B": "buy" } }`. */
  readonly values: Readonly<Partial<Record<CsvField, Readonly<Record<string, string>>>>>;
  readonly delimiter: string;
  /** `,` where a comma parts whole and fraction. */
  readonly decimal: '.' | ',';
  /** How times are written: `iso` also takes `2026-03-09 13:30:00`; the others count since 1970. */
  readonly time: 'iso' | 's' | 'ms' | 'us' | 'ns';
  /** What fees in the file are: `cost` is positive for a cost, `cash` negative. */
  readonly feeSign: 'cost' | 'cash';
  readonly header: boolean;
}

const defaults = { constants: {}, values: {}, delimiter: ',', decimal: '.', time: 'iso', feeSign: 'cost', header: true } as const;

const choices: Readonly<Record<string, readonly unknown[]>> = {
  decimal: ['.', ','],
  time: ['iso', 's', 'ms', 'us', 'ns'],
  feeSign: ['cost', 'cash'],
  header: [true, false],
};

/** From JSON, or from `field=Column,field=Column`; the short form takes `delimiter`, `decimal`, `time` and `feeSign` too. */
export function parseColumnMap(text: string): Result<ColumnMap, string> {
  const given = text.trimStart().startsWith('{') ? fromJson(text) : fromPairs(text);
  if (typeof given === 'string') return err(given);
  const map = { ...defaults, ...given } as ColumnMap;
  for (const [name, allowed] of Object.entries(choices)) {
    const value = (map as unknown as Record<string, unknown>)[name];
    if (!allowed.includes(value)) return err(`${name} must be one of ${allowed.join(' ')}; was ${JSON.stringify(value)}`);
  }
  if (typeof map.delimiter !== 'string' || map.delimiter.length !== 1) return err('delimiter must be one character');
  return checkFields(map);
}

function checkFields(map: ColumnMap): Result<ColumnMap, string> {
  for (const part of ['columns', 'constants', 'values'] as const) {
    const unknown = Object.keys(map[part] ?? {}).find(field => !csvFields.includes(field as CsvField));
    if (unknown !== undefined) return err(`${part} has no field "${unknown}"; fields are ${csvFields.join(', ')}`);
  }
  const has = (field: CsvField) => map.columns[field] !== undefined || map.constants[field] !== undefined;
  const lacking = (['instrumentId', 'lastPx', 'transactTime'] as const).filter(field => !has(field));
  if (!has('signedQty') && !(has('side') && has('lastQty'))) return err('needs signedQty, or side and lastQty');
  if (lacking.length > 0) return err(`needs ${lacking.join(', ')}`);
  return ok(map);
}

function fromJson(text: string): object | string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be a JSON object';
    const known = ['columns', ...Object.keys(defaults)];
    const unknown = Object.keys(value).find(key => !known.includes(key));
    if (unknown !== undefined) return `has no key "${unknown}"; keys are ${known.join(', ')}`;
    return 'columns' in value ? value : 'needs "columns"';
  } catch (error) {
    return `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const shortOptions = ['decimal', 'time', 'feeSign', 'delimiter'];

function fromPairs(text: string): object | string {
  const columns: Record<string, string> = {};
  const options: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    if (at <= 0) return `must be field=Column pairs; was "${pair}"`;
    const name = pair.slice(0, at).trim();
    (shortOptions.includes(name) ? options : columns)[name] = pair.slice(at + 1).trim();
  }
  return { columns, ...options };
}
