/** A backtest for the terminal. */
import { type AlarmReport, type BacktestReport, perWeek } from '../../core/backtest/report.ts';
import { toldAlarms } from '../../core/backtest/told-alarms.ts';
import { isoFromMs } from '../../core/time/instant.ts';

/** Firings shown per alarm. */
const SHOWN = 10;

export function reportText(report: BacktestReport): string {
  const told = toldAlarms(report);
  const skipped = report.alarms.filter(({ run }) => run.skipped !== undefined);
  const loud = told.filter(({ firings, nearMisses }) => firings.length + nearMisses.length > 0);
  const sections = [
    [`${report.source}: ${time(report.fromMs)} to ${time(report.toMs)}`, ...report.fidelity.map(note => `  note: ${note}`)],
    loud.flatMap(alarmLines),
    [`quiet: ${told.length - loud.length} of ${told.length} alarms neither fired nor came near`],
    skipped.length === 0 ? [] : [`not replayed: ${skipped.length}`, ...skipped.map(({ name, run }) => `  ${name}: ${run.skipped}`)],
    incidentLines(report),
    summaryLines(report),
    judgementLines(report),
    sweepLines(report),
    compareLines(report),
    checkLines(report),
    report.verdicts.map(({ ok, text }) => `${ok ? 'ok  ' : 'FAIL'} ${text}`),
  ];
  return `${sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`;
}

const time = (ms: number): string =>
  isoFromMs(ms)
    .replace('T', ' ')
    .replace(/(:00)?\.000Z$/, '');

export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = ms / 3_600_000;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

const many = (count: number, one: string, several = `${one}s`): string => `${count} ${count === 1 ? one : several}`;

function alarmLines({ name, severity, sentence, firings, nearMisses, flaps, inAlarmMs, notifications }: AlarmReport): readonly string[] {
  const facts = [
    many(firings.length, 'firing'),
    ...(inAlarmMs > 0 ? [`${duration(inAlarmMs)} in ALARM`] : []),
    ...(flaps > 0 ? [many(flaps, 'flap')] : []),
    ...(nearMisses.length > 0 ? [many(nearMisses.length, 'near miss', 'near misses')] : []),
    ...(notifications > 0 ? [many(notifications, 'notification')] : []),
  ];
  return [
    `${name}${severity === undefined ? '' : ` (${severity})`}: ${facts.join(', ')}`,
    ...(sentence === undefined ? [] : [`  ${sentence}`]),
    ...firings
      .slice(0, SHOWN)
      .map(
        ({ fromMs, toMs, reason }) =>
          `  ${time(fromMs)}  ${toMs === undefined ? 'to the end' : `for ${duration(toMs - fromMs)}`}  ${reason}`,
      ),
    ...(firings.length > SHOWN ? [`  … and ${firings.length - SHOWN} more`] : []),
    ...nearMisses
      .slice(0, 3)
      .map(
        ({ fromMs, by }) => `  ${time(fromMs)}  near miss: ${by === 'limit' ? 'within 10 % of the limit' : 'one breaching point short'}`,
      ),
  ];
}

/** Incidents shown. */
const SHOWN_INCIDENTS = 20;

function incidentLines({ incidents }: BacktestReport): readonly string[] {
  if (incidents.length === 0) return [];
  return [
    'incidents, as people would have been told',
    ...incidents.slice(0, SHOWN_INCIDENTS).map(({ openedAtMs, resolvedAtMs, severity, title, alarms }) => {
      const lasted = resolvedAtMs === undefined ? 'open at the end' : duration(resolvedAtMs - openedAtMs);
      return `  ${time(openedAtMs)}  ${severity.padEnd(8)}  ${title} (${lasted}; ${alarms.join(', ')})`;
    }),
    ...(incidents.length > SHOWN_INCIDENTS ? [`  … and ${incidents.length - SHOWN_INCIDENTS} more`] : []),
  ];
}

function summaryLines(report: BacktestReport): readonly string[] {
  const firings = toldAlarms(report).reduce((sum, alarm) => sum + alarm.firings.length, 0);
  return [
    `${firings} firings and what the stack says at once became ${report.incidents.length} incidents and ${report.notifications.length} notifications`,
    `${report.pages.length} pages (critical incidents): ${perWeek(report)} a week, ${report.worstWeek} in the worst seven days`,
  ];
}

function judgementLines({ judgement }: BacktestReport): readonly string[] {
  if (judgement === undefined) return [];
  const { precision, recall, medianAfterMs, longestAfterMs, trueFirings, falseFirings } = judgement;
  const share = (value: number | undefined) => (value === undefined ? 'undefined' : `${(value * 100).toFixed(1)} %`);
  return [
    `precision ${share(precision)} (${trueFirings} of ${trueFirings + falseFirings.length} firings), recall ${share(recall)}${
      medianAfterMs === undefined ? '' : `, time to catch ${signed(medianAfterMs)} (median), ${signed(longestAfterMs!)} (longest)`
    }`,
    ...judgement.incidents.map(
      ({ incident, caught, by, afterMs }) => `  ${incident.id}: ${caught ? `caught by ${by} after ${signed(afterMs!)}` : 'missed'}`,
    ),
  ];
}

const signed = (ms: number): string => (ms < 0 ? `−${duration(-ms)}` : duration(ms));

function sweepLines({ sweep }: BacktestReport): readonly string[] {
  if (sweep === undefined) return [];
  return [
    `${sweep.alarm} by limit`,
    ...sweep.points.map(({ limit, present, firings, judgement }) => {
      const caught = judgement?.incidents.filter(incident => incident.caught).length;
      const judged = judgement === undefined ? '' : `, ${judgement.falseFirings.length} false, ${caught} incidents caught`;
      return `  ${String(limit).padStart(12)}  ${firings.length} firings${judged}${present ? '   (as defined)' : ''}`;
    }),
  ];
}

function compareLines({ compare, pages }: BacktestReport): readonly string[] {
  if (compare === undefined) return [];
  return [
    `compared with ${compare.with}: ${pages.length} pages → ${compare.pages}; ${compare.alarms.length} alarms differ`,
    ...compare.alarms.flatMap(({ alarm, change, differences, newFirings, goneFirings, kept }) => [
      `  ${alarm} ${change}: ${newFirings.length} new firings, ${goneFirings.length} gone, ${kept} as before`,
      ...differences.map(text => `    ${text}`),
      ...newFirings.slice(0, 5).map(({ fromMs, reason }) => `    + ${time(fromMs)}  ${reason}`),
      ...goneFirings.slice(0, 5).map(({ fromMs, reason }) => `    - ${time(fromMs)}  ${reason}`),
    ]),
  ];
}

function checkLines({ checkHistory }: BacktestReport): readonly string[] {
  if (checkHistory === undefined) return [];
  const { alarms, matched, differences } = checkHistory;
  return [
    `alarm history of ${alarms} alarms: ${matched} changes replayed alike, ${differences.length} differ`,
    ...differences.map(
      ({ alarm, atMs, kind, to, reason }) =>
        `  ${time(atMs)}  ${alarm} → ${to} ${kind === 'onlyRecorded' ? 'in CloudWatch only' : 'in the replay only'}${reason === undefined ? '' : `: ${reason}`}`,
    ),
  ];
}
