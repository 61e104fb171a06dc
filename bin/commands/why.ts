import { closureSilences } from '../../core/health/closure-silence.ts';
import { alertLabels } from '../../core/incidents/alert.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import { labelsOf } from '../../core/incidents/labels.ts';
import { notesFrom } from '../../core/incidents/post-mortem.ts';
import { explainWhy, type WhyStep } from '../../core/incidents/why.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type DeskState, openDeskState, stateOptions } from '../incidents/desk-state.ts';
import { loadConfig, routingFrom } from '../incidents/routing-config.ts';
import { type OptionTable, optionLines } from '../options.ts';
import { timeOf } from './route.ts';

const options: OptionTable = [
  ['--at TIME', 'ISO 8601; default now'],
  ...stateOptions,
  ['--json', 'one JSON document: { alarm, at, told, steps: [ { step, verdict, text } ] }'],
];

const help = `nightdesk why ALARM [--at TIME] [options]

Why somebody was told about an alarm at a time, or was not: the alarm's state, its composites, mute rules, the route,
time intervals, inhibition, silences and closed markets, the group's decision, and what was sent, in one list.

  ALARM            name of the alarm (demo-drawdown-s1), key of its alert (v1:drawdown:Strategy=s1), or the alarm's id
${optionLines(options, 17)}

Exit codes: 0 somebody was told around that time · 1 nobody was · 2 unusable input.`;

/** Incidents that are looked through. */
const INCIDENTS = 500;
/** Alarms below a composite that are shown; CloudWatch allows 100. */
const CHILDREN = 30;

export const command: Command = {
  name: 'why',
  summary: 'why somebody was or was not told',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    const [alarm] = positional;
    if (alarm === undefined || positional.length > 1) throw new UsageError('why: name one alarm; see nightdesk why --help');
    const state = await openDeskState(values, io);
    try {
      const at = values.has('at') ? timeOf(values.get('at')) : state.now;
      const steps = await explain(alarm, at, values.get('config'), state, io);
      const told = steps.some(({ verdict }) => verdict === 'told');
      if (flags.has('json')) io.stdout(`${JSON.stringify({ alarm, at: isoFromMs(at), told, from: state.where, steps }, null, 2)}\n`);
      else io.stdout(`${alarm} at ${isoFromMs(at)} (${state.where})\n${steps.map(line).join('')}`);
      return told ? 0 : 1;
    } finally {
      state.close();
    }
  },
};

const marks: Readonly<Record<WhyStep['verdict'], string>> = { passes: 'ok', 'holds back': 'NO', told: '=>', unknown: '? ' };
const line = ({ step, verdict, text }: WhyStep) => `  ${marks[verdict]} ${step.padEnd(13)} ${text}\n`;

async function explain(alarm: string, at: number, config: string | undefined, state: DeskState, io: Io): Promise<readonly WhyStep[]> {
  const incidents = await state.incidents.list(INCIDENTS);
  const known = await alertOf(alarm, incidents, state);
  const names = await state.alarmNames();
  const name = names.includes(alarm) ? alarm : (known?.alarms.find(each => names.includes(each)) ?? alarm);
  if (known === undefined && names.length > 0 && !names.includes(alarm)) {
    const alike = names.filter(each => each.includes(alarm) || alarm.includes(each)).slice(0, 3);
    io.stderr(`nightdesk: no alarm here is called "${alarm}"${alike.length === 0 ? '' : `; there is ${alike.join(', ')}`}\n`);
  }
  const changes = await state.changes(name);
  const found = await loadConfig(config, io);
  const alertname = /^v1:([^:]+):/.exec(alarm)?.[1] ?? alarm;
  const labels = known === undefined ? labelsOf({ alarm: alertname, dimensions: {} }, 'critical') : alertLabels(known);
  const about = incidents.filter(incident => known !== undefined && (incident.key === known.key || known.groups.includes(incident.key)));
  const { watched, suppressor } = await state.composition(name);
  const reported = known?.signal?.children ?? [];
  const children = [...new Set([...(suppressor === undefined ? [] : [suppressor]), ...reported, ...watched])]
    .filter(child => names.includes(child))
    .slice(0, CHILDREN);
  const muteRules = await state.muteRules(name);
  return explainWhy({
    at,
    alarm: name,
    labels,
    routing: routingFrom(found),
    ...(changes === undefined ? {} : { changes }),
    ...(suppressor === undefined ? {} : { suppressor }),
    ...(muteRules === undefined ? {} : { muteRules }),
    children: Object.fromEntries(await Promise.all(children.map(async child => [child, (await state.changes(child)) ?? []] as const))),
    ...(known === undefined ? {} : { alert: known }),
    incidents: await Promise.all(
      about.map(async incident => ({ incident, notes: await state.incidents.notes(incident.key, notesFrom(incident), at + 86_400_000) })),
    ),
    silences: [
      ...(await state.silences.list(1_000)),
      ...(found === undefined ? [] : closureSilences(found, (await state.closures.read()).value, at)),
    ],
    firing: await state.alerts.firing(1_000),
  });
}

/**
 * Whether the alert of this key is what CloudWatch calls by this name, with or without a stage: what the fast path alone has said is stored
 * under the id of its alarm, while its page shows the name.
 */
const isNamed = (alarm: string, key: string): boolean => {
  const [, id = '', pairs = ''] = /^v1:([^:]+):(.*)$/.exec(key) ?? [];
  const values = pairs.split(',').map(pair => pair.slice(pair.indexOf('=') + 1));
  return id !== '' && `-${alarm}`.endsWith(`-${[id, ...values].join('-')}`);
};

/** By key, by the name of one of its alarms, or by the id of the catalogue's alarm when only one alert has it. */
async function alertOf(alarm: string, incidents: readonly Incident[], { alerts }: DeskState) {
  const direct = [alarm, incidentKey(alarm, {}), `v1:${alarm}`];
  const named = incidents.filter(
    ({ alarms, signal }) => alarms.includes(alarm) || signal.alarmId === alarm || signal.alarmArn?.endsWith(`:alarm:${alarm}`) === true,
  );
  const members = named.flatMap(({ members = [], signal }) => [
    signal.key,
    ...members.filter(each => each.alarm === alarm).map(({ key }) => key),
  ]);
  const keys = incidents.flatMap(({ key, signal, members: views = [] }) => [key, signal.key, ...views.map(view => view.key)]);
  // Of two that end alike, the longer id is meant.
  const byName = keys.filter(key => isNamed(alarm, key)).sort((a, b) => b.length - a.length);
  const found = await alerts.all([...new Set([...direct, ...members, ...byName])].slice(0, 100));
  return found.find(({ key, alarms, signal }) => direct.includes(key) || alarms.includes(alarm) || signal?.alarmId === alarm) ?? found[0];
}
