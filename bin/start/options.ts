import { isoDurationMs } from '../../core/cloudwatch/template-alarm.ts';
import type { Speed } from '../../local/clock.ts';
import { UsageError } from '../command.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';

export interface StartOptions {
  /** File of events, or `-` for standard input. */
  readonly input?: string;
  readonly config?: string;
  readonly speed?: Speed;
  readonly port?: number;
  readonly drainMs: number;
  readonly deliverySeconds?: number;
  readonly headless: boolean;
  readonly untilEnd: boolean;
  readonly json: boolean;
  readonly fresh: boolean;
  readonly sends: boolean;
}

export const options: OptionTable = [
  ['--input FILE|-', 'events, one JSON object per line (.gz too); - reads standard input'],
  ['--config FILE', 'nightdesk.config.ts, .mjs or .json; without it, a replay takes the strategies of the file'],
  ['--speed N|max', 'virtual seconds per second; default 10 for simulated bots, 1 for your own, max for a replay'],
  ['--port N', 'default NIGHTDESK_PORT or 4399; a headless replay takes any free one'],
  ['--headless', 'no viewer'],
  ['--until-end', 'ends at the first whole minute after the last event'],
  ['--drain PT5M', 'goes on for that long after the last event'],
  ['--delivery N', 'virtual seconds that log subscriptions collect lines (default 60 at speed max, else 5)'],
  ['--json', 'with --until-end: one JSON document on standard output'],
  ['--fresh', 'forgets what .nightdesk/ remembers of an earlier start'],
  [
    '--send',
    'sends to the real channels; secrets come from the environment, or from a file that it names\n(nightdesk/demo/slack is NIGHTDESK_SECRET_NIGHTDESK_DEMO_SLACK: its value, or file:PATH);\nprints the memory of all its processes after three minutes and then once a day',
  ],
];

export const help = `nightdesk start [--input FILE|-] [--config FILE] [--speed N|max] [options]

Runs the synthesized stack on this machine: the deployed bundles, log groups, queues, tables, topics, schedules and
alarms on one clock. Without --input and --config, three simulated bots trade; with --config, the stack waits for your
bots; with --input, recorded events are replayed on a virtual clock.

${optionLines(options, 20)}

Exit codes: 0 fine · 2 unusable input or arguments, or a taken port.`;

/** @throws UsageError */
export function readOptions({ positional, values, flags }: Arguments): StartOptions {
  const [stranger] = positional;
  if (stranger !== undefined) throw new UsageError(`start: takes no "${stranger}"; events come with --input; see nightdesk start --help`);
  const input = values.get('input');
  const config = values.get('config');
  if (flags.has('send') && input !== undefined)
    throw new UsageError('--send with --input is refused: recorded events must not page anybody');
  if (input === undefined && (flags.has('until-end') || values.has('drain'))) throw new UsageError('--until-end and --drain need --input');
  if (flags.has('json') && !flags.has('until-end')) throw new UsageError('--json needs --until-end');
  return {
    ...(input === undefined ? {} : { input }),
    ...(config === undefined ? {} : { config }),
    ...optional('speed', values.get('speed'), readSpeed),
    ...optional('port', values.get('port'), readPort),
    ...optional('deliverySeconds', values.get('delivery'), text => positive('--delivery', text)),
    drainMs: values.has('drain') ? readDrain(values.get('drain')!) : 0,
    headless: flags.has('headless'),
    untilEnd: flags.has('until-end'),
    json: flags.has('json'),
    fresh: flags.has('fresh'),
    sends: flags.has('send'),
  };
}

function optional<K extends string, V>(name: K, text: string | undefined, read: (text: string) => V): Partial<Record<K, V>> {
  return text === undefined ? {} : ({ [name]: read(text) } as Record<K, V>);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new UsageError(`${name} must be a positive number; was "${text}"`);
  return value;
}

const readSpeed = (text: string): Speed => (text === 'max' ? 'max' : positive('--speed', text));

/** @throws UsageError */
export function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError(`--port must be a number from 0 to 65535; was "${text}"`);
  return port;
}

function readDrain(text: string): number {
  const ms = isoDurationMs(text);
  if (ms === undefined) throw new UsageError(`--drain must be an ISO 8601 duration such as PT5M; was "${text}"`);
  return ms;
}
