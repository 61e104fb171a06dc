import { instantOf } from '../../core/backtest/incident-list.ts';
import { asSeverity } from '../../core/incidents/breach.ts';
import { showDuration } from '../../core/incidents/duration.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import { parseMatcher } from '../../core/incidents/matcher.ts';
import {
  channelsOf,
  explainWalk,
  placementsOf,
  quietAt,
  type Route,
  type Routing,
  routingOf,
  waitOf,
} from '../../core/incidents/routing.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type Command, UsageError } from '../command.ts';
import { type OptionTable, optionLines } from '../options.ts';
import { readConfig } from '../start/open-stack.ts';

const options: OptionTable = [
  ['--at TIME', 'ISO 8601 or now: time intervals of the routes hold or not at that time'],
  ['--config FILE', 'default nightdesk.config.ts'],
  ['--json', 'one JSON document: { labels, visits, routes }'],
];

const help = `nightdesk route [LABEL=VALUE …] [--at TIME] [--config FILE] [--json]

Says node by node where an alert with these labels would go, in which group, and when it would be told.

  LABEL=VALUE    alertname (the alarm's id), severity, and dimensions: alertname=drawdown severity=critical Strategy=s1
${optionLines(options, 15)}

Exit codes: 0 somebody is told · 1 nobody is, at that time · 2 unusable input.

  nightdesk route severity=warning Strategy=btc-1 --at 2026-11-22T03:00:00Z`;

interface Taken {
  readonly route: string;
  readonly receiver: string;
  readonly channels: readonly string[];
  readonly group: string;
  readonly groupWait: string;
  readonly groupInterval: string;
  readonly repeatInterval: string;
  readonly escalation: readonly { readonly after: string; readonly receiver: string }[];
  readonly quiet?: string;
}

export const command: Command = {
  name: 'route',
  summary: 'where an alert would go, node by node',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    const labels = Object.fromEntries(positional.map(pairOf));
    const at = timeOf(values.get('at'));
    const config = await readConfig(values.get('config') ?? 'nightdesk.config.ts', io);
    const routing = routingOf(config);
    const visits = explainWalk(routing.route, labels);
    const { alertname = '', severity: _, ...dimensions } = labels;
    const routes = placementsOf(routing, incidentKey(alertname, dimensions), labels).map(({ route, key }) =>
      takenBy(route, key, labels, routing, at),
    );
    const isTold = routes.some(({ channels, quiet }) => channels.length > 0 && quiet === undefined);
    if (flags.has('json')) {
      const shown = visits.map(({ depth, route, verdict, because }) => ({ depth, route: route.id, verdict, because }));
      io.stdout(`${JSON.stringify({ labels, at: isoFromMs(at), visits: shown, routes }, null, 2)}\n`);
    } else {
      io.stdout(
        visits.map(({ depth, route, verdict, because }) => `${'  '.repeat(depth)}${mark[verdict]} ${route.id}: ${because}\n`).join(''),
      );
      io.stdout(routes.map(shown).join(''));
    }
    return isTold ? 0 : 1;
  },
};

const mark = { taken: '=>', entered: ' >', 'not matched': ' x', 'not reached': ' -' } as const;

function pairOf(text: string): readonly [string, string] {
  const read = parseMatcher(text);
  if (!read.ok || read.value.operator !== '=') throw new UsageError(`route: "${text}" must read label=value`);
  return [read.value.label, read.value.value];
}

/** @throws UsageError for what is no time, or has no zone: it would mean another hour on another machine. */
export function timeOf(text: string | undefined, option = '--at'): number {
  if (text === undefined || text === 'now') return Date.now();
  const at = instantOf(text);
  if (at === undefined) throw new UsageError(`${option} must be a time with its zone, such as 2026-11-22T03:00:00Z; was "${text}"`);
  return at;
}

function takenBy(route: Route, group: string, labels: Readonly<Record<string, string>>, routing: Routing, at: number): Taken {
  const quiet = quietAt(route, routing, at);
  const severity = asSeverity(labels['severity']) ?? 'critical';
  return {
    route: route.id,
    receiver: route.receiver,
    channels: channelsOf(routing, route.receiver),
    group,
    groupWait: showDuration(waitOf(route, severity)),
    groupInterval: showDuration(route.groupIntervalMs),
    repeatInterval: showDuration(route.repeatIntervalMs),
    escalation: route.escalation.map(({ afterMs, receiver }) => ({ after: showDuration(afterMs), receiver })),
    ...(quiet === undefined ? {} : { quiet }),
  };
}

function shown({ route, receiver, channels, group, groupWait, groupInterval, repeatInterval, escalation, quiet }: Taken): string {
  return [
    `\n${route} -> ${receiver}: ${channels.length === 0 ? 'nobody' : channels.join(', ')}`,
    `  group     ${group}`,
    `  told      ${groupWait === '0s' ? 'at once' : `after ${groupWait}`}, changes ${groupInterval === '0s' ? 'at once' : `every ${groupInterval}`}, reminders ${repeatInterval === '0s' ? 'never' : `every ${repeatInterval} until acknowledged`}`,
    ...escalation.map(({ after, receiver: next }) => `  then      ${next}, unless acknowledged within ${after}`),
    ...(quiet === undefined ? [] : [`  quiet     ${quiet}`]),
    '',
  ].join('\n');
}
