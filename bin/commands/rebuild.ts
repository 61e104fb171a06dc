import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createStrategyStore, type StrategyStore } from '../../adapters/aws/strategy-store.ts';
import { readKeptState } from '../../adapters/kept-state.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { splitLinesAsync } from '../../core/events/lines.ts';
import { type CanonicalDifference, canonicalDifferences, canonicalState } from '../../core/ledger/canonical.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import type { StrategyState } from '../../core/ledger/state.ts';
import { viewOf } from '../../core/ledger/view-of.ts';
import { fileSource } from '../../local/event-file.ts';
import { createRebuilder, type Rebuilt } from '../../local/rebuild.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type Arguments as Given, type OptionTable, optionLines } from '../options.ts';
import { readConfig } from '../start/open-stack.ts';

const options: OptionTable = [
  ['--config FILE', 'calendars, capital and currencies of the strategies; without it those of the stored state, if there is one'],
  ['--kept [DIR]', 'compares with the state that "nightdesk start" keeps (default .nightdesk)'],
  ['--table NAME', 'compares with the states in this DynamoDB table, of the account that the environment gives'],
  ['--endpoint URL', 'where that table is, such as the address of a running "nightdesk start"'],
  ['--replace', 'writes what differs into the table, unless the ledger writes at the same time: then it says so and writes nothing'],
  ['--json', 'one JSON document on standard output'],
];

const help = `nightdesk rebuild FILE [--config FILE] [--kept [DIR] | --table NAME [--endpoint URL] [--replace]] [--json]

Folds a journal (events, one JSON object per line; .gz too) again, as the ledger does, and prints for each strategy the
hash of what its state says, and what was counted. Equal facts give the same hash, whatever their order, duplicates and batches.
With a stored state to compare with, it says whether that state is the journal's, and where it is not.

${optionLines(options, 16)}

The journal must hold everything that the state was made of: what log groups no longer keep cannot be rebuilt.
Exit codes: 0 fine, equal or replaced · 1 a stored state differs or is missing · 2 unusable input.`;

interface Arguments {
  readonly file: string;
  readonly config?: string;
  readonly kept?: string;
  readonly table?: string;
  readonly endpoint?: string;
  readonly replace: boolean;
  readonly json: boolean;
}

interface Row {
  readonly hash: string;
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicting: number;
  readonly late: number;
  readonly fills: number;
  /** Absent when there is nothing to compare with. */
  readonly stored?: 'equal' | 'differs' | 'missing' | 'replaced' | 'busy';
  readonly differences?: readonly { readonly aspect: string; readonly stored: string; readonly rebuilt: string }[];
}

export const command: Command = {
  name: 'rebuild',
  summary: 'state of strategies from their journal, compared with the stored one',
  help,
  options,
  run: async (args, io) => {
    const options = readArguments(args);
    const path = resolve(io.cwd, options.file);
    if (!existsSync(path)) throw new UsageError(`${options.file}: there is no such file`);
    const config = options.config === undefined ? undefined : await readConfig(options.config, io);
    const store = await openStore(options, io);
    const rows = await rebuild(path, config, store, options.replace);
    if (Object.keys(rows).length === 0) throw new UsageError(`${options.file}: there is no usable event in it`);
    io.stdout(options.json ? `${JSON.stringify({ strategies: rows }, undefined, 2)}\n` : Object.entries(rows).map(rowText).join(''));
    return Object.values(rows).some(({ stored }) => stored === 'differs' || stored === 'missing' || stored === 'busy') ? 1 : 0;
  },
};

async function rebuild(
  path: string,
  config: NightdeskConfig | undefined,
  store: StrategyStore | undefined,
  replaces: boolean,
): Promise<Readonly<Record<string, Row>>> {
  const known = new Map<string, { readonly version: number; readonly state: StrategyState }>();
  const stored = async (id: string) => {
    const found = await store?.load(id);
    if (found === undefined) return;
    const settings = config === undefined ? undefined : settingsFor(config, id);
    known.set(id, { version: found.version, state: decodeState(found.encoded.head, found.encoded.parts, settings) });
  };
  for (const id of store === undefined ? [] : await strategiesIn(path)) await stored(id);
  const rebuilder = createRebuilder(id =>
    config === undefined ? (known.get(id)?.state.settings ?? settingsFor(undefined, id)) : settingsFor(config, id),
  );
  for await (const line of splitLinesAsync(fileSource(path)())) if (line.kind === 'text') rebuilder.line(line.text);
  const rows: [string, Row][] = [];
  for (const [id, rebuilt] of rebuilder.result()) rows.push([id, await rowOf(id, rebuilt, known.get(id), store, replaces)]);
  return Object.fromEntries(rows);
}

