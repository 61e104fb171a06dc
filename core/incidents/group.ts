/**
 * A group of alerts and its incident: what is put into it, and what a flush of it decides. Timers as in Alertmanager: the first flush waits
 * `groupWait`, later ones follow in steps of `groupInterval`; a route with an interval of 0 tells every change at once.
 */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { type Alert, alertLabels, isFiring, rank, titleOf } from './alert.ts';
import { type Announced, type Decision, decide, outcomes } from './decision.ts';
import { endsOwed } from './duties.ts';
import { type Incident, isOpen, type MemberView, type Reason, reasons, type TimelineEntry } from './incident.ts';
import { fingerprint } from './key.ts';
import { noted } from './life-cycle.ts';
import type { Labels } from './matcher.ts';
import { isStorm, type Placement, type Route, type Routing, routeById, waitOf } from './routing.ts';

/** Alarms, firing keys and members that an incident names; counts tell of the rest. */
const NAMED = 50;
const SHOWN = 20;
/** Hashes of announced alerts that are kept, 14 bytes each. What is beyond counts as new at each interval. */
const HASHES = 10_000;
/** How often a group with suppressed alerts looks again, when its interval is shorter. */
const RECHECK_MS = 60_000;

/** Whether the alert changes anything about the group at once; otherwise it only becomes a member, and the next flush finds it. */
export function concerns(incident: Incident | undefined, alert: Alert, placement: Placement, now: EpochMs): boolean {
  if (!isOpen(incident)) return isFiring(alert, now);
  const due = incident.dueAt ?? Number.POSITIVE_INFINITY;
  return (
    placement.route.groupBy.includes('...') ||
    rank[alert.severity] > rank[incident.severity] ||
    nextFlush(incident, placement.route, now) < due
  );
}

/** The incident after an alert was put into its group; `line` says what happened to the alert, absent when it is no news. */
export function joined(
  incident: Incident | undefined,
  alert: Alert,
  placement: Placement,
  line: TimelineEntry | undefined,
  now: EpochMs,
): Incident | undefined {
  const { signal } = alert;
  if (signal === undefined) return incident;
  if (!isOpen(incident)) {
    if (!isFiring(alert, now)) return incident;
    if (incident?.closedBy === undefined) return opened(incident, alert, alert.startsAt ?? now, placement, line, now);
    // What a person ended stays ended until the alert, or one of its sources, fires anew.
    const endedAt = incident.resolvedAt ?? 0;
    const firedAt = [alert.startsAt ?? 0, alert.lastFiredAt ?? 0].find(at => at > endedAt);
    return firedAt === undefined ? incident : opened(incident, alert, firedAt, placement, line, now);
  }
  const graver = rank[alert.severity] > rank[incident.severity];
  const known: Incident = {
    ...incident,
    alarms: firstOf([...new Set([...incident.alarms, ...alert.alarms])]),
    signal: incident.signal.key === alert.key ? signal : incident.signal,
    ...(graver ? { severity: alert.severity, route: placement.route.id, title: titleFor(alert, placement) } : {}),
  };
  const dueAt = Math.min(incident.dueAt ?? Number.POSITIVE_INFINITY, graver ? now : nextFlush(incident, placement.route, now));
  return line === undefined ? { ...known, dueAt } : noted({ ...known, dueAt }, line);
}

function opened(
  before: Incident | undefined,
  alert: Alert,
  startsAt: EpochMs,
  { key, route, groupLabels }: Placement,
  line: TimelineEntry | undefined,
  now: EpochMs,
): Incident {
  const signal = alert.signal!;
  // An alert that waited elsewhere has waited long enough; one from a clock that is ahead waits no longer than others.
  const waitMs = waitOf(route, alert.severity);
  const dueAt = Math.min(Math.max(now, startsAt + waitMs), now + waitMs);
  return {
    id: `${isoFromMs(startsAt)}#${key}`,
    key,
    title: titleFor(alert, { key, route, groupLabels }),
    severity: alert.severity,
    status: 'open',
    openedAt: startsAt,
    alarms: alert.alarms,
    firing: [alert.key],
    signal,
    channels: before === undefined ? {} : endsOwed(before),
    timeline: line === undefined ? [] : [line],
    route: route.id,
    ...(route.groupBy.includes('...') ? {} : { groupLabels }),
    dueAt,
  };
}

