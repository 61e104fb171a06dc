/** One group, one step further: what changed is folded in and saved under the version that was read, then what is owed is sent and recorded. */
import { errorFields } from '../../adapters/aws/output.ts';
import { type Alert, alertLabels, isFiring } from '../../core/incidents/alert.ts';
import { suppressionOf } from '../../core/incidents/desk.ts';
import { CLAIM_MS, claim, type OpenDuty, openDuties, recordSends, routedChannels, type Sent } from '../../core/incidents/duties.ts';
import { flushed, routeOfIncident, withDue } from '../../core/incidents/group.ts';
import { type Incident, isOpen } from '../../core/incidents/incident.ts';
import { canBeInhibited, canInhibit, type FiringAlert } from '../../core/incidents/inhibition.ts';
import { isStorm, quietAt, type Routing, routingOf, waitOf } from '../../core/incidents/routing.ts';
import type { Signal } from '../../core/incidents/signal.ts';
import { showSilence, silenceState } from '../../core/incidents/silence.ts';
import { sendAll, spokenOf } from './page-sender.ts';
import { type NotifierTools, SAVE_TRIES } from './tools.ts';

export interface Advanced {
  readonly incident?: Incident;
  readonly sent: readonly Sent[];
}

/** Beyond this many firing alerts that could inhibit, the rest do not: in doubt, page. */
const SOURCES = 1_000;

/**
 * `change` gives the incident as it becomes; the same value or undefined when it stays. Only losing against other deliveries every time,
 * or a table that does not answer, throws. `already` holds sends of this signal that nobody could write down.
 */
export async function advance(
  key: string,
  change: (incident: Incident | undefined, nowMs: number) => Incident | undefined,
  tools: NotifierTools,
  latest?: Signal,
  already: readonly Sent[] = [],
): Promise<Advanced> {
  const routing = routingOf(tools.config);
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    if (tries > 0) await tools.send.sleep(5 * 2 ** Math.min(tries, 6) * tools.send.random());
    const nowMs = tools.send.now();
    const stored = await tools.incidents.load(key);
    const before = stored?.state.incident;
    const changed = change(before, nowMs);
    if (changed === undefined) return { sent: [] };
    const due = isDue(changed, nowMs);
    const atMs = due ? Math.max(nowMs, changed.dueAt ?? nowMs) : nowMs;
    const next = due && isOpen(changed) ? await flush(changed, routing, atMs, tools) : changed;
    const claims = claim(next, openDuties(next, routedChannels(next, routing)), nowMs, atMs);
    // Whoever claims and dies leaves a time at which others take over.
    const guarded = claims.mine.length === 0 ? claims.incident : dueBy(claims.incident, nowMs + CLAIM_MS);
    if (claims.incident !== before || already.length > 0) {
      const state = { schemaVersion: 1 as const, key, incident: guarded };
      if ((await tools.incidents.save(state, stored?.version ?? 0)) !== 'saved') continue;
    }
    if (claims.mine.length === 0) {
      await wakeLater(claims.incident, before, tools);
      return { incident: claims.incident, sent: [] };
    }
    return fulfil(claims.incident, claims.mine, latest, tools, already);
  }
  throw new Error(`incident ${key} could not be saved in ${SAVE_TRIES} tries`);
}

/** Clocks of machines differ, and a wake that is a moment early must not be lost. */
const EARLY_MS = 1_000;

const isDue = (incident: Incident, nowMs: number) => isOpen(incident) && incident.dueAt !== undefined && incident.dueAt <= nowMs + EARLY_MS;

const dueBy = (incident: Incident, at: number): Incident => ({ ...incident, dueAt: Math.min(incident.dueAt ?? at, at) });

async function fulfil(
  incident: Incident,
  mine: readonly OpenDuty[],
  latest: Signal | undefined,
  tools: NotifierTools,
  already: readonly Sent[],
): Promise<Advanced> {
  // What went out before anything could be stored is only written down.
  const told = mine.flatMap(({ channel, duty }) => already.find(each => each.ok && each.channel === channel && each.duty === duty) ?? []);
  const owed = mine.filter(({ channel }) => !told.some(each => each.channel === channel));
  const shown = { revision: incident.revision ?? 0, notice: incident.notice ?? 0 };
  const ends = owed.filter(({ channel }) => incident.channels[channel]?.earlier !== undefined);
  const news = owed.filter(duty => !ends.includes(duty));
  const sends = [
    ...told.map(each => ({ ...each, tries: 0, ...shown })),
    ...(
      await Promise.all([
        news.length === 0 ? [] : sendAll(spokenOf(incident, latest), news, incident, tools),
        ...ends.map(end => sendEarlierEnd(incident, end, tools)),
      ])
    ).flat(),
  ];
  const sent = sends.map(each =>
    each.ok && each.tries !== 0 && each.duty !== 'update' ? { ...each, latencyMs: latencyOf(incident, each, tools) } : each,
  );
  for (const { ok, channel, duty, latencyMs, detail } of sent)
    if (ok) tools.output.info('sent', { channel, duty, key: incident.key, detail, ...(latencyMs === undefined ? {} : { latencyMs }) });
  let recorded: Incident;
  try {
    recorded = await record(incident, sent, tools);
    await wakeLater(recorded, undefined, tools);
  } catch (error) {
    // The sends happened; a repeated delivery may send them again, which PagerDuty joins by the key.
    tools.output.error('sends could not be recorded', { key: incident.key, ...errorFields(error) });
    return { incident, sent };
  }
  const hasEarlier = (known: Incident, channel: string) => known.channels[channel]?.earlier !== undefined;
  if (!mine.some(({ channel }) => hasEarlier(incident, channel) && !hasEarlier(recorded, channel))) return { incident: recorded, sent };
  // Now that the earlier incident is over there, the channel takes the page of this one.
  const after = await advance(incident.key, current => current, tools, latest);
  return { incident: after.incident ?? recorded, sent: [...sent, ...after.sent] };
}

