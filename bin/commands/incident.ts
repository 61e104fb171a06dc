import { isMetricId, rowOf } from '../../core/catalogue/index.ts';
import { metricName, namespaceOf } from '../../core/catalogue/names.ts';
import { acknowledgeIncident, resolveIncident } from '../../core/incidents/actions.ts';
import { type Incident, reasons } from '../../core/incidents/incident.ts';
import { notesFrom, type PostMortemInput, postMortem, timelineOf } from '../../core/incidents/post-mortem.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type Command, UsageError } from '../command.ts';
import { type DeskState, openDeskState, stateOptions } from '../incidents/desk-state.ts';
import { type OptionTable, optionLines } from '../options.ts';

const options: OptionTable = [
  ['--markdown', 'the skeleton of a post-mortem: its timeline, the series of its alarm, the P&L meanwhile, and the questions'],
  ['--ack NAME', 'NAME takes the incident; its channels show it'],
  ['--resolve NAME', 'NAME ends the incident for all channels, although its alarms may still fire'],
  ['--stage NAME', 'stage of the stack, for its metrics (default demo)'],
  ...stateOptions,
  ['--json', 'one JSON document'],
];

const help = `nightdesk incident [ID] [--markdown | --json] [options]

Without an ID: the newest incidents. With one: everything that happened, who was told what, and how it ended.

  ID               id or key of an incident, or its beginning
${optionLines(options, 17)}

Exit codes: 0 fine · 1 there is no such incident · 2 unusable input.`;

const LISTED = 20;
const SEARCHED = 1_000;
const MINUTE = 60_000;

export const command: Command = {
  name: 'incident',
  summary: 'incidents, their timelines and post-mortems',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    if (positional.length > 1) throw new UsageError('incident: one at a time');
    const state = await openDeskState(values, io);
    try {
      const [wanted] = positional;
      if (wanted === undefined) {
        const incidents = await state.incidents.list(LISTED);
        io.stdout(flags.has('json') ? `${JSON.stringify({ incidents }, null, 2)}\n` : incidents.map(lineOf).join('') || 'no incidents\n');
        return 0;
      }
      const incident = await findIncident(wanted, state);
      if (incident === undefined) {
        io.stderr(`nightdesk: there is no incident ${wanted} (${state.where})\n`);
        return 1;
      }
      for (const [option, act] of [
        ['ack', acknowledgeIncident],
        ['resolve', resolveIncident],
      ] as const) {
        const who = values.get(option);
        if (who === undefined) continue;
        if (state.isKept) throw new UsageError('incident: what was kept is only read; start the stack, or name a --table');
        const { reason } = await act(incident.id, { who, now: state.now }, { ...state, wake: async () => undefined });
        io.stderr(`nightdesk: ${incident.id}: ${reasons[reason]}\n`);
      }
      const input = await gather((await findIncident(incident.id, state)) ?? incident, values.get('stage') ?? 'demo', state);
      if (flags.has('markdown')) io.stdout(postMortem(input));
      else if (flags.has('json'))
        io.stdout(
          `${JSON.stringify({ ...input.incident, timeline: timelineOf(input), series: input.series, money: input.money }, null, 2)}\n`,
        );
      else io.stdout(textOf(input));
      return 0;
    } finally {
      state.close();
    }
  },
};

async function findIncident(wanted: string, { incidents }: DeskState): Promise<Incident | undefined> {
  const exact = await incidents.find(wanted);
  if (exact !== undefined) return exact;
  const listed = await incidents.list(SEARCHED);
  return (
    listed.find(({ key, id }) => key === wanted || id.startsWith(wanted)) ??
    listed.find(({ key, title }) => key.includes(wanted) || title === wanted)
  );
}

async function gather(incident: Incident, stage: string, state: DeskState): Promise<PostMortemInput> {
  const end = incident.resolvedAt ?? state.now;
  const notes = await state.incidents.notes(incident.key, notesFrom(incident), end + 86_400_000);
  const fromMs = Math.floor(incident.openedAt / MINUTE) * MINUTE - 15 * MINUTE;
  const toMs = Math.min(Math.floor(end / MINUTE) * MINUTE + 15 * MINUTE, fromMs + 24 * 60 * MINUTE);
  const namespace = namespaceOf(stage);
  const read = async (id: string, dimensions: Readonly<Record<string, string>>) => {
    if (!isMetricId(id)) return [];
    const { statistic } = rowOf(id).metric;
    const values = await state
      .series({ namespace, metricName: metricName(id), dimensions, statistic, periodSeconds: 60 }, fromMs, toMs)
      .catch(() => []);
    return values.map((value, index) => ({ atMs: fromMs + index * MINUTE, value }));
  };
  const { row, dimensions } = incident.signal;
  const points = row === undefined ? [] : await read(row, dimensions);
  const strategy = dimensions['Strategy'];
  const pnl =
    strategy === undefined
      ? []
      : (await read('sessionPnl', { Strategy: strategy })).flatMap(({ atMs, value }) => (value === null ? [] : [{ atMs, value }]));
  const during = pnl.filter(({ atMs }) => atMs >= incident.openedAt - MINUTE && atMs <= end);
  const unit = row !== undefined && isMetricId(row) ? rowOf(row).metric.unit : undefined;
  return {
    incident,
    notes,
    now: state.now,
    ...(row !== undefined && isMetricId(row) && points.some(({ value }) => value !== null)
      ? { series: { name: metricName(row), ...(unit === undefined || unit === 'money' ? {} : { unit }), points } }
      : {}),
    ...(during.length === 0
      ? {}
      : {
          money: {
            before: (pnl.filter(({ atMs }) => atMs <= incident.openedAt).at(-1) ?? during[0]!).value,
            worst: Math.min(...during.map(({ value }) => value)),
            after: during.at(-1)!.value,
          },
        }),
  };
}

const lineOf = ({ id, status, severity, title }: Incident) => `${status.padEnd(13)} ${severity.padEnd(9)} ${title}\n              ${id}\n`;

function textOf(input: PostMortemInput): string {
  const { incident } = input;
  const told = Object.entries(incident.channels).map(([channel, { triggeredAt, acknowledgedAt, resolvedAt, retry, gaveUpAt }]) => {
    const parts = [
      ...(triggeredAt === undefined ? ['not told yet'] : [`told ${isoFromMs(triggeredAt)}`]),
      ...(acknowledgedAt === undefined ? [] : ['acknowledged there']),
      ...(resolvedAt === undefined ? [] : ['resolved there']),
      ...(retry === undefined ? [] : [`next try ${isoFromMs(retry.nextAt)} after ${retry.failures} failures`]),
      ...(gaveUpAt === undefined ? [] : [`given up ${isoFromMs(gaveUpAt)}`]),
    ];
    return `  ${channel.padEnd(14)} ${parts.join(', ')}\n`;
  });
  const lines = timelineOf(input).map(({ at, text }) => `  ${isoFromMs(at)}  ${text}\n`);
  return `${lineOf(incident)}\n${told.join('')}\n${lines.join('')}`;
}