function titleFor(alert: Alert, { key, route, groupLabels }: Placement): string {
  if (isStorm(key)) return 'storm of alerts';
  if (route.groupBy.includes('...')) return titleOf(alert.signal!);
  const labels = Object.entries(groupLabels).map(([label, value]) => `${label}=${value}`);
  return labels.length === 0 ? 'alerts' : `alerts of ${labels.join(', ')}`;
}

/** When the group is to be flushed next after something about it changed at `now`. */
function nextFlush({ firstFlushAt, dueAt }: Incident, { groupIntervalMs }: Route, now: EpochMs): EpochMs {
  if (firstFlushAt === undefined) return dueAt ?? now;
  return groupIntervalMs === 0 ? now : tickAfter(firstFlushAt, groupIntervalMs, now - 1);
}

/** The first tick after `at`. */
function tickAfter(firstMs: EpochMs, stepMs: number, at: EpochMs): EpochMs {
  return firstMs + Math.max(1, Math.floor((at - firstMs) / stepMs) + 1) * stepMs;
}

export interface FlushContext {
  readonly routing: Routing;
  readonly now: EpochMs;
  /** Why an alert is not announced now (a silence, an inhibiting alert); undefined when it is. */
  readonly suppressed: (alert: Alert, labels: Labels) => Suppression | undefined;
  /** Why nothing of this route is announced now (a time interval). */
  readonly quiet: (route: Route) => string | undefined;
}

export interface Suppression {
  readonly reason: Extract<Reason, 'silenced' | 'inhibited'>;
  readonly text: string;
}

/** The route of an incident, with what its storm changes. */
export function routeOfIncident({ key, route: id }: Pick<Incident, 'key' | 'route'>, routing: Routing): Route {
  const route = routeById(routing, id);
  return isStorm(key) ? { ...route, groupBy: [], groupWaitMs: 0, groupIntervalMs: Math.max(route.groupIntervalMs, 60_000) } : route;
}

/** Decides about the group as its members are now. Changes nothing of an incident that is resolved. */
export function flushed(incident: Incident, members: Iterable<Alert>, context: FlushContext): Incident {
  if (!isOpen(incident)) return withoutDue(incident);
  const { routing, now } = context;
  const route = routeOfIncident(incident, routing);
  const view = look(incident, members, context);
  const quiet = context.quiet(route);
  const visible = quiet === undefined ? view.visible : [];
  const decision = decideFor(incident, view, visible, quiet !== undefined, route, now);
  const known: Incident = {
    ...incident,
    severity: view.severity ?? incident.severity,
    firing: firstOf(view.firing),
    alarms: firstOf([...new Set([...incident.alarms, ...view.alarms])]),
    counts: { firing: view.firing.length, resolved: view.resolved.length, suppressed: view.firing.length - visible.length },
    members: view.members,
    decision,
    firstFlushAt: incident.firstFlushAt ?? now,
  };
  const news = announced(known, decision, visible, view, now);
  // Nobody is asked about what is not announced at present.
  const told = visible.length > 0 ? escalated(news, route, now) : news;
  const suppression = quiet === undefined ? view.suppression : { reason: 'quiet' as const, text: quiet };
  const explained = withSuppression(told, visible.length === 0 ? suppression : undefined, now);
  if (view.firing.length === 0)
    return withoutDue({ ...explained, status: 'resolved', resolvedAt: Math.max(view.lastEnd, incident.openedAt) });
  return withDue(explained, dueOf(explained, view, visible.length, route, now));
}

interface View {
  readonly firing: readonly string[];
  /** Hashes of the firing alerts that nothing suppresses. */
  readonly visible: readonly string[];
  readonly resolved: readonly string[];
  readonly alarms: readonly string[];
  readonly members: readonly MemberView[];
  readonly severity?: Severity;
  /** The gravest of the visible ones. */
  readonly visibleSeverity?: Severity;
  readonly suppression?: Suppression;
  readonly lastEnd: EpochMs;
  /** When the first of the alerts that are kept firing ends. */
  readonly nextEnd?: EpochMs;
}

