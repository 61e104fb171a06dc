import { UsageError } from '../command.ts';

export interface RehearseOptions {
  readonly alarm: string;
  readonly config?: string;
  /** ARN of a deployed stack's topic; absent: the local stack. */
  readonly topic?: string;
  readonly dryRun: boolean;
  readonly resolve: boolean;
  readonly json: boolean;
}

export const rehearseHelp = `nightdesk rehearse ALARM [--config FILE] [--json]
nightdesk rehearse ALARM --topic ARN [--dry-run] [--resolve]

Plays the failing example of an alarm through the local stack, from its metric to the notification, until the page
arrives, and prints the page. Nothing leaves the machine. ALARM is a name with or without the stage, or an alarm id.

  --config FILE  nightdesk.config.ts, .mjs or .json; without it, the simulated fleet of nightdesk start
  --topic ARN    instead publishes one test notification to a topic of a deployed stack. It is marked as a test in its
                 title and has an incident of its own; the stack resolves it by itself within minutes
  --dry-run      with --topic: prints the message and sends nothing
  --resolve      with --topic: says that the test is over
  --json         one JSON document on standard output

Exit codes: 0 the page arrived · 1 it did not · 2 unusable input.`;

/** @throws UsageError */
export function readOptions(args: readonly string[]): RehearseOptions {
  let alarm: string | undefined;
  const given = new Map<string, string>();
  const set = new Set<string>();
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (name === '--config' || name === '--topic') {
      const value = equals < 0 ? args[++at] : arg.slice(equals + 1);
      if (value === undefined || value === '') throw new UsageError(`${name} needs a value`);
      given.set(name, value);
    } else if (arg === '--dry-run' || arg === '--resolve' || arg === '--json') set.add(arg);
    else if (arg.startsWith('-') || alarm !== undefined) throw new UsageError(`unknown option "${arg}"; see nightdesk rehearse --help`);
    else alarm = arg;
  }
  if (alarm === undefined) throw new UsageError('rehearse needs the name of an alarm; see nightdesk rehearse --help');
  const config = given.get('--config');
  const topic = given.get('--topic');
  if (topic === undefined && (set.has('--dry-run') || set.has('--resolve')))
    throw new UsageError('--dry-run and --resolve need --topic ARN');
  if (topic !== undefined && !/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(topic))
    throw new UsageError(`--topic must be the ARN of an SNS topic; was "${topic}"`);
  return {
    alarm,
    dryRun: set.has('--dry-run'),
    resolve: set.has('--resolve'),
    json: set.has('--json'),
    ...(config === undefined ? {} : { config }),
    ...(topic === undefined ? {} : { topic }),
  };
}
