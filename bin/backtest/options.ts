import { instantOf } from '../../core/backtest/incident-list.ts';
import { UsageError } from '../command.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';

const history: OptionTable = [
  ['--events FILE', 'events, one JSON object per line (.gz too), folded as the deployed functions do it'],
  ['--csv FILE', 'metric points: timestamp,namespace,metric,dimensions,value[,count] (.gz too)'],
  ['--from-account', 'GetMetricData of the account that the AWS environment variables name (read only)'],
];
const alarms: OptionTable = [
  ['--config FILE', 'nightdesk.config.ts, .mjs or .json'],
  ['--template FILE', 'a CloudFormation template, or a folder with an assembly'],
];
const looks: OptionTable = [
  ['--from T --to T', 'span, ISO 8601 with a zone; default all of the file, or the last 14 days of the account'],
  ['--incidents FILE', 'what really happened (YAML or JSON: id, start, end, alarms): precision, recall, time to catch'],
  ['--sweep ALARM --limits A,B,C', 'the same alarm with other limits'],
  ['--compare FILE', 'a second config or template over the same history'],
  ['--check-history', "compares with the account's own alarm history"],
  ['--region R --cache DIR --alarm-prefix P', 'for --from-account: region, where finished pages are kept, which alarms'],
];
const exits: OptionTable = [
  ['--max-pages-per-week N', '1 when any seven days have more critical incidents'],
  ['--must-catch ID', '1 when no alarm fires for that incident; may be repeated'],
];
const outputs: OptionTable = [
  ['--html FILE', 'one self-contained page with plots'],
  ['--json', 'one JSON document on standard output'],
];

export const options: OptionTable = [...history, ...alarms, ...looks, ...exits, ...outputs];

export const help = `nightdesk backtest --events FILE|--csv FILE|--from-account [--config FILE|--template FILE] [options]

Replays alarms over history with the evaluator of the live stack: when each would have fired and why, what people would
have been told, and what was nearly missed. Nothing is deployed and nothing is sent.

History, one of:
${optionLines(history, 20)}

Alarms, one of (default: the catalogue's alarms for the strategies of the events, or the account's own):
${optionLines(alarms, 20)}

What to look at:
${optionLines(looks, 20)}

Exit code:
${optionLines(exits, 25)}

Output:
${optionLines(outputs, 20)}

Exit codes: 0 fine · 1 budget broken or incident not caught · 2 unusable input.`;

export interface BacktestOptions {
  readonly source: { readonly kind: 'events' | 'csv'; readonly file: string } | { readonly kind: 'account' };
  readonly config?: string;
  readonly template?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly incidents?: string;
  readonly sweep?: { readonly alarm: string; readonly limits: readonly number[] };
  readonly compare?: string;
  readonly checksHistory: boolean;
  readonly region?: string;
  readonly cache?: string;
  readonly alarmPrefix?: string;
  readonly pagesPerWeek?: number;
  readonly mustCatch: readonly string[];
  readonly html?: string;
  readonly json: boolean;
}

/** @throws UsageError */
export function readOptions({ positional, values: given, repeated, flags }: Arguments): BacktestOptions {
  const [stranger] = positional;
  if (stranger !== undefined)
    throw new UsageError(`backtest: takes no "${stranger}"; history comes with --events or --csv; see nightdesk backtest --help`);
  const mustCatch = repeated.get('must-catch') ?? [];
  const text = <K extends string>(key: K, name: string) => {
    const value = given.get(name);
    return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: string });
  };
  const time = <K extends string>(key: K, name: string) => {
    const value = given.get(name);
    if (value === undefined) return {};
    const ms = instantOf(value);
    if (ms === undefined) throw new UsageError(`--${name} must be a time such as 2026-03-09T13:30:00Z; was "${value}"`);
    return { [key]: ms } as { readonly [P in K]?: number };
  };
  const options: BacktestOptions = {
    source: sourceOf(given, flags.has('from-account')),
    ...text('config', 'config'),
    ...text('template', 'template'),
    ...time('fromMs', 'from'),
    ...time('toMs', 'to'),
    ...text('incidents', 'incidents'),
    ...sweepOf(given),
    ...text('compare', 'compare'),
    checksHistory: flags.has('check-history'),
    ...text('region', 'region'),
    ...text('cache', 'cache'),
    ...text('alarmPrefix', 'alarm-prefix'),
    ...pagesOf(given.get('max-pages-per-week')),
    mustCatch,
    ...text('html', 'html'),
    json: flags.has('json'),
  };
  if (options.config !== undefined && options.template !== undefined) throw new UsageError('--config and --template exclude each other');
  if (options.fromMs !== undefined && options.toMs !== undefined && options.toMs <= options.fromMs)
    throw new UsageError('--to must be after --from');
  if (mustCatch.length > 0 && options.incidents === undefined) throw new UsageError('--must-catch needs --incidents FILE');
  if (options.checksHistory && options.source.kind !== 'account') throw new UsageError('--check-history needs --from-account');
  if (options.source.kind === 'csv' && options.config === undefined && options.template === undefined)
    throw new UsageError('--csv needs alarms: --config FILE or --template FILE');
  return options;
}

function sourceOf(given: ReadonlyMap<string, string>, fromAccount: boolean): BacktestOptions['source'] {
  const events = given.get('events');
  const csv = given.get('csv');
  const count = [events, csv, fromAccount || undefined].filter(value => value !== undefined).length;
  if (count !== 1) throw new UsageError('give one history: --events FILE, --csv FILE or --from-account');
  if (events !== undefined) return { kind: 'events', file: events };
  return csv === undefined ? { kind: 'account' } : { kind: 'csv', file: csv };
}

function sweepOf(given: ReadonlyMap<string, string>): Pick<BacktestOptions, 'sweep'> {
  const alarm = given.get('sweep');
  const written = given.get('limits');
  if (alarm === undefined && written === undefined) return {};
  if (alarm === undefined || written === undefined) throw new UsageError('--sweep ALARM and --limits A,B,C belong together');
  const limits = written.split(',').map(part => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!limits.every(Number.isFinite)) throw new UsageError(`--limits must be numbers with commas between; was "${written}"`);
  return { sweep: { alarm, limits } };
}

function pagesOf(written: string | undefined): Pick<BacktestOptions, 'pagesPerWeek'> {
  if (written === undefined) return {};
  const pagesPerWeek = Number(written);
  if (!Number.isInteger(pagesPerWeek) || pagesPerWeek < 0)
    throw new UsageError(`--max-pages-per-week must be a whole number; was "${written}"`);
  return { pagesPerWeek };
}
