import { UsageError } from '../command.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';

export interface RehearseOptions {
  readonly alarm: string;
  readonly config?: string;
  /** ARN of a deployed stack's topic; absent: the local stack. */
  readonly topic?: string;
  readonly dryRun: boolean;
  readonly resolve: boolean;
  readonly json: boolean;
}

export const options: OptionTable = [
  ['--config FILE', 'nightdesk.config.ts, .mjs or .json; without it, the simulated fleet of nightdesk start'],
  [
    '--topic ARN',
    'instead publishes one test notification to a topic of a deployed stack. It is marked as a test in its\ntitle and has an incident of its own; the stack resolves it by itself within minutes',
  ],
  ['--dry-run', 'with --topic: prints the message and sends nothing'],
  ['--resolve', 'with --topic: says that the test is over'],
  ['--json', 'one JSON document on standard output'],
];

export const rehearseHelp = `nightdesk rehearse ALARM [--config FILE] [--json]
nightdesk rehearse ALARM --topic ARN [--dry-run] [--resolve]

Plays the failing example of an alarm through the local stack, from its metric to the notification, until the page
arrives, and prints the page. Nothing leaves the machine. ALARM is a name with or without the stage, or an alarm id.

${optionLines(options, 15)}

Exit codes: 0 the page arrived · 1 it did not · 2 unusable input.`;

/** @throws UsageError */
export function readOptions({ positional, values, flags }: Arguments): RehearseOptions {
  const [alarm, second] = positional;
  if (alarm === undefined) throw new UsageError('rehearse needs the name of an alarm; see nightdesk rehearse --help');
  if (second !== undefined) throw new UsageError(`rehearse: one alarm at a time; got "${alarm}" and "${second}"`);
  const [config, topic] = [values.get('config'), values.get('topic')];
  if (topic === undefined && (flags.has('dry-run') || flags.has('resolve')))
    throw new UsageError('--dry-run and --resolve need --topic ARN');
  if (topic !== undefined && !/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(topic))
    throw new UsageError(`--topic must be the ARN of an SNS topic; was "${topic}"`);
  return {
    alarm,
    dryRun: flags.has('dry-run'),
    resolve: flags.has('resolve'),
    json: flags.has('json'),
    ...(config === undefined ? {} : { config }),
    ...(topic === undefined ? {} : { topic }),
  };
}
