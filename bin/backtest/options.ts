import { instantOf } from '../../core/backtest/incident-list.ts';
import { UsageError } from '../command.ts';

export const help = `nightdesk backtest --events FILE|--csv FILE|--from-account [--config FILE|--template FILE] [options]

Replays alarms over history with the evaluator of the live stack: when each would have fired and why, what people would
have been told, and what was nearly missed. Nothing is deployed and nothing is sent.

History, one of:
  --events FILE       events, one JSON object per line (.gz too), folded as the deployed functions do it
  --csv FILE          metric points: timestamp,namespace,metric,dimensions,value[,count] (.gz too)
  --from-account      GetMetricData of the account that the AWS environment variables name (read only)

Alarms, one of (default: the catalogue's alarms for the strategies of the events, or the account's own):
  --config FILE       nightdesk.config.ts, .mjs or .json
  --template FILE     a CloudFormation template, or a folder with an assembly

What to look at:
  --from T --to T     span, ISO 8601 with a zone; default all of the file, or the last 14 days of the account
  --incidents FILE    what really happened (YAML or JSON: id, start, end, alarms): precision, recall, time to catch
  --sweep ALARM --limits A,B,C   the same alarm with other limits
  --compare FILE      a second config or template over the same history
  --check-history     compares with the account's own alarm history
  --region R --cache DIR --alarm-prefix P    for --from-account: region, where finished pages are kept, which alarms

Exit code:
  --max-pages-per-week N   1 when any seven days have more critical incidents
  --must-catch ID          1 when no alarm fires for that incident; may be repeated

Output:
  --html FILE         one self-contained page with plots
  --json              one JSON document on standard output

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

const flags = ['--from-account', '--check-history', '--json'] as const;
const valued = [
  '--events',
  '--csv',
  '--config',
  '--template',
  '--from',
  '--to',
  '--incidents',
  '--sweep',
  '--limits',
  '--compare',
  '--region',
  '--cache',
  '--alarm-prefix',
  '--max-pages-per-week',
  '--must-catch',
  '--html',
] as const;
type Flag = (typeof flags)[number];
type Valued = (typeof valued)[number];

/** @throws UsageError */
export function readOptions(args: readonly string[]): BacktestOptions {
  const { set, given, mustCatch } = split(args);
  const has = (name: Flag) => set.has(name);
  const text = <K extends string>(key: K, name: Valued) => {
    const value = given.get(name);
    return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: string });
  };
  const time = <K extends string>(key: K, name: Valued) => {
    const value = given.get(name);
    if (value === undefined) return {};
    const ms = instantOf(value);
    if (ms === undefined) throw new UsageError(`${name} must be a time such as 2026-03-09T13:30:00Z; was "${value}"`);
    return { [key]: ms } as { readonly [P in K]?: number };
  };
  const options: BacktestOptions = {
    source: sourceOf(given, has('--from-account')),
    ...text('config', '--config'),
    ...text('template', '--template'),
    ...time('fromMs', '--from'),
    ...time('toMs', '--to'),
    ...text('incidents', '--incidents'),
    ...sweepOf(given),
    ...text('compare', '--compare'),
    checksHistory: has('--check-history'),
    ...text('region', '--region'),
    ...text('cache', '--cache'),
    ...text('alarmPrefix', '--alarm-prefix'),
    ...pagesOf(given.get('--max-pages-per-week')),
    mustCatch,
    ...text('html', '--html'),
    json: has('--json'),
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

function split(args: readonly string[]) {
  const set = new Set<Flag>();
  const given = new Map<Valued, string>();
  const mustCatch: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if ((flags as readonly string[]).includes(name)) {
      set.add(name as Flag);
      continue;
    }
    if (!(valued as readonly string[]).includes(name)) throw new UsageError(`unknown option "${arg}"; see nightdesk backtest --help`);
    let value = equals < 0 ? undefined : arg.slice(equals + 1);
    if (equals < 0) {
      at += 1;
      value = args[at];
    }
    if (value === undefined || value === '') throw new UsageError(`${name} needs a value`);
    if (name === '--must-catch') mustCatch.push(value);
    else given.set(name as Valued, value);
  }
  return { set, given, mustCatch };
}

function sourceOf(given: ReadonlyMap<Valued, string>, fromAccount: boolean): BacktestOptions['source'] {
  const events = given.get('--events');
  const csv = given.get('--csv');
  const count = [events, csv, fromAccount || undefined].filter(value => value !== undefined).length;
  if (count !== 1) throw new UsageError('give one history: --events FILE, --csv FILE or --from-account');
  if (events !== undefined) return { kind: 'events', file: events };
  return csv === undefined ? { kind: 'account' } : { kind: 'csv', file: csv };
}

function sweepOf(given: ReadonlyMap<Valued, string>): Pick<BacktestOptions, 'sweep'> {
  const alarm = given.get('--sweep');
  const written = given.get('--limits');
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
