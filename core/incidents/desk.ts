/**
 * The notifier's rules over plain maps, for one process that has everything in memory: backtests, alarm unit tests and stories. The
 * deployed notifier takes the same steps over the table. Channels accept every message here.
 */
import type { EpochMs } from '../time/instant.ts';
import { type Alert, alertLabels, hear, heardLine, holdOf, isFiring } from './alert.ts';
import { openDuties, recordSends, routedChannels } from './duties.ts';
import { concerns, flushed, joined } from './group.ts';
import { type Duty, type Incident, isOpen } from './incident.ts';
import { canInhibit, type FiringAlert, inhibitorOf } from './inhibition.ts';
import { acknowledge } from './life-cycle.ts';
import { type Placement, placementsOf, quietAt, type Routing, stormPlacement } from './routing.ts';
import type { Signal } from './signal.ts';
import { type Silence, showSilence, silencesOf } from './silence.ts';

export interface Notice {
  readonly at: EpochMs;
  readonly channel: string;
  readonly duty: Duty;
  readonly incident: Incident;
}

export interface Desk {
  /** Runs every timer up to `now`, then takes the signal. */
  hear(signal: Signal, now: EpochMs): readonly Notice[];
  /** Runs every timer up to `now`. */
  until(now: EpochMs): readonly Notice[];
  acknowledge(key: string, who: string, now: EpochMs): readonly Notice[];
  silence(silence: Silence): void;
  incidents(): readonly Incident[];
  incident(key: string): Incident | undefined;
  /** Key of the first group that an alert is in. */
  groupOf(alertKey: string): string | undefined;
}