async function strategiesIn(path: string): Promise<ReadonlySet<string>> {
  const { parseLine } = await import('../../core/events/parse.ts');
  const found = new Set<string>();
  for await (const line of splitLinesAsync(fileSource(path)())) {
    const parsed = line.kind === 'text' ? parseLine(line.text) : line;
    if (parsed.kind === 'event') found.add(parsed.event.strategyId);
  }
  return found;
}

async function rowOf(
  id: string,
  { state, pulse }: Rebuilt,
  stored: { readonly version: number; readonly state: StrategyState } | undefined,
  store: StrategyStore | undefined,
  replaces: boolean,
): Promise<Row> {
  const text = canonicalState(state);
  const { accepted, duplicates, conflicting, late } = state.counts;
  const row = { hash: hashOf(text), accepted, duplicates, conflicting, late, fills: state.totals.fills };
  if (store === undefined) return row;
  const differences = stored === undefined ? [] : canonicalDifferences(canonicalState(stored.state), text).map(namedSides);
  if (stored?.state.needsRebuild === true) differences.push(asksForRebuild);
  if (stored !== undefined && differences.length === 0) return { ...row, stored: 'equal' };
  if (!replaces) return { ...row, stored: stored === undefined ? 'missing' : 'differs', differences };
  const nowMs = Date.now();
  const saved = await store.saveWith(id, stored?.version ?? 0, encodeState(state), { pulse, view: viewOf(state, nowMs) });
  return { ...row, stored: saved === 'saved' ? 'replaced' : 'busy', differences };
}

/** A change came for something that the state no longer keeps. */
const asksForRebuild = { aspect: 'asks for a rebuild', stored: 'yes', rebuilt: 'no' };

const namedSides = ({ aspect, first, second }: CanonicalDifference) => ({ aspect, stored: first, rebuilt: second });

/** Where the stored states are; undefined when nobody asked to compare. */
async function openStore({ kept, table, endpoint }: Arguments, io: Io): Promise<StrategyStore | undefined> {
  if (kept !== undefined) {
    const found = await readKeptState(resolve(io.cwd, kept));
    if (found === undefined) throw new UsageError(`${kept}: "nightdesk start" has kept no state there`);
    return createStrategyStore(found.table);
  }
  if (table === undefined) return undefined;
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const { createTable } = await import('../../adapters/aws/table.ts');
  const local = { endpoint: endpoint ?? '', region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return createStrategyStore(createTable(new DynamoDBClient(endpoint === undefined ? {} : local), table));
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

function rowText([id, row]: readonly [string, Row]): string {
  const verdict = row.stored === undefined ? '' : `  stored state: ${verdicts[row.stored]}`;
  const differences = (row.differences ?? []).map(
    ({ aspect, stored, rebuilt }) => `    ${aspect}: stored ${stored}\n    ${' '.repeat(aspect.length)}  rebuilt ${rebuilt}\n`,
  );
  return `${id}  ${row.hash}  ${row.accepted} events, ${row.fills} fills${verdict}\n${differences.join('')}`;
}

const verdicts: Readonly<Record<NonNullable<Row['stored']>, string>> = {
  equal: 'equal',
  differs: 'DIFFERS',
  missing: 'MISSING',
  replaced: 'replaced',
  busy: 'NOT REPLACED, the ledger has written meanwhile; run it again',
};

function readArguments({ positional, values, flags }: Given): Arguments {
  const [file, second] = positional;
  if (file === undefined) throw new UsageError('rebuild needs a file; see nightdesk rebuild --help');
  if (second !== undefined) throw new UsageError(`rebuild: one file at a time; got "${file}" and "${second}"`);
  const kept = values.get('kept') ?? (flags.has('kept') ? '.nightdesk' : undefined);
  const [config, table, endpoint] = ['config', 'table', 'endpoint'].map(name => values.get(name));
  const replace = flags.has('replace');
  if (kept !== undefined && table !== undefined) throw new UsageError('rebuild: --kept or --table, not both');
  if (table === undefined && (endpoint !== undefined || replace))
    throw new UsageError(`rebuild: ${replace ? '--replace' : '--endpoint'} needs --table`);
  return {
    file,
    replace,
    json: flags.has('json'),
    ...(config === undefined ? {} : { config }),
    ...(kept === undefined ? {} : { kept }),
    ...(table === undefined ? {} : { table }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
