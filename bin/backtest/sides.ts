/** Alarms, each with the history that it is judged on, from what the options name. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { alarmSetOfConfig } from '../../adapters/alarm-source.ts';
import { csvHistory } from '../../adapters/history/metric-csv.ts';
import { type AlarmSet, showSourceProblem, stageOf } from '../../core/alarms/alarm-set.ts';
import type { RecordedChange } from '../../core/backtest/check-history.ts';
import type { BacktestHistory } from '../../core/backtest/history.ts';
import { withStubChannels } from '../../core/config/discover.ts';
import { type Io, UsageError } from '../command.ts';
import { configOf } from '../start/survey-config.ts';
import { type AlarmInput, alarmInputOf, readAlarms, sweptAlarm } from './alarm-input.ts';
import { openEvents } from './event-input.ts';
import type { BacktestOptions } from './options.ts';

export interface Side {
  readonly name: string;
  readonly alarms: AlarmInput;
  readonly history: BacktestHistory;
}

export interface Sides {
  readonly first: Side;
  /** Those of `--compare`. */
  readonly second?: Side;
  /** What the account's own alarm history says. */
  readonly recorded?: readonly RecordedChange[];
}

/** @throws UsageError */
export async function sidesOf(options: BacktestOptions, io: Io): Promise<Sides> {
  const path = options.config ?? options.template;
  const named = path === undefined ? undefined : await readAlarms(path, io);
  const other = options.compare === undefined ? undefined : await readAlarms(options.compare, io);
  switch (options.source.kind) {
    case 'events':
      return eventSides(options.source.file, named, other, options, io);
    case 'csv':
      return sharedSides(named!, other, await csvInput(options.source.file, options, io));
    case 'account':
      return accountSides(named, other, options, io);
  }
}

/** Both sets over one history. */
function sharedSides(set: AlarmSet, other: AlarmSet | undefined, history: BacktestHistory): Sides {
  const side = (of: AlarmSet): Side => ({ name: of.from, alarms: alarmInputOf(of), history });
  return { first: side(set), ...(other === undefined ? {} : { second: side(other) }) };
}

/** Each set over what the functions would have published under its own config. */
async function eventSides(
  file: string,
  named: AlarmSet | undefined,
  other: AlarmSet | undefined,
  options: BacktestOptions,
  io: Io,
): Promise<Sides> {
  const input = await openEvents(existing(file, io), file);
  for (const { line, message } of input.survey.unreadable) io.stderr(`${file}:${line}: ${message}\n`);
  const found = configOf(input.survey);
  const side = async (set: AlarmSet): Promise<Side> => {
    const config = set.config ?? { ...found, stage: stageOf(set) ?? found.stage };
    return { name: set.from, alarms: alarmInputOf(set), history: await input.history(withStubChannels(config), options) };
  };
  const set = named ?? alarmSetOfConfig(found, "the catalogue's alarms");
  // Before the minutes that a history takes.
  if (options.sweep !== undefined) sweptAlarm(options.sweep.alarm, alarmInputOf(set).definitions);
  const first = await side(set);
  return other === undefined ? { first } : { first, second: await side(other) };
}

async function csvInput(file: string, { fromMs, toMs }: BacktestOptions, io: Io): Promise<BacktestHistory> {
  const path = existing(file, io);
  const raw = createReadStream(path);
  const bytes = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', error => bytes.destroy(error));
  let read: Awaited<ReturnType<typeof csvHistory>>;
  try {
    read = await csvHistory(createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY }), file);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!read.ok) throw new UsageError(`${file}:${read.error.line}: ${read.error.message}`);
  const history = read.value;
  const span = { fromMs: Math.max(fromMs ?? history.fromMs, history.fromMs), toMs: Math.min(toMs ?? history.toMs, history.toMs) };
  if (span.toMs <= span.fromMs) throw new UsageError(`${file}: there is no point between --from and --to`);
  return { ...history, ...span };
}

async function accountSides(named: AlarmSet | undefined, other: AlarmSet | undefined, options: BacktestOptions, io: Io): Promise<Sides> {
  const { openAccount } = await import('./account-input.ts');
  const account = openAccount(options, io);
  const set = named ?? (await account.alarms());
  for (const problem of set.unusable) io.stderr(`not replayed: ${showSourceProblem(problem)}\n`);
  if (set.alarms.length === 0) throw new UsageError(`${set.from}: there is no alarm in it`);
  const both = [...set.alarms, ...(other?.alarms ?? [])].map(({ definition }) => definition);
  const history = await account.history(both);
  const recorded = options.checksHistory ? await account.changes() : undefined;
  return { ...sharedSides(set, other, history), ...(recorded === undefined ? {} : { recorded }) };
}

/** @throws UsageError */
export function existing(file: string, io: Io): string {
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) throw new UsageError(`${file}: there is no such file`);
  if (!statSync(path).isFile()) throw new UsageError(`${file}: is not a file`);
  return path;
}
