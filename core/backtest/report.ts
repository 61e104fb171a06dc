/** Everything that a backtest says, as plain data; terminal, JSON and HTML are readers of it. */
import type { AlarmDefinition, AlarmState } from '../alarms/definition.ts';
import type { Severity } from '../config/types.ts';
import { readDescription } from '../incidents/description.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { type Budget, type Verdict, verdictsOf } from './budget.ts';
import type { HistoryComparison } from './check-history.ts';
import type { ComparedAlarm } from './compare.ts';
import { type Firing, firingsOf, flapsOf, timeIn } from './firings.ts';
import type { BacktestHistory } from './history.ts';
import type { RealIncident } from './incident-list.ts';
import { type Judgement, judge } from './judge.ts';
import { type NearMiss, nearMissesOf } from './near-misses.ts';
import { type GroupedIncident, type Notification, type Pages, pagesOf, pagingOf, type Routes, worstWeekOf } from './pages.ts';
import type { AlarmRun, RunOptions } from './run-alarms.ts';
import type { Sweep } from './sweep.ts';

export interface AlarmReport {
  readonly name: string;
  readonly definition: AlarmDefinition;
  readonly run: AlarmRun;
  readonly sentence?: string;
  /** From the machine line of its description; absent for other people's alarms. */
  readonly severity?: Severity;
  readonly firings: readonly Firing[];
  readonly nearMisses: readonly NearMiss[];
  readonly flaps: number;
  readonly inAlarmMs: number;
  readonly end: AlarmState;
  readonly notifications: number;
}

export interface BacktestReport {
  readonly source: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly fidelity: readonly string[];
  readonly alarms: readonly AlarmReport[];
  readonly notifications: readonly Notification[];
  readonly incidents: readonly GroupedIncident[];
  readonly pages: readonly GroupedIncident[];
  readonly worstWeek: number;
  readonly judgement?: Judgement;
  readonly sweep?: Sweep;
  readonly compare?: { readonly with: string; readonly alarms: readonly ComparedAlarm[]; readonly pages: number };
  readonly checkHistory?: HistoryComparison;
  readonly verdicts: readonly Verdict[];
}

export interface ReportParts {
  readonly runs: ReadonlyMap<string, AlarmRun>;
  readonly history: BacktestHistory;
  readonly routes: Routes;
  readonly options: RunOptions;
  readonly incidents?: readonly RealIncident[];
  readonly budget: Budget;
  readonly sweep?: Sweep;
  readonly compare?: { readonly with: string; readonly alarms: readonly ComparedAlarm[]; readonly pages: number };
  readonly checkHistory?: HistoryComparison;
}

export function buildReport({
  runs,
  history,
  routes,
  options,
  incidents,
  budget,
  sweep,
  compare,
  checkHistory,
}: ReportParts): BacktestReport {
  const pages = pagesOf(runs.values(), history.fast ?? [], routes);
  const judgement = incidents === undefined ? undefined : judge(runs.values(), incidents);
  const paging = pagingOf(pages.incidents);
  return {
    source: history.source,
    fromMs: history.fromMs,
    toMs: history.toMs,
    fidelity: [...history.fidelity, ...approximations(runs)],
    alarms: [...runs.values()].map(run => alarmReport(run, history, pages, options)),
    notifications: pages.notifications,
    incidents: pages.incidents,
    pages: paging,
    worstWeek: worstWeekOf(paging),
    ...(judgement === undefined ? {} : { judgement }),
    ...(sweep === undefined ? {} : { sweep }),
    ...(compare === undefined ? {} : { compare }),
    ...(checkHistory === undefined ? {} : { checkHistory }),
    verdicts: verdictsOf(budget, pages.incidents, judgement),
  };
}

function approximations(runs: ReadonlyMap<string, AlarmRun>): readonly string[] {
  const names = [...runs.values()].filter(run => run.approximated && run.skipped === undefined).map(run => run.definition.name);
  return names.length === 0 ? [] : [`approximated: CloudWatch's band model is not published, ours stands in for it (${names.join(', ')})`];
}

function alarmReport(run: AlarmRun, history: BacktestHistory, { notifications }: Pages, options: RunOptions): AlarmReport {
  const { definition, transitions } = run;
  const firings = firingsOf(transitions);
  const { sentence, machine } = readDescription(definition.description);
  return {
    name: definition.name,
    definition,
    run,
    ...(sentence === undefined ? {} : { sentence }),
    ...(machine === undefined ? {} : { severity: machine.severity }),
    firings,
    nearMisses: definition.kind === 'metric' && run.skipped === undefined ? nearMissesOf(definition, firings, history, options) : [],
    flaps: flapsOf(firings),
    inAlarmMs: timeIn(firings, history.toMs),
    end: transitions.at(-1)?.to ?? 'INSUFFICIENT_DATA',
    notifications: notifications.filter(({ alarm }) => alarm === definition.name).length,
  };
}

