import type { Control } from '../../core/health/pulse.ts';
import {
  BLOCK_DAYS,
  BLOCK_HOURS,
  bucketLength,
  DAY_MS,
  emptyChunk,
  type HistoryChunk,
  type HistoryPoint,
  type HistoryRow,
  HOUR_MS,
  KEPT_MS,
  keptHour,
  type LedgerDays,
  type Mark,
  MINUTE_MS,
  pointOf,
  type Resolution,
  summaryOf,
  withMark,
  withRow,
} from '../../core/ledger/history.ts';
import type { Item, Key, Table } from './table.ts';

/**
 * A strategy's value over time: `STRATEGY#<id>/HISTORY#…` with an item for each hour of minutes, each 720 hours and each 366 days, the
 * ledger's trading days, and the marks of deploys and halts. Minutes and hours expire; one process records, so only the minutes, which
 * each sweep writes, are compared before they are set.
 */
export interface HistoryStore {
  /** Keeps one minute. Returns whether it was the first of its hour, when the hours before were summed up. */
  readonly record: (strategyId: string, row: HistoryRow) => Promise<{ readonly isNewHour: boolean }>;
  readonly saveDays: (strategyId: string, days: LedgerDays) => Promise<void>;
  readonly addMarks: (strategyId: string, controls: readonly Control[]) => Promise<void>;
  /** Points of each strategy in `[fromMs, toMs)`, oldest first. */
  readonly read: (range: HistoryRange) => Promise<ReadonlyMap<string, readonly HistoryPoint[]>>;
  readonly readDays: (strategyIds: readonly string[]) => Promise<ReadonlyMap<string, LedgerDays>>;
  readonly readMarks: (strategyIds: readonly string[]) => Promise<ReadonlyMap<string, readonly Mark[]>>;
}

export interface HistoryRange {
  readonly strategyIds: readonly string[];
  readonly resolution: Resolution;
  readonly fromMs: number;
  readonly toMs: number;
  /** Only points with counts of orders. */
  readonly isCounted?: true;
}

const MINUTES_PER_HOUR = HOUR_MS / MINUTE_MS;
const HOURS_PER_DAY = DAY_MS / HOUR_MS;

const pkOf = (strategyId: string) => `STRATEGY#${strategyId}`;
const keyOf = (strategyId: string, kind: string, block?: number): Key => ({
  pk: pkOf(strategyId),
  sk: block === undefined ? `HISTORY#${kind}` : `HISTORY#${kind}#${String(block).padStart(7, '0')}`,
});
const idOf = ({ pk }: Item) => pk.slice('STRATEGY#'.length);

/** Buckets in one item, and how long it stays after its end. */
const blocks: Readonly<Record<Resolution, { readonly kind: string; readonly size: number; readonly keptMs?: number }>> = {
  minutes: { kind: 'MINUTES', size: MINUTES_PER_HOUR, keptMs: KEPT_MS.minutes + HOUR_MS },
  hours: { kind: 'HOURS', size: BLOCK_HOURS, keptMs: KEPT_MS.hours + DAY_MS },
  days: { kind: 'DAYS', size: BLOCK_DAYS },
};

interface Running {
  readonly hour: number;
  readonly version: number;
  readonly chunk: HistoryChunk;
}

export function createHistoryStore(table: Table): HistoryStore {
  /** The running hour of each strategy, as this process last wrote it. */
  const running = new Map<string, Running>();

  const record = async (strategyId: string, row: HistoryRow) => {
    const hour = Math.floor(row[0] / MINUTES_PER_HOUR);
    for (let tries = 0; tries < 3; tries++) {
      const known = running.get(strategyId);
      const before = known?.hour === hour ? known : await loadHour(table, strategyId, hour);
      const chunk = withRow(before.chunk, row);
      const saved = await table.put(itemOf(strategyId, 'minutes', hour, chunk, before.version + 1), { version: before.version });
      if (saved === 'conflict') {
        running.delete(strategyId);
        continue;
      }
      running.set(strategyId, { hour, version: before.version + 1, chunk });
      if (before.version > 0) return { isNewHour: false };
      await sumUp(table, strategyId, hour, known);
      return { isNewHour: true };
    }
    // Two sweeps of one minute say the same; whoever won has kept it.
    return { isNewHour: false };
  };

  return {
    record,
    saveDays: async (strategyId, days) => {
      await table.put({ ...keyOf(strategyId, 'LEDGER'), schemaVersion: 1, text: JSON.stringify(days) });
    },
    addMarks: async (strategyId, controls) => {
      const key = keyOf(strategyId, 'MARKS');
      const before = marksOf(await table.get(key));
      const after = controls.reduce((marks, { at, action, actor, reason }) => withMark(marks, [at, action, actor, reason]), before);
      if (after !== before) await table.put({ ...key, schemaVersion: 1, text: JSON.stringify(after) });
    },
    read: range => read(table, range),
    readDays: async strategyIds => {
      const items = await table.getAll(strategyIds.map(id => keyOf(id, 'LEDGER')));
      return new Map(items.map(item => [idOf(item), JSON.parse(String(item['text'])) as LedgerDays]));
    },
    readMarks: async strategyIds => {
      const items = await table.getAll(strategyIds.map(id => keyOf(id, 'MARKS')));
      return new Map(items.map(item => [idOf(item), marksOf(item)]));
    },
  };
}

const marksOf = (item: Item | undefined): readonly Mark[] =>
  item === undefined ? [] : (JSON.parse(String(item['text'])) as readonly Mark[]);
const chunkOf = (item: Item | undefined): HistoryChunk =>
  item === undefined ? emptyChunk : { schemaVersion: 1, rows: JSON.parse(String(item['text'])) as readonly HistoryRow[] };

