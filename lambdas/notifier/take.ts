/** One signal into its alert, and the alert into its groups. */
import { type Alert, alertLabels, hear, heardLine, holdOf, isFiring } from '../../core/incidents/alert.ts';
import type { Sent } from '../../core/incidents/duties.ts';
import { concerns, joined } from '../../core/incidents/group.ts';
import { isOpen } from '../../core/incidents/incident.ts';
import { labelsOf } from '../../core/incidents/labels.ts';
import { isStorm, type Placement, placementsOf, type Routing, routingOf, stormPlacement } from '../../core/incidents/routing.ts';
import type { Signal } from '../../core/incidents/signal.ts';
import { type Advanced, advance } from './advance.ts';
import { sendAll } from './page-sender.ts';
import { type NotifierTools, SAVE_TRIES } from './tools.ts';

export async function take(signal: Signal, tools: NotifierTools, already: readonly Sent[] = []): Promise<readonly Advanced[]> {
  const routing = routingOf(tools.config);
  const { alert, reason, placements } = await hearStored(signal, routing, tools);
  tools.output.info('signal', { key: signal.key, alarm: signal.alarm, state: signal.state, source: signal.source, reason });
  const advanced: Advanced[] = [];
  if (reason === 'outdated') advanced.push({ sent: await endUngrouped(signal, alert, tools, already) });
  for (const placement of placements)
    advanced.push(await place(alert, placement, heardLine(signal, reason, tools.send.now()), signal, tools, already));
  return advanced;
}

/**
 * What was told ungrouped and was over before it could be stored: no incident of it ever opens, so its end is told to those who took the
 * beginning.
 */
async function endUngrouped(signal: Signal, alert: Alert, tools: NotifierTools, already: readonly Sent[]): Promise<readonly Sent[]> {
  const { startsAt, endsAt } = alert;
  const isPartOfIncident = startsAt !== undefined && endsAt !== undefined && startsAt <= signal.atMs && signal.atMs <= endsAt;
  const told = already.filter(({ ok, duty }) => ok && duty === 'trigger');
  if (told.length === 0 || isPartOfIncident || isFiring(alert, tools.send.now())) return [];
  const ends = told.map(({ channel }) => ({ channel, duty: 'resolve' as const }));
  return sendAll({ ...signal, state: 'OK', reason: '' }, ends, undefined, tools);
}

interface Stored {
  readonly alert: Alert;
  readonly reason: Parameters<typeof heardLine>[1];
  readonly placements: readonly Placement[];
}

async function hearStored(signal: Signal, routing: Routing, tools: NotifierTools): Promise<Stored> {
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    if (tries > 0) await tools.send.sleep(5 * 2 ** Math.min(tries, 6) * tools.send.random());
    const stored = await tools.alerts.load(signal.key);
    const labels = stored?.alert.signal === undefined ? labelsOf(signal, signal.severity) : alertLabels(stored.alert);
    const [first] = placementsOf(routing, signal.key, labels);
    const heard = hear(stored?.alert, signal, holdOf(first!.route.keepFiringForMs, routing.flapping));
    const placements = await placed(heard.alert, routing, tools);
    const alert = { ...heard.alert, groups: placements.map(({ key }) => key) };
    if (!heard.changed) return { ...heard, placements };
    if ((await tools.alerts.save(alert, stored?.version ?? 0)) === 'saved') return { alert, reason: heard.reason, placements };
  }
  throw new Error(`alert ${signal.key} could not be saved in ${SAVE_TRIES} tries`);
}

/** Where the alert is and belongs: a group that it began in stays its group until it ends. */
async function placed(alert: Alert, routing: Routing, tools: NotifierTools): Promise<readonly Placement[]> {
  if (alert.signal === undefined) return [];
  const belongs = placementsOf(routing, alert.key, alertLabels(alert));
  if (alert.groups.length === 0) {
    const fresh: Placement[] = [];
    for (const placement of belongs) fresh.push(await calmed(placement, alert, routing, tools));
    return fresh;
  }
  const known = alert.groups.map(key => belongs.find(each => each.key === key) ?? elsewhere(key, belongs[0]!));
  const isAlone = alert.groups.length === 1 && alert.groups[0] !== belongs[0]!.key;
  return isAlone ? known : [...known, ...belongs.filter(({ key }) => !alert.groups.includes(key))];
}

/** A group in which the alert began and to which it would not belong now; a storm keeps the pace of a storm. */
const elsewhere = (key: string, placement: Placement): Placement =>
  isStorm(key) ? { ...stormPlacement(placement), key } : { ...placement, key, groupLabels: {} };

/** In a storm, what would be an incident of its own joins the storm's. */
async function calmed(placement: Placement, alert: Alert, routing: Routing, tools: NotifierTools): Promise<Placement> {
  const nowMs = tools.send.now();
  if (placement.key !== alert.key || routing.stormLimit === 0 || !isFiring(alert, nowMs)) return placement;
  const count = await tools.incidents.countOpening(alert.severity, placement.key, nowMs, routing.stormLimit);
  if (count <= routing.stormLimit) return placement;
  const open = await tools.incidents.load(placement.key);
  return isOpen(open?.state.incident) ? placement : stormPlacement(placement);
}

async function place(
  alert: Alert,
  placement: Placement,
  line: ReturnType<typeof heardLine>,
  signal: Signal,
  tools: NotifierTools,
  already: readonly Sent[],
): Promise<Advanced> {
  const nowMs = tools.send.now();
  if (isFiring(alert, nowMs)) await tools.incidents.addMember(placement.key, alert.key);
  let isNoted = line === undefined;
  const advanced = await advance(
    placement.key,
    (incident, at) => {
      if (!isOpen(incident)) return joined(incident, alert, placement, line, at);
      // Heard before: only what is due or owed is attended to, unless whoever heard it died before the incident knew.
      const isKnown = incident.firing.includes(alert.key) === isFiring(alert, at);
      if ((line === undefined && isKnown) || !concerns(incident, alert, placement, at)) return incident;
      isNoted = true;
      return joined(incident, alert, placement, line, at);
    },
    tools,
    signal,
    already,
  );
  if (!isNoted && line !== undefined && isOpen(advanced.incident)) await tools.incidents.note(placement.key, line);
  return advanced;
}
