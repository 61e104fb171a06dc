/** What people would have been told: actions and fast breaches folded into incidents by the notifier's own rules. */
import type { Severity } from '../config/types.ts';
import { createDesk } from '../incidents/desk.ts';
import type { Duty, Incident } from '../incidents/incident.ts';
import { routingOfSeverities } from '../incidents/routing.ts';
import { type Signal, signalOfAlarm, signalOfBreach } from '../incidents/signal.ts';
import type { EpochMs } from '../time/instant.ts';
import type { SaidBreach } from './history.ts';
import type { AlarmRun, PerformedAction } from './run-alarms.ts';

/** Channels of each severity. */
export type Routes = Readonly<Record<Severity, readonly string[]>>;

/** Alarms of other people go to one channel. */
export const foreignRoutes: Routes = { critical: ['page'], warning: ['page'], info: ['page'] };

export interface Notification {
  readonly atMs: EpochMs;
  readonly channel: string;
  readonly duty: Duty;
  readonly key: string;
  readonly severity: Severity;
  /** The alarm, or the fast path's breach, that led to it. */
  readonly alarm: string;
}

export interface GroupedIncident {
  readonly key: string;
  readonly title: string;
  /** The highest that it reached. */
  readonly severity: Severity;
  readonly openedAtMs: EpochMs;
  readonly resolvedAtMs?: EpochMs;
  readonly alarms: readonly string[];
}

export interface Pages {
  readonly notifications: readonly Notification[];
  readonly incidents: readonly GroupedIncident[];
}

/** Signals in the order in which the notifier hears them: what the fast path says in a minute comes before that minute's alarms. */
export function pagesOf(runs: Iterable<AlarmRun>, fast: readonly SaidBreach[], routes: Routes): Pages {
  const heard = [
    ...fast.map(({ breach, saidAtMs }) => ({ atMs: saidAtMs, signal: signalOfBreach(breach) })),
    ...[...runs].flatMap(run =>
      run.actions.filter(action => notifies(run, action)).map(action => ({ atMs: action.atMs, signal: signalOfAction(run, action) })),
    ),
  ].sort((a, b) => a.atMs - b.atMs);
  const desk = createDesk({ ...routingOfSeverities(routes), ...withoutStorms });
  const notifications: Notification[] = [];
  for (const { atMs, signal } of heard) {
    for (const { at, channel, duty, incident } of desk.hear(signal, atMs))
      notifications.push({ atMs: at, channel, duty, key: incident.key, severity: incident.severity, alarm: signal.alarm });
  }
  const incidents = desk.incidents().map(grouped);
  return { notifications, incidents: incidents.sort((a, b) => a.openedAtMs - b.openedAtMs) };
}

/** History is judged by incidents: each is to count, also in a storm. */
const withoutStorms = { stormLimit: 0 };

const grouped = ({ key, title, severity, openedAt, resolvedAt, alarms }: Incident): GroupedIncident => ({
  key,
  title,
  severity,
  openedAtMs: openedAt,
  alarms,
  ...(resolvedAt === undefined ? {} : { resolvedAtMs: resolvedAt }),
});

function notifies({ definition }: AlarmRun, { state }: PerformedAction): boolean {
  const { alarmActions, okActions, insufficientDataActions } = definition;
  return definition.actionsEnabled && { ALARM: alarmActions, OK: okActions, INSUFFICIENT_DATA: insufficientDataActions }[state].length > 0;
}

/** As the notifier reads the message of the transition. */
function signalOfAction({ definition }: AlarmRun, { transition, atMs, released }: PerformedAction): Signal {
  const only = definition.kind === 'metric' && definition.queries.length === 1 ? definition.queries[0] : undefined;
  const stat = only !== undefined && 'stat' in only ? only.stat : undefined;
  return signalOfAlarm(
    {
      kind: definition.kind === 'metric' || definition.kind === 'composite' ? definition.kind : 'query',
      alarmName: definition.name,
      ...(definition.description === undefined ? {} : { description: definition.description }),
      from: transition.from,
      to: transition.to,
      atMs: transition.atMs,
      reason: transition.reason,
      ...(stat === undefined ? {} : { metricName: stat.metricName, namespace: stat.namespace }),
      dimensions: stat?.dimensions ?? {},
      children: [],
      tags: {},
      released,
      logLines: [],
    },
    { receivedAtMs: atMs },
  );
}

/** Incidents that reach somebody who sleeps: those that were critical, by the severity that they reached. */
export const pagingOf = (incidents: readonly GroupedIncident[]): readonly GroupedIncident[] =>
  incidents.filter(({ severity }) => severity === 'critical');

const WEEK = 7 * 86_400_000;

/** The most pages within any seven days. */
export function worstWeekOf(pages: readonly GroupedIncident[]): number {
  let worst = 0;
  let oldest = 0;
  for (const [at, page] of pages.entries()) {
    while (page.openedAtMs - pages[oldest]!.openedAtMs >= WEEK) oldest += 1;
    worst = Math.max(worst, at - oldest + 1);
  }
  return worst;
}