export function createDesk(routing: Routing): Desk {
  const alerts = new Map<string, Alert>();
  const groups = new Map<string, Set<string>>();
  const current = new Map<string, Incident>();
  const all = new Map<string, Incident>();
  const silences: Silence[] = [];
  const opened = new Map<string, number>();
  const sources = new Map<string, FiringAlert>();
  const due = new Set<string>();

  const keep = (incident: Incident) => {
    current.set(incident.key, incident);
    all.set(incident.id, incident);
    if (incident.dueAt === undefined) due.delete(incident.key);
    else due.add(incident.key);
  };

  const flush = (key: string, now: EpochMs): readonly Notice[] => {
    const incident = current.get(key);
    if (incident === undefined) return [];
    const members = [...(groups.get(key) ?? [])].flatMap(alertKey => alerts.get(alertKey) ?? []);
    const next = flushed(incident, members, {
      routing,
      now,
      quiet: route => quietAt(route, routing, now),
      suppressed: suppressionOf(
        routing,
        silences,
        () => [...sources.values()].filter(({ key: source }) => isFiring(alerts.get(source)!, now)),
        now,
      ),
    });
    return send(next, now);
  };

  const send = (incident: Incident, now: EpochMs): readonly Notice[] => {
    const duties = openDuties(incident, routedChannels(incident, routing));
    const told = { revision: incident.revision ?? 0, notice: incident.notice ?? 0 };
    keep(
      recordSends(
        incident,
        duties.map(duty => ({ ...duty, ok: true, at: now, detail: 'accepted', ...told })),
      ),
    );
    return duties.map(({ channel, duty }) => ({ at: now, channel, duty, incident }));
  };

  const until = (now: EpochMs): readonly Notice[] => {
    const notices: Notice[] = [];
    for (;;) {
      let first: Incident | undefined;
      for (const key of due) {
        const incident = current.get(key)!;
        if (incident.dueAt! <= now && (first === undefined || incident.dueAt! < first.dueAt!)) first = incident;
      }
      if (first === undefined) return notices;
      notices.push(...flush(first.key, first.dueAt!));
    }
  };

  const place = (placement: Placement, alert: Alert, now: EpochMs): Placement => {
    const alone = placement.key === alert.key;
    if (!alone || isOpen(current.get(placement.key)) || routing.stormLimit === 0 || !isFiring(alert, now)) return placement;
    const minute = `${alert.severity} ${Math.floor(now / 60_000)}`;
    const count = (opened.get(minute) ?? 0) + 1;
    opened.set(minute, count);
    return count > routing.stormLimit ? stormPlacement(placement) : placement;
  };

  return {
    hear(signal, now) {
      const notices = [...until(now)];
      const before = alerts.get(signal.key);
      const route = placementsOf(routing, signal.key, alertLabels({ ...(before ?? emptyFor(signal)) }))[0]!.route;
      const heard = hear(before, signal, holdOf(route.keepFiringForMs, routing.flapping));
      if (!heard.changed) return notices;
      const placed = placementsOf(routing, signal.key, alertLabels(heard.alert));
      const known = new Set(heard.alert.groups);
      const fresh = known.size > 0 ? placed.filter(({ key }) => known.has(key)) : placed.map(each => place(each, heard.alert, now));
      const placements = fresh.length > 0 ? fresh : placed;
      const keys = [...new Set([...heard.alert.groups, ...placements.map(({ key }) => key)])];
      alerts.set(signal.key, { ...heard.alert, groups: isFiring(heard.alert, now) ? keys : heard.alert.groups });
      const labels = alertLabels(heard.alert);
      if (canInhibit(routing.inhibitRules, labels)) sources.set(signal.key, { key: signal.key, labels });
      const line = heardLine(signal, heard.reason, now);
      for (const key of keys) {
        const placement = placements.find(each => each.key === key) ?? { key, route: routeOfKey(key, placements), groupLabels: {} };
        const members = groups.get(key) ?? new Set();
        groups.set(key, members.add(signal.key));
        const incident = current.get(key);
        if (!concerns(incident, heard.alert, placement, now)) continue;
        const next = joined(incident, heard.alert, placement, line, now);
        if (next === undefined) continue;
        keep(next);
        if (next.dueAt !== undefined && next.dueAt <= now) notices.push(...flush(key, now));
      }
      return notices;
    },
    until,
    acknowledge(key, who, now) {
      const notices = [...until(now)];
      const incident = current.get(key);
      const step = acknowledge({ schemaVersion: 1, key, ...(incident === undefined ? {} : { incident }) }, who, now);
      return step.state.incident === undefined ? notices : [...notices, ...send(step.state.incident, now)];
    },
    silence: silence => void silences.push(silence),
    incidents: () => [...all.values()],
    incident: key => current.get(key),
    groupOf: alertKey => alerts.get(alertKey)?.groups[0],
  };

  function routeOfKey(key: string, placements: readonly Placement[]) {
    const id = current.get(key)?.route;
    return placements.find(({ route }) => route.id === id)?.route ?? placements[0]!.route;
  }
}

const emptyFor = (signal: Signal): Alert => ({
  schemaVersion: 1,
  key: signal.key,
  sources: {},
  signal,
  severity: signal.severity,
  alarms: [],
  firings: [],
  groups: [],
});

/** What keeps an alert from being announced: a silence, or a firing alert that explains it. `sources` is asked only where a rule could apply. */
export function suppressionOf(
  routing: Routing,
  silences: readonly Silence[],
  sources: () => readonly FiringAlert[],
  now: EpochMs,
): Parameters<typeof flushed>[2]['suppressed'] {
  let known: readonly FiringAlert[] | undefined;
  return (alert, labels) => {
    const [silence] = silencesOf(silences, labels, now);
    if (silence !== undefined) return { reason: 'silenced', text: `silenced by ${showSilence(silence)}` };
    if (routing.inhibitRules.length === 0) return undefined;
    known ??= sources();
    const source = inhibitorOf(routing.inhibitRules, { key: alert.key, labels }, known);
    return source === undefined ? undefined : { reason: 'inhibited', text: `inhibited by ${source.key}` };
  };
}
