import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { HttpRequest } from '../../adapters/notify/channel.ts';
import { bindChannel } from '../../adapters/notify/index.ts';
import { showProblem } from '../../core/config/problem.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { readSignals } from '../../core/incidents/delivery.ts';
import { labelsOf } from '../../core/incidents/labels.ts';
import { functionLogGroupOf, linksFor, logGroupOf } from '../../core/incidents/links.ts';
import { composePage } from '../../core/incidents/page.ts';
import { channelsOf, placementsOf, routingOf } from '../../core/incidents/routing.ts';
import { completed } from '../../core/incidents/row-facts.ts';
import type { Signal } from '../../core/incidents/signal.ts';
import { dutyWithoutState } from '../../core/incidents/stateless.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';

const options: OptionTable = [
  ['--dry-run', 'print the requests instead of sending (required: only the deployed notifier sends)'],
  ['--json', 'one JSON document: [{ channel, request: { url, headers, body } }]'],
  ['--config FILE', 'channels and routes from a nightdesk config; without it one Slack and one PagerDuty stub'],
];

const help = `Usage: nightdesk notify FILE|- --dry-run [--json] [--config FILE]

Renders an alarm notification for every channel it would go to, and prints the exact requests.
Reads a Lambda event with SNS records, a bare message, an EventBridge event or an alarm action;
what is not understood is rendered raw. Nothing is sent and nothing is remembered.

${optionLines(options, 16)}

Exit codes: 0 fine, 2 unusable input.`;

type Routing = Pick<NightdeskConfig, 'stage' | 'bots' | 'channels' | 'routes' | 'routing' | 'dashboardBaseUrl' | 'runbookUrl' | 'timeZone'>;

const stubs: Routing = {
  stage: 'demo',
  bots: [],
  channels: {
    slack: { kind: 'slack', webhook: { secretName: 'slack' } },
    pagerduty: { kind: 'pagerduty', routingKey: { secretName: 'pagerduty' }, region: 'us' },
  },
  routes: { critical: ['slack', 'pagerduty'], warning: ['slack', 'pagerduty'], info: ['slack', 'pagerduty'] },
};

interface Rendered {
  readonly channel: string;
  readonly request: HttpRequest;
}

export const command: Command = {
  name: 'notify',
  summary: 'print the exact requests that an alarm notification becomes',
  help,
  options,
  run: async (args, io) => {
    const options = readArguments(args);
    const input = await readInput(options.file, io);
    const routing = options.config === undefined ? stubs : await loadRouting(resolve(io.cwd, options.config));
    const rendered = readSignals(input, Date.now()).flatMap(signal => renderAll(signal, routing, io.env['AWS_REGION']));
    io.stdout(options.json ? `${JSON.stringify(rendered, null, 2)}\n` : rendered.map(asText).join('\n'));
    return 0;
  },
};

function readArguments({ positional, values, flags }: Arguments) {
  const [file, second] = positional;
  if (second !== undefined) throw new UsageError(`notify: one file at a time, found also ${second}`);
  if (file === undefined) throw new UsageError('notify: which file? Run "nightdesk notify --help"');
  if (!flags.has('dry-run')) throw new UsageError('notify: only --dry-run is possible here; the deployed notifier sends');
  return { file, config: values.get('config'), json: flags.has('json') };
}

async function readInput(file: string, io: Io): Promise<string> {
  if (file === '-') return text(io.stdin);
  try {
    return (await readFile(resolve(io.cwd, file), 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`notify: cannot read ${file}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
  }
}

async function loadRouting(path: string): Promise<Routing> {
  const { loadConfigFile } = await import('../../adapters/config-file.ts');
  const loaded = await loadConfigFile(path);
  if (!loaded.ok) throw new UsageError(loaded.error.map(problem => `${path}: ${showProblem(problem)}`).join('\n'));
  return loaded.value;
}

function renderAll(signal: Signal, routing: Routing, region: string | undefined): readonly Rendered[] {
  const duty = dutyWithoutState(signal);
  if (duty === undefined) return [];
  const strategy = routing.bots.flatMap(bot => bot.strategies).find(({ id }) => id === signal.dimensions['Strategy']);
  const linkRegion = signal.region ?? region;
  const page = composePage(completed(signal, routing, undefined), duty, signal.severity, {
    nowMs: signal.atMs,
    ...(routing.timeZone === undefined ? {} : { zone: routing.timeZone }),
    ...(strategy?.venue === undefined ? {} : { venue: strategy.venue }),
    links: linksFor({
      ...(routing.dashboardBaseUrl === undefined ? {} : { baseUrl: routing.dashboardBaseUrl }),
      ...(routing.runbookUrl === undefined ? {} : { runbookUrl: routing.runbookUrl }),
      ...(linkRegion === undefined ? {} : { region: linkRegion }),
      logGroupOf: id => logGroupOf(routing, id),
      functionLogGroupOf: name => functionLogGroupOf(routing, name),
    }),
  });
  const placements = placementsOf(routingOf(routing), signal.key, labelsOf(signal, signal.severity));
  const channels = new Set(placements.flatMap(({ route }) => channelsOf(routingOf(routing), route.receiver)));
  return [...channels].flatMap(channel => {
    const config = routing.channels[channel];
    const request = config === undefined ? undefined : bindChannel(config).renderMasked(page);
    return request === undefined ? [] : [{ channel, request }];
  });
}

function asText({ channel, request }: Rendered): string {
  return `${channel}: ${request.method ?? 'POST'} ${request.url}\n${JSON.stringify(request.body, null, 2)}\n`;
}
