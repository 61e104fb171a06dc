/** What was at risk, what went wrong, and how far the numbers can be trusted. */
import { isoFromMs } from '../time/instant.ts';
import type { Block, Section } from './document.ts';
import { countText, dash, durationText, moneyText, percentText } from './figures.ts';
import type { StrategyReport } from './strategy-report.ts';

const moment = (ms: number): string => isoFromMs(ms).slice(0, 19).replace('T', ' ');

export function riskSection(report: StrategyReport): Section {
  return { title: 'Risk', blocks: [riskTable(report), limitTable(report), positionTable(report)] };
}

/** Loss figures of fewer returns are anecdotes. */
const minimumTail = 20;

function riskTable({ figures, sinceStart, exposure, money, currency }: StrategyReport): Block {
  const isLong = figures.summary.n >= minimumTail;
  const { summary } = isLong ? figures : sinceStart;
  const over = isLong ? `n ${summary.n}` : `since the start, n ${summary.n}`;
  const enough = summary.n >= minimumTail;
  const equity = money.equityEnd === undefined ? undefined : Number(money.equityEnd);
  const ofEquity = (share: number | undefined) =>
    share === undefined || equity === undefined ? '' : `, ${moneyText(String(share * equity), currency)}`;
  const tail = (share: number | undefined) => (enough && share !== undefined ? `${percentText(share)}${ofEquity(share)}` : dash);
  const relative = (value: number | undefined) =>
    value === undefined || equity === undefined || equity === 0 ? '' : `${percentText(value / equity, 1)} of equity`;
  return {
    kind: 'table',
    columns: [{ title: 'Figure' }, { title: 'Value', isNumber: true }, { title: 'Rests on' }],
    rows: [
      ['Value at risk, a day, 95 % (history)', tail(summary.valueAtRisk), over],
      ['Value at risk, a day, 95 % (normal)', tail(summary.normalValueAtRisk), over],
      ['Expected loss beyond it (CVaR)', tail(summary.conditionalValueAtRisk), over],
      ['Volatility, a year', enough ? percentText(summary.volatility) : dash, over],
      ['Downside deviation, a year', enough ? percentText(summary.downsideDeviation) : dash, over],
      ['Time in the market', percentText(exposure.timeInMarket, 1), 'of open market time'],
      [
        'Largest gross exposure',
        moneyText(textOf(exposure.peakGross), currency),
        [relative(exposure.peakGross), exposure.peakGrossMs === undefined ? '' : `at ${moment(exposure.peakGrossMs)}`]
          .filter(text => text !== '')
          .join(', '),
      ],
      ['Mean gross exposure while in the market', moneyText(textOf(exposure.meanGross), currency), relative(exposure.meanGross)],
      ['Largest net exposure', moneyText(textOf(exposure.peakNet), currency), relative(exposure.peakNet)],
    ],
    whenEmpty: '',
    note: 'Exposure is valued at the prices of the executions.',
  };
}

const textOf = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));

function limitTable({ limits, days, figures, exposure, log, currency }: StrategyReport): Block {
  const losses = days.flatMap(({ pnl, date }) => (pnl === undefined ? [] : [{ date, pnl: Number(pnl) }]));
  const worst = losses.reduce<{ date: string; pnl: number } | undefined>(
    (low, each) => (low === undefined || each.pnl < low.pnl ? each : low),
    undefined,
  );
  const largest = Math.max(0, ...exposure.largest.values());
  const answered = log === undefined ? 0 : log.accepted + log.rejected;
  const verdict = (used: number | undefined) =>
    used === undefined ? 'not known' : used > 1 ? `over (${percentText(used, 0)})` : `${percentText(used, 0)} used`;
  const rows: string[][] = [];
  if (limits.dailyLoss !== undefined)
    rows.push([
      'Loss of a session',
      moneyText(limits.dailyLoss, currency),
      worst === undefined ? dash : `${moneyText(String(Math.min(0, worst.pnl)), currency)} (${worst.date})`,
      verdict(worst === undefined ? undefined : Math.max(0, -worst.pnl) / Number(limits.dailyLoss)),
    ]);
  if (limits.drawdown !== undefined)
    rows.push([
      'Drawdown',
      percentText(limits.drawdown, 1),
      percentText(figures.summary.maxDrawdown),
      verdict(figures.summary.maxDrawdown === undefined ? undefined : -figures.summary.maxDrawdown / limits.drawdown),
    ]);
  if (limits.positionQty !== undefined)
    rows.push(['Position, one instrument', limits.positionQty, String(largest), verdict(largest / Number(limits.positionQty))]);
  if (limits.rejectShare !== undefined && answered > 0)
    rows.push([
      'Rejected orders, whole time',
      percentText(limits.rejectShare, 1),
      percentText(log!.rejected / answered),
      verdict(log!.rejected / answered / limits.rejectShare),
    ]);
  return {
    kind: 'table',
    title: 'Limits',
    columns: [{ title: 'Limit' }, { title: 'Set to', isNumber: true }, { title: 'Worst', isNumber: true }, { title: 'Used' }],
    rows,
    whenEmpty: 'No limit is set.',
    note: 'Sessions and drawdown at ends of days; the alarms judge every minute.',
  };
}