/** One pass over the members, which may be many: only hashes and a few of the gravest stay. */
function look(incident: Incident, alerts: Iterable<Alert>, { now, suppressed }: FlushContext): View {
  const firing: string[] = [];
  const visible: string[] = [];
  const resolved: string[] = [];
  const alarms = new Set<string>();
  let members: MemberView[] = [];
  let severity: Severity | undefined;
  let visibleSeverity: Severity | undefined;
  let suppression: Suppression | undefined;
  let lastEnd = incident.openedAt;
  let nextEnd: EpochMs | undefined;
  for (const alert of alerts) {
    if (alert.signal === undefined || alert.startsAt === undefined) continue;
    const hash = fingerprint(alert.key).slice(0, 11);
    if (!isFiring(alert, now)) {
      const endsAt = alert.endsAt ?? now;
      if (endsAt < incident.openedAt) continue;
      resolved.push(hash);
      lastEnd = Math.max(lastEnd, endsAt);
    } else {
      firing.push(alert.key);
      severity = graverOf(severity, alert.severity);
      const why = suppressed(alert, alertLabels(alert));
      if (why === undefined) {
        visible.push(hash);
        visibleSeverity = graverOf(visibleSeverity, alert.severity);
      } else suppression ??= why;
      if (alert.endsAt !== undefined) nextEnd = Math.min(nextEnd ?? alert.endsAt, alert.endsAt);
    }
    if (alarms.size < NAMED) for (const alarm of alert.alarms) alarms.add(alarm);
    members.push(memberOf(alert, now));
    if (members.length > SHOWN * 4) members = gravest(members);
  }
  return {
    firing,
    visible,
    resolved,
    alarms: [...alarms],
    members: gravest(members),
    lastEnd,
    ...(severity === undefined ? {} : { severity }),
    ...(visibleSeverity === undefined ? {} : { visibleSeverity }),
    ...(suppression === undefined ? {} : { suppression }),
    ...(nextEnd === undefined ? {} : { nextEnd }),
  };
}

const graverOf = (a: Severity | undefined, b: Severity): Severity => (a === undefined || rank[b] > rank[a] ? b : a);

const memberOf = (alert: Alert, now: EpochMs): MemberView => ({
  key: alert.key,
  title: titleOf(alert.signal!),
  alarm: alert.alarms[0] ?? alert.key,
  severity: alert.severity,
  firing: isFiring(alert, now),
  startsAt: alert.startsAt!,
  ...(alert.endsAt === undefined ? {} : { endsAt: alert.endsAt }),
});

const gravest = (members: readonly MemberView[]): MemberView[] =>
  [...members]
    .sort((a, b) => Number(b.firing) - Number(a.firing) || rank[b.severity] - rank[a.severity] || a.startsAt - b.startsAt)
    .slice(0, SHOWN);

function decideFor(incident: Incident, view: View, visible: readonly string[], quiet: boolean, route: Route, now: EpochMs): Decision {
  // What is suppressed as a whole is not judged at all: nothing is announced, and nothing is forgotten.
  if (view.firing.length > 0 && visible.length === 0) return 'nothing';
  if (quiet && view.firing.length > 0) return 'nothing';
  const reminds = incident.status === 'open';
  return decide({
    last: incident.announced,
    firing: visible,
    resolved: view.resolved,
    ...(view.visibleSeverity === undefined ? {} : { severity: view.visibleSeverity }),
    repeatIntervalMs: reminds ? route.repeatIntervalMs : 0,
    now,
  });
}