/** Ends what the channel still shows of the incident before this one. */
async function sendEarlierEnd(incident: Incident, end: OpenDuty, tools: NotifierTools): Promise<readonly Sent[]> {
  const { incidentId, ...known } = incident.channels[end.channel]!.earlier!;
  const stored = await tools.incidents.find(incidentId).catch(() => undefined);
  const past = stored ?? { ...incident, id: incidentId };
  const over: Incident = {
    ...past,
    status: 'resolved',
    resolvedAt: past.resolvedAt ?? incident.openedAt,
    channels: { [end.channel]: known },
  };
  return sendAll(spokenOf(over, undefined), [end], over, tools);
}

/** From the moment the news could be told: the transition, or the end of a wait that its route asked for. */
function latencyOf(incident: Incident, { duty, at }: Sent, { config }: NotifierTools): number {
  const { signal, announced, noticeReason, acknowledgedAt, resolvedAt, openedAt } = incident;
  const waited = noticeReason !== 'first' || waitOf(routeOfIncident(incident, routingOf(config)), incident.severity) > 0;
  const told = announced !== undefined && waited ? announced.at : signal.atMs;
  const since = { trigger: told, update: told, acknowledge: acknowledgedAt ?? told, resolve: resolvedAt ?? openedAt }[duty];
  return Math.max(0, at - since);
}

/** Writes the outcome into the incident as it is now: others may have moved it meanwhile. */
async function record(incident: Incident, sent: readonly Sent[], { incidents, send }: NotifierTools): Promise<Incident> {
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    if (tries > 0) await send.sleep(5 * 2 ** Math.min(tries, 6) * send.random());
    const stored = await incidents.load(incident.key);
    const current = stored?.state.incident;
    if (stored === undefined || current?.id !== incident.id) return incident;
    // The guard has done its work; what was planned, or what came meanwhile, counts again.
    const guard = [incident.dueAt, ...Object.values(incident.channels).map(({ claimedAt = 0 }) => claimedAt + CLAIM_MS)];
    const planned = guard.includes(current.dueAt) ? withDue(current, incident.dueAt) : current;
    const recorded = recordSends(planned, sent);
    if ((await incidents.save({ ...stored.state, incident: recorded }, stored.version)) === 'saved') return recorded;
  }
  throw new Error(`conflicts in all of ${SAVE_TRIES} tries`);
}

/** Up to a minute ahead a delayed message wakes us to the second; the sweep finds what is due later. */
export const WAKE_AHEAD_MS = 60_000;

async function wakeLater(incident: Incident, before: Incident | undefined, tools: NotifierTools): Promise<void> {
  const { dueAt, key } = incident;
  if (dueAt === undefined || dueAt === before?.dueAt || dueAt - tools.send.now() > WAKE_AHEAD_MS) return;
  try {
    await tools.wakeAt(key, dueAt);
  } catch (error) {
    tools.output.warn('the sweep will have to wake it', { key, ...errorFields(error) });
  }
}

async function flush(incident: Incident, routing: Routing, nowMs: number, tools: NotifierTools): Promise<Incident> {
  const alerts: Alert[] = [];
  if (incident.groupLabels === undefined && !isStorm(incident.key)) alerts.push(...(await tools.alerts.all([incident.signal.key])));
  else for await (const keys of tools.incidents.members(incident.key)) alerts.push(...(await tools.alerts.all(keys)));
  const silences = await tools.silences.current(nowMs);
  const muzzled = alerts.some(alert => isFiring(alert, nowMs) && canBeInhibited(routing.inhibitRules, alertLabels(alert)));
  const sources = muzzled ? await sourcesOf(routing, nowMs, tools) : [];
  const suppressed = suppressionOf(routing, silences, () => sources, nowMs);
  const whole = silences.find(silence => silence.id === incident.silenceId && silenceState(silence, nowMs) === 'active');
  return flushed(await withMembers(incident, alerts, nowMs, tools), alerts, {
    routing,
    now: nowMs,
    quiet: route => quietAt(route, routing, nowMs),
    suppressed:
      whole === undefined ? suppressed : () => ({ reason: 'silenced' as const, text: `silenced by ${showSilence(whole)}, with its group` }),
  });
}

/** Members are kept for 30 days after they were written last; what fires longer is written anew long before. */
const KEEP_MEMBERS_MS = 10 * 86_400_000;
const AT_ONCE = 25;

async function withMembers(incident: Incident, alerts: readonly Alert[], nowMs: number, { incidents }: NotifierTools): Promise<Incident> {
  if (nowMs - (incident.membersKeptAt ?? incident.openedAt) < KEEP_MEMBERS_MS) return incident;
  const firing = alerts.filter(alert => isFiring(alert, nowMs));
  for (let first = 0; first < firing.length; first += AT_ONCE)
    await Promise.all(firing.slice(first, first + AT_ONCE).map(({ key }) => incidents.addMember(incident.key, key)));
  return { ...incident, membersKeptAt: nowMs };
}

/** Alerts that fire and can inhibit, each read anew: what was noted may be over, and must not silence anybody. */
async function sourcesOf({ inhibitRules }: Routing, nowMs: number, { alerts }: NotifierTools): Promise<readonly FiringAlert[]> {
  const noted = (await alerts.firing(SOURCES)).filter(({ labels }) => canInhibit(inhibitRules, labels));
  const read = await alerts.all(noted.map(({ key }) => key));
  return read.filter(alert => isFiring(alert, nowMs)).map(alert => ({ key: alert.key, labels: alertLabels(alert) }));
}