function positionTable({ positions }: StrategyReport): Block {
  return {
    kind: 'table',
    title: 'Open positions',
    columns: [
      { title: 'Account' },
      { title: 'Instrument' },
      ...['Quantity', 'Average price', 'Mark', 'Unrealized'].map(title => ({ title, isNumber: true })),
      { title: 'Marked' },
    ],
    rows: positions.map(({ accountId, instrumentId, qty, avgPx, markPx, unrealizedPnl, currency, markedAtMs }) => [
      accountId ?? dash,
      instrumentId,
      qty,
      avgPx ?? dash,
      markPx ?? dash,
      moneyText(unrealizedPnl, currency),
      markedAtMs === undefined ? 'no mark' : moment(markedAtMs),
    ]),
    whenEmpty: 'No open positions.',
  };
}

export function incidentSection({ incidents, log }: StrategyReport): Section {
  const blocks: Block[] = [];
  if (incidents !== undefined)
    blocks.push({
      kind: 'table',
      title: 'Incidents',
      columns: [{ title: 'Opened' }, { title: 'Severity' }, { title: 'Incident' }, { title: 'State' }, { title: 'Lasted', isNumber: true }],
      rows: incidents.map(({ openedAt, severity, title, status, resolvedAt }) => [
        moment(openedAt),
        severity,
        title,
        status,
        resolvedAt === undefined ? dash : durationText(resolvedAt - openedAt),
      ]),
      whenEmpty: 'No incident in these days.',
    });
  if (log !== undefined) {
    blocks.push(
      {
        kind: 'table',
        title: 'Errors by code',
        columns: [{ title: 'Code' }, { title: 'Severity' }, { title: 'Count', isNumber: true }, { title: 'Newest' }, { title: 'Message' }],
        rows: [...log.errors.values()]
          .sort((a, b) => b.count - a.count)
          .slice(0, 20)
          .map(({ code, severity, count, lastMs, message }) => [code, severity, countText(count), moment(lastMs), message.slice(0, 160)]),
        whenEmpty: 'No error was reported.',
      },
      {
        kind: 'table',
        title: 'Silences of the bot',
        columns: [{ title: 'Component' }, { title: 'From' }, { title: 'To' }, { title: 'Lasted', isNumber: true }],
        rows: log.silences
          .slice(0, 50)
          .map(({ component, fromMs, toMs }) => [component, moment(fromMs), moment(toMs), durationText(toMs - fromMs)]),
        whenEmpty:
          log.heartbeats === 0 ? 'No heartbeats: whether it was silent is not known.' : 'It was never silent for longer than its grace.',
      },
      {
        kind: 'table',
        title: 'Control actions',
        columns: [{ title: 'At' }, { title: 'Action' }, { title: 'By' }, { title: 'Reason' }],
        rows: log.controls.slice(0, 50).map(({ atMs, action, actor, reason }) => [moment(atMs), action, actor, reason]),
        whenEmpty: 'Nobody halted, deployed or changed limits.',
      },
    );
  }
  if (incidents === undefined)
    blocks.push({
      kind: 'text',
      text: 'Incidents are known to a running stack only; from events alone: errors, silences and control actions.',
    });
  return { title: 'Incidents', blocks };
}

export function qualitySection({ quality, log, figures }: StrategyReport): Section {
  const rows: (readonly [string, string])[] = [
    ['Events accepted, since the start', countText(quality.accepted)],
    ['Late (over five minutes)', countText(quality.late)],
    ['Duplicates, counted once', countText(quality.duplicates)],
    ['Conflicting duplicates', countText(quality.conflicting)],
    ['Numbered events that never came', countText(quality.missingEvents)],
    ...(log === undefined
      ? []
      : [
          ['Market data messages', countText(log.marketMessages)] as const,
          ['Gaps in market data', countText(log.marketGaps)] as const,
          ['Heartbeats', countText(log.heartbeats)] as const,
        ]),
    ['Complete', quality.incomplete.length === 0 ? 'yes' : `no: ${quality.incomplete.join(', ')}`],
    ['Daily returns behind the ratios (n)', countText(figures.summary.n)],
  ];
  return {
    title: 'Data quality',
    blocks: [{ kind: 'table', columns: [{ title: 'Figure' }, { title: 'Value', isNumber: true }], rows, whenEmpty: '' }],
  };
}