function announced(
  incident: Incident,
  decision: Decision,
  visible: readonly string[],
  { resolved, visibleSeverity: severity }: View,
  now: EpochMs,
): Incident {
  if (decision === 'nothing') return incident;
  const gravity = severity === undefined ? {} : { severity };
  const record: Announced = { firing: visible.slice(0, HASHES), resolved: resolved.slice(0, HASHES), ...gravity, at: now };
  const told = { ...incident, announced: record };
  if (decision === 'allResolved') return told;
  // Fewer alerts than before wake nobody: channels that can edit show it.
  if (decision === 'someResolved') return { ...told, revision: (incident.revision ?? 0) + 1 };
  const notice = (incident.notice ?? 0) + 1;
  const first = incident.firstNoticeAt === undefined ? { firstNoticeAt: now } : {};
  const route = incident.route === undefined ? {} : { noticeRoute: incident.route };
  const next: Incident = { ...told, ...first, ...route, notice, noticeReason: decision };
  return decision === 'first' ? next : noted(next, { at: now, reason: decision, text: noticeText(next, decision) });
}

function noticeText({ counts }: Incident, decision: Decision): string {
  const firing = counts === undefined ? '' : `, ${counts.firing} firing`;
  return `announced again: ${outcomes[decision]}${firing}`;
}

/** Asks the next receivers when nobody has acknowledged in time. */
function escalated(incident: Incident, route: Route, now: EpochMs): Incident {
  const { firstNoticeAt, status, escalation: done = [] } = incident;
  if (firstNoticeAt === undefined || status !== 'open') return incident;
  const reached = route.escalation.filter(({ afterMs }) => now >= firstNoticeAt + afterMs).map(({ receiver }) => receiver);
  const fresh = reached.filter(receiver => !done.includes(receiver));
  if (fresh.length === 0) return incident;
  const text = `${reasons.unacknowledged}: ${fresh.join(', ')}`;
  return noted({ ...incident, escalation: [...done, ...fresh] }, { at: now, reason: 'unacknowledged', text });
}

function withSuppression(
  incident: Incident,
  suppression: { readonly reason: Reason; readonly text: string } | undefined,
  now: EpochMs,
): Incident {
  const { suppression: before, ...rest } = incident;
  if (suppression === undefined) return rest;
  const said = { ...rest, suppression: suppression.text };
  return before === suppression.text
    ? said
    : noted(said, { at: now, reason: suppression.reason, text: `not announced: ${suppression.text}` });
}

/** When the group is to be looked at again although nothing happens. */
function dueOf(incident: Incident, view: View, visible: number, route: Route, now: EpochMs): EpochMs | undefined {
  const step = route.groupIntervalMs === 0 ? RECHECK_MS : route.groupIntervalMs;
  const tick = (at: EpochMs) => (route.groupIntervalMs === 0 ? at : tickAfter(incident.firstFlushAt ?? now, step, at - 1));
  const times: EpochMs[] = [];
  if (view.nextEnd !== undefined) times.push(route.groupIntervalMs === 0 ? view.nextEnd : tick(view.nextEnd));
  if (view.firing.length > visible) times.push(route.groupIntervalMs === 0 ? now + RECHECK_MS : tick(now + 1));
  if (incident.status === 'open' && incident.announced !== undefined && route.repeatIntervalMs > 0 && visible > 0)
    times.push(tick(incident.announced.at + route.repeatIntervalMs));
  if (incident.status === 'open' && incident.firstNoticeAt !== undefined && visible > 0) {
    const next = route.escalation.find(({ receiver }) => incident.escalation?.includes(receiver) !== true);
    if (next !== undefined) times.push(incident.firstNoticeAt + next.afterMs);
  }
  for (const { retry } of Object.values(incident.channels)) if (retry !== undefined && retry.nextAt > now) times.push(retry.nextAt);
  return times.length === 0 ? undefined : Math.max(now + 1, Math.min(...times));
}

export const withDue = (incident: Incident, dueAt: EpochMs | undefined): Incident => {
  const { dueAt: _, ...rest } = incident;
  return dueAt === undefined ? rest : { ...rest, dueAt };
};

function withoutDue(incident: Incident): Incident {
  const retries = Object.values(incident.channels).flatMap(({ retry }) => retry?.nextAt ?? []);
  return withDue(incident, retries.length === 0 ? undefined : Math.min(...retries));
}

const firstOf = (texts: readonly string[]): readonly string[] => (texts.length <= NAMED ? texts : texts.slice(0, NAMED));