function itemOf(strategyId: string, resolution: Resolution, block: number, { rows }: HistoryChunk, version: number): Item {
  const { kind, size, keptMs } = blocks[resolution];
  const endMs = (block + 1) * size * bucketLength[resolution];
  return {
    ...keyOf(strategyId, kind, block),
    schemaVersion: 1,
    version,
    text: JSON.stringify(rows),
    ...(keptMs === undefined ? {} : { expiresAt: Math.ceil((endMs + keptMs) / 1000) }),
  };
}

async function loadHour(table: Table, strategyId: string, hour: number): Promise<Running> {
  const item = await table.get(keyOf(strategyId, 'MINUTES', hour));
  return { hour, version: Number(item?.['version'] ?? 0), chunk: chunkOf(item) };
}

/** Sums hours that have ended into their blocks of hours and days: the one before, or after a pause all whose minutes are still there. */
async function sumUp(table: Table, strategyId: string, hour: number, last: Running | undefined): Promise<void> {
  const reach = KEPT_MS.minutes / HOUR_MS;
  const ended =
    last !== undefined && last.hour === hour - 1
      ? [[last.hour, last.chunk] as const]
      : (await table.getAll(Array.from({ length: reach }, (_, n) => keyOf(strategyId, 'MINUTES', hour - 1 - n))))
          .map(item => [Number(item.sk.split('#').at(-1)), chunkOf(item)] as const)
          .sort(([a], [b]) => a - b);
  const hours = ended
    .map(([at, chunk]) => summaryOf(chunk.rows, at))
    .filter(row => row !== null)
    .map(keptHour);
  if (hours.length === 0) return;
  const hourBlocks = await addRows(table, strategyId, 'hours', hours);
  const days = [...new Set(hours.map(([at]) => Math.floor(at / HOURS_PER_DAY)))];
  const ofDay = (day: number) => hourBlocks.filter(([at]) => Math.floor(at / HOURS_PER_DAY) === day);
  const rows = days.map(day => summaryOf(ofDay(day), day)).filter(row => row !== null);
  await addRows(table, strategyId, 'days', rows);
}

/** Puts rows into their blocks, and returns all rows of these. */
async function addRows(table: Table, strategyId: string, resolution: 'hours' | 'days', rows: readonly HistoryRow[]): Promise<HistoryRow[]> {
  const { kind, size } = blocks[resolution];
  const all: HistoryRow[] = [];
  for (const block of new Set(rows.map(([at]) => Math.floor(at / size)))) {
    const item = await table.get(keyOf(strategyId, kind, block));
    const chunk = rows.filter(([at]) => Math.floor(at / size) === block).reduce(withRow, chunkOf(item));
    await table.put(itemOf(strategyId, resolution, block, chunk, Number(item?.['version'] ?? 0) + 1));
    all.push(...chunk.rows);
  }
  return all;
}

async function read(
  table: Table,
  { strategyIds, resolution, fromMs, toMs, isCounted }: HistoryRange,
): Promise<ReadonlyMap<string, readonly HistoryPoint[]>> {
  const bucketMs = bucketLength[resolution];
  const wanted = keysOf(resolution, fromMs, toMs);
  // What has not been summed up yet stands in the minutes of the running hour.
  const runningHour = Math.floor((toMs - 1) / HOUR_MS);
  const minutes = resolution === 'minutes' ? [] : [runningHour - 1, runningHour];
  const keys = strategyIds.flatMap(id => [
    ...wanted.map(block => keyOf(id, blocks[resolution].kind, block)),
    ...minutes.map(hour => keyOf(id, 'MINUTES', hour)),
  ]);
  const found = await table.getAll(keys);
  return new Map(
    strategyIds.map(id => {
      const own = found.filter(item => item.pk === pkOf(id)).sort((a, b) => (a.sk < b.sk ? -1 : 1));
      const isMinutes = ({ sk }: Item) => sk.startsWith('HISTORY#MINUTES#');
      const rows = own.filter(item => resolution === 'minutes' || !isMinutes(item)).flatMap(item => chunkOf(item).rows);
      const fresh = resolution === 'minutes' ? [] : own.filter(isMinutes).flatMap(item => chunkOf(item).rows);
      const wantedRows = withFresh(rows, fresh, bucketMs).filter(
        ([bucket, , , , orders]) =>
          (bucket + 1) * bucketMs > fromMs && bucket * bucketMs < toMs && (isCounted !== true || orders !== undefined),
      );
      return [id, wantedRows.map(row => pointOf(row, bucketMs))];
    }),
  );
}

/** Minutes that their hour or day does not hold yet are put into it. */
function withFresh(rows: readonly HistoryRow[], minutes: readonly HistoryRow[], bucketMs: number): readonly HistoryRow[] {
  if (minutes.length === 0) return rows;
  const perBucket = bucketMs / MINUTE_MS;
  return [...new Set(minutes.map(([at]) => Math.floor(at / perBucket)))].reduce((all, bucket) => {
    const before = all.filter(([at]) => at === bucket);
    const row = summaryOf([...before, ...minutes.filter(([at]) => Math.floor(at / perBucket) === bucket)], bucket);
    return row === null ? all : withRow({ schemaVersion: 1, rows: all }, row).rows;
  }, rows);
}

function keysOf(resolution: Resolution, fromMs: number, toMs: number): readonly number[] {
  const span = bucketLength[resolution] * blocks[resolution].size;
  const first = Math.floor(fromMs / span);
  return Array.from({ length: Math.max(0, Math.floor((toMs - 1) / span) - first + 1) }, (_, n) => first + n);
}
