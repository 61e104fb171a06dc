/**
 * A backtest as one page that needs nothing else: no script, no request. Every text out of definitions, events or files is escaped.
 */
import type { BacktestHistory } from '../../core/backtest/history.ts';
import { plotPoints } from '../../core/backtest/plot-points.ts';
import { type BacktestReport, perWeek } from '../../core/backtest/report.ts';
import { type ToldAlarm, toldAlarms } from '../../core/backtest/told-alarms.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { escaped } from './escape.ts';
import { alarmPlot, sweepPlot, timelinePlot } from './plots.ts';

const PLOT_PARTS = 480;

export function backtestHtml(report: BacktestReport, history: BacktestHistory): string {
  const told = toldAlarms(report);
  const loud = told.filter(({ firings, nearMisses }) => firings.length + nearMisses.length > 0);
  const quiet = told.filter(alarm => !loud.includes(alarm));
  const body = [
    heading(report),
    verdicts(report),
    timelinePlot(loud, report),
    incidents(report),
    judgement(report),
    sweep(report),
    compare(report),
    checkHistory(report),
    ...loud.map(alarm => alarmSection(alarm, report, history)),
    quiet.length === 0
      ? ''
      : `<h2>Quiet</h2>${quiet.map(alarm => `<details><summary>${escaped(alarm.name)}</summary>${plotOf(alarm, report, history)}</details>`).join('\n')}`,
    notReplayed(report),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Backtest of ${escaped(report.source)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body.filter(part => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #6b7380; --line: #d8dce2; --page: #fff; --value: #2f6fb3; --alarm: #c62f2f; --near: #b87500; --good: #2c7a3f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --faint: #98a1ad; --line: #363c44; --page: #14171b; --value: #6ea8e6; --alarm: #f07070; --near: #e5a83b; --good: #6cc081; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 2rem 0 .25rem; }
p, ul { margin: .25rem 0; } .faint, small { color: var(--faint); } .fail { color: var(--alarm); font-weight: 600; } .ok { color: var(--good); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 500; } td.n, td.t { white-space: nowrap; }
svg { display: block; width: 100%; height: auto; margin: .5rem 0; } svg text { fill: var(--faint); font: 11px system-ui, sans-serif; }
details { margin: .15rem 0; } summary { cursor: pointer; } code { overflow-wrap: anywhere; } .wide { overflow-x: auto; }
`;

const time = (ms: number): string =>
  isoFromMs(ms)
    .replace('T', ' ')
    .replace(/(:00)?\.000Z$/, '');

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (Math.abs(minutes) < 1) return `${Math.round(ms / 1000)} s`;
  if (Math.abs(minutes) < 120) return `${minutes} min`;
  const hours = ms / 3_600_000;
  return Math.abs(hours) < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

const list = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>${items.map(item => `<li>${escaped(item)}</li>`).join('')}</ul>`;

interface Cell {
  readonly text: string;
  readonly of?: 'n' | 't';
}

const text = (value: string): Cell => ({ text: value });
const number = (value: string | number): Cell => ({ text: String(value), of: 'n' });
const at = (ms: number | undefined): Cell => ({ text: ms === undefined ? '' : time(ms), of: 't' });

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '';
  const heading = head.map(name => `<th>${escaped(name)}</th>`).join('');
  const cell = ({ text: content, of }: Cell) => `<td${of === undefined ? '' : ` class="${of}"`}>${escaped(content)}</td>`;
  return `<div class="wide"><table><tr>${heading}</tr>${rows.map(row => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}</table></div>`;
}

function heading(report: BacktestReport): string {
  const firings = toldAlarms(report).reduce((sum, alarm) => sum + alarm.firings.length, 0);
  return `<h1>Backtest of ${escaped(report.source)}</h1>
<p>${time(report.fromMs)} to ${time(report.toMs)} UTC. ${firings} firings of ${report.alarms.length} alarms; ${report.incidents.length} incidents, ${report.notifications.length} notifications; ${report.pages.length} pages (critical incidents), ${perWeek(report)} a week, ${report.worstWeek} in the worst seven days.</p>
<div class="faint">${list(report.fidelity)}</div>`;
}

const verdicts = ({ verdicts: all }: BacktestReport): string =>
  all.map(({ ok, text: said }) => `<p class="${ok ? 'ok' : 'fail'}">${ok ? 'Kept' : 'Broken'}: ${escaped(said)}</p>`).join('\n');

function incidents({ incidents: all }: BacktestReport): string {
  if (all.length === 0) return '';
  const rows = all.map(({ openedAtMs, resolvedAtMs, severity, title, alarms }) => [
    at(openedAtMs),
    text(resolvedAtMs === undefined ? 'open at the end' : duration(resolvedAtMs - openedAtMs)),
    text(severity),
    text(title),
    text(alarms.join(', ')),
  ]);
  return `<h2>What people would have been told</h2>${table(['Opened', 'Lasted', 'Severity', 'Incident', 'Said by'], rows)}`;
}

function judgement({ judgement: judged }: BacktestReport): string {
  if (judged === undefined) return '';
  const share = (value: number | undefined) => (value === undefined ? 'undefined' : `${(value * 100).toFixed(1)} %`);
  const rows = judged.incidents.map(({ incident, caught, by, afterMs }) => [
    text(incident.id),
    text(incident.title ?? ''),
    at(incident.fromMs),
    text(caught ? (by ?? '') : 'missed'),
    number(afterMs === undefined ? '' : duration(afterMs)),
  ]);
  const wrong = judged.falseFirings.map(({ alarm, firing }) => [at(firing.fromMs), text(alarm), text(firing.reason)]);
  return `<h2>Against what happened</h2>
<p>Precision ${share(judged.precision)}, recall ${share(judged.recall)}${judged.medianAfterMs === undefined ? '' : `, time to catch ${duration(judged.medianAfterMs)} (median)`}.</p>
${table(['Incident', '', 'Began', 'Caught by', 'After'], rows)}
${wrong.length === 0 ? '' : `<h3>Fired for nothing</h3>${table(['At', 'Alarm', 'Reason'], wrong)}`}`;
}

function sweep({ sweep: swept }: BacktestReport): string {
  if (swept === undefined) return '';
  const rows = swept.points.map(({ limit, present, firings, judgement: judged }) => [
    number(limit),
    number(firings.length),
    number(judged === undefined ? '' : judged.falseFirings.length),
    number(judged === undefined ? '' : judged.incidents.filter(({ caught }) => caught).length),
    text(present ? 'as defined' : ''),
  ]);
  return `<h2>${escaped(swept.alarm)} by limit</h2>${sweepPlot(swept)}${table(['Limit', 'Firings', 'For nothing', 'Incidents caught', ''], rows)}`;
}

function compare({ compare: compared, pages }: BacktestReport): string {
  if (compared === undefined) return '';
  const rows = compared.alarms.map(({ alarm, change, differences, newFirings, goneFirings, kept }) => [
    text(alarm),
    text(change),
    text(differences.join('; ')),
    number(newFirings.length),
    number(goneFirings.length),
    number(kept),
  ]);
  return `<h2>Compared with ${escaped(compared.with)}</h2><p>Pages: ${pages.length} → ${compared.pages}.</p>
${table(['Alarm', 'Change', 'Definition', 'New firings', 'Gone', 'As before'], rows)}`;
}

function checkHistory({ checkHistory: checked }: BacktestReport): string {
  if (checked === undefined) return '';
  const rows = checked.differences.map(({ atMs, alarm, kind, to, reason }) => [
    at(atMs),
    text(alarm),
    text(to),
    text(kind === 'onlyRecorded' ? 'in CloudWatch only' : 'in the replay only'),
    text(reason ?? ''),
  ]);
  return `<h2>Against CloudWatch's own history</h2><p>${checked.matched} changes of ${checked.alarms} alarms alike, ${rows.length} differ.</p>
${table(['At', 'Alarm', 'To', 'Found', 'Reason'], rows)}`;
}

function alarmSection(alarm: ToldAlarm, report: BacktestReport, history: BacktestHistory): string {
  const { name, severity, sentence, firings, nearMisses, flaps, inAlarmMs, notifications } = alarm;
  const facts = [
    `${firings.length} ${firings.length === 1 ? 'firing' : 'firings'}`,
    `${duration(inAlarmMs)} in ALARM`,
    `${flaps} flaps`,
    `${nearMisses.length} near misses`,
    `${notifications} notifications`,
  ];
  const rows = firings.map(({ fromMs, toMs, reason }) => [
    at(fromMs),
    number(toMs === undefined ? 'to the end' : duration(toMs - fromMs)),
    text(reason),
  ]);
  const near = nearMisses.map(({ fromMs, by }) => [
    at(fromMs),
    text(by === 'limit' ? 'within 10 % of the limit' : 'one breaching point short'),
  ]);
  return `<h3>${escaped(name)}${severity === undefined ? '' : ` <small>${escaped(severity)}</small>`}</h3>
${sentence === undefined ? '' : `<p>${escaped(sentence)}</p>`}
<p class="faint">${facts.join(' · ')}</p>
${plotOf(alarm, report, history)}
${table(['Fired', 'Lasted', 'Reason'], rows)}
${near.length === 0 ? '' : `<details><summary>${near.length} near misses</summary>${table(['At', ''], near)}</details>`}`;
}

const plotOf = (alarm: ToldAlarm, report: BacktestReport, history: BacktestHistory): string =>
  alarmPlot(alarm, report, alarm.drawn === undefined ? [] : plotPoints(alarm.drawn, history, report, PLOT_PARTS));

function notReplayed({ alarms }: BacktestReport): string {
  const rows = alarms.flatMap(({ name, run }) => (run.skipped === undefined ? [] : [[text(name), text(run.skipped)]]));
  return rows.length === 0
    ? ''
    : `<h2>Not replayed</h2><details><summary>${rows.length} alarms</summary>${table(['Alarm', 'Because'], rows)}</details>`;
}