/** The document of `--json`: times ISO 8601, durations in seconds. */
export function reportJson(report: BacktestReport): unknown {
  const { judgement, sweep, compare, checkHistory } = report;
  return {
    source: report.source,
    from: isoFromMs(report.fromMs),
    to: isoFromMs(report.toMs),
    fidelity: report.fidelity,
    alarms: report.alarms.map(alarmJson),
    transitions: report.alarms
      .flatMap(({ run }) => run.transitions)
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ alarm, from, to, atMs, reason }) => ({ alarm, from, to, at: isoFromMs(atMs), reason })),
    notifications: report.notifications.map(({ atMs, ...rest }) => ({ at: isoFromMs(atMs), ...rest })),
    incidents: report.incidents.map(incidentJson),
    pages: { total: report.pages.length, worstWeek: report.worstWeek, perWeek: perWeek(report) },
    ...(judgement === undefined ? {} : { judgement: judgementJson(judgement) }),
    ...(sweep === undefined ? {} : { sweep: sweepJson(sweep) }),
    ...(compare === undefined ? {} : { compare: compareJson(compare) }),
    ...(checkHistory === undefined ? {} : { checkHistory: checkJson(checkHistory) }),
    verdicts: report.verdicts,
  };
}

const WEEK = 7 * 86_400_000;

/** Pages a week on average; a history of less than a week counts as one. */
export const perWeek = ({ pages, fromMs, toMs }: BacktestReport): number =>
  Math.round((pages.length / Math.max(1, (toMs - fromMs) / WEEK)) * 100) / 100;

function alarmJson({ name, run, severity, sentence, firings, nearMisses, flaps, inAlarmMs, end, notifications }: AlarmReport): unknown {
  return {
    name,
    ...(severity === undefined ? {} : { severity }),
    ...(sentence === undefined ? {} : { sentence }),
    ...(run.skipped === undefined ? {} : { notReplayed: run.skipped }),
    ...(run.approximated ? { approximated: true } : {}),
    state: end,
    firings: firings.map(firingJson),
    secondsInAlarm: Math.round(inAlarmMs / 1000),
    flaps,
    nearMisses: nearMisses.map(({ fromMs, toMs, by }) => ({
      from: isoFromMs(fromMs),
      ...(toMs === undefined ? {} : { to: isoFromMs(toMs) }),
      by,
    })),
    notifications,
  };
}

const firingJson = ({ fromMs, toMs, reason }: Firing) => ({
  from: isoFromMs(fromMs),
  ...(toMs === undefined ? {} : { to: isoFromMs(toMs) }),
  reason,
});

const incidentJson = ({ openedAtMs, resolvedAtMs, ...rest }: GroupedIncident) => ({
  ...rest,
  openedAt: isoFromMs(openedAtMs),
  ...(resolvedAtMs === undefined ? {} : { resolvedAt: isoFromMs(resolvedAtMs) }),
});

function judgementJson(judgement: Judgement): unknown {
  const { incidents, precision, recall, medianAfterMs, longestAfterMs, trueFirings, falseFirings } = judgement;
  return {
    ...(precision === undefined ? {} : { precision }),
    ...(recall === undefined ? {} : { recall }),
    ...(medianAfterMs === undefined ? {} : { secondsToCatch: { median: medianAfterMs / 1000, longest: longestAfterMs! / 1000 } }),
    trueFirings,
    falseFirings: falseFirings.map(({ alarm, firing }) => ({ alarm, ...firingJson(firing) })),
    incidents: incidents.map(({ incident, caught, by, afterMs }) => ({
      id: incident.id,
      caught,
      ...(by === undefined ? {} : { by }),
      ...(afterMs === undefined ? {} : { secondsToCatch: afterMs / 1000 }),
    })),
  };
}

const sweepJson = ({ alarm, points }: Sweep) => ({
  alarm,
  points: points.map(({ limit, present, firings, judgement }) => ({
    limit,
    present,
    firings: firings.length,
    ...(judgement === undefined ? {} : { judgement: judgementJson(judgement) }),
  })),
});

const compareJson = ({ with: other, alarms, pages }: NonNullable<BacktestReport['compare']>) => ({
  with: other,
  pages,
  alarms: alarms.map(({ newFirings, goneFirings, ...rest }) => ({
    ...rest,
    newFirings: newFirings.map(firingJson),
    goneFirings: goneFirings.map(firingJson),
  })),
});

const checkJson = ({ alarms, matched, differences }: HistoryComparison) => ({
  alarms,
  matched,
  differences: differences.map(({ atMs, ...rest }) => ({ at: isoFromMs(atMs), ...rest })),
});
