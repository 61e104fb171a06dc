/** The figures of strategies, arranged as a tear sheet: what it made, what it risked, how it traded, what went wrong, what to trust. */
import { add, formatDecimal, negate, parseDecimal, zero } from '../money/decimal.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import type { Block, Card, ReportDocument, Section, Tone } from './document.ts';
import { countText, dash, moneyText, percentText, ratioText } from './figures.ts';
import { executionSection } from './present-execution.ts';
import { performanceSections } from './present-performance.ts';
import { incidentSection, qualitySection, riskSection } from './present-risk.ts';
import type { InstrumentRow, StrategyReport } from './strategy-report.ts';
import { type ReportWindow, windowText } from './window.ts';

/** What was read, where a file of events was. */
export interface ReadLines {
  readonly lines: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicting: number;
  readonly late: number;
  readonly logs: number;
  readonly blank: number;
  readonly rejected: readonly { readonly line: number; readonly code: string; readonly message: string }[];
}

export interface PresentInput {
  readonly source: string;
  readonly window: ReportWindow;
  readonly madeAtMs: EpochMs;
  readonly strategies: readonly StrategyReport[];
  readonly lines?: ReadLines;
}

export function presentReport({ source, window, madeAtMs, strategies, lines }: PresentInput): ReportDocument {
  const first = strategies.flatMap(({ from }) => from ?? []).sort()[0];
  const days =
    window.period === 'all' ? windowText(window, first === undefined ? undefined : Date.parse(first) / 86_400_000) : windowText(window);
  const isOne = strategies.length === 1;
  return {
    title: isOne ? strategies[0]!.strategyId : `${strategies.length} strategies`,
    subtitle: `${days} · from ${source} · made ${isoFromMs(madeAtMs).slice(0, 16).replace('T', ' ')} UTC`,
    warnings: strategies.flatMap(report => warningsOf(report, isOne ? '' : `${report.strategyId}: `)),
    sections: [
      ...(isOne ? [] : [overview(strategies)]),
      ...strategies.flatMap(report => strategySections(report, isOne ? '' : `${report.strategyId}: `)),
      ...(lines === undefined ? [] : [linesSection(lines)]),
    ],
  };
}

const incompleteWords: Readonly<Record<StrategyReport['quality']['incomplete'][number], string>> = {
  sequenceGap: 'events are missing (gaps in the numbering of a source)',
  missingRate: 'a conversion rate is missing, so some money cannot be told',
  needsRebuild: 'a change came for something no longer kept: rebuild from the journal',
  unreconciledPosition: 'the venue sees another position than the executions say',
};

function warningsOf({ quality }: StrategyReport, prefix: string): string[] {
  return [
    ...quality.incomplete.map(reason => `${prefix}The numbers are incomplete: ${incompleteWords[reason]}.`),
    ...(quality.isCut ? [`${prefix}Round trips, fees and exposure are of the newest executions only: older ones are no longer kept.`] : []),
  ];
}

function overview(strategies: readonly StrategyReport[]): Section {
  const totals = new Map<string, number>();
  for (const { currency, money } of strategies)
    if (currency !== undefined && money.pnl !== undefined) totals.set(currency, (totals.get(currency) ?? 0) + Number(money.pnl));
  return {
    title: 'Overview',
    blocks: [
      { kind: 'cards', cards: [...totals].map(([currency, sum]) => moneyCard('P&L', String(Number(sum.toFixed(8))), currency)) },
      {
        kind: 'table',
        columns: [
          { title: 'Strategy' },
          ...['P&L', 'Return', 'Sharpe (n)', 'Max drawdown', 'Round trips', 'Win rate', 'Fees'].map(title => ({ title, isNumber: true })),
        ],
        rows: strategies.map(({ strategyId, currency, money, figures, trades }) => [
          strategyId,
          moneyText(money.pnl, currency),
          percentText(figures.summary.totalReturn),
          `${ratioText(figures.summary.sharpe)} (${figures.summary.n})`,
          percentText(figures.summary.maxDrawdown),
          countText(trades.n),
          percentText(trades.winRate, 1),
          moneyText(money.fees, currency),
        ]),
        whenEmpty: 'No strategy reported anything in these days.',
      },
    ],
  };
}

function strategySections(report: StrategyReport, prefix: string): Section[] {
  if (report.days.length === 0 && report.trades.fills === 0)
    return [{ title: `${prefix}Summary`, blocks: [{ kind: 'text', text: 'Nothing was reported in these days.' }] }];
  const sections = [
    { title: 'Summary', blocks: summaryBlocks(report) },
    ...performanceSections(report),
    riskSection(report),
    executionSection(report),
    incidentSection(report),
    qualitySection(report),
  ];
  return sections.map(({ title, blocks }) => ({ title: `${prefix}${title}`, blocks }));
}

export const toneOf = (value: number | undefined): Tone => (value === undefined || value === 0 ? 'plain' : value > 0 ? 'good' : 'bad');

function moneyCard(label: string, amount: string | undefined, currency: string | undefined, note?: string): Card {
  return {
    label,
    value: moneyText(amount, currency),
    tone: toneOf(amount === undefined ? undefined : Number(amount)),
    ...(note === undefined ? {} : { note }),
  };
}

/** A day alone has no ratio: then those of the whole history stand here, and say so. */
function summaryBlocks(report: StrategyReport): Block[] {
  const { money, currency, figures, sinceStart, trades, limits } = report;
  const isLong = figures.summary.n >= 20;
  const basis = isLong ? figures.summary : sinceStart.summary;
  const over = isLong ? `n ${basis.n} days` : `since the start, n ${basis.n} days`;
  const drawdown = sinceStart.summary.currentDrawdown;
  return [
    {
      kind: 'cards',
      cards: [
        moneyCard('P&L', money.pnl, currency, `realized net ${moneyText(money.net)}`),
        {
          label: 'Return',
          value: percentText(figures.summary.totalReturn),
          tone: toneOf(figures.summary.totalReturn),
          note: `n ${figures.summary.n} days`,
        },
        { label: 'Equity', value: moneyText(money.equityEnd, currency), note: `from ${moneyText(money.equityStart)}` },
        {
          label: 'Sharpe',
          value: basis.n < 20 ? dash : ratioText(basis.sharpe),
          note: basis.n < 20 ? `${over}; needs 20` : over,
        },
        {
          label: 'Drawdown now',
          value: percentText(drawdown),
          tone: drawdown !== undefined && limits.drawdown !== undefined && -drawdown > limits.drawdown ? 'bad' : 'plain',
          note: limits.drawdown === undefined ? 'no limit' : `limit ${percentText(limits.drawdown, 1)}`,
        },
        { label: 'Max drawdown', value: percentText(figures.summary.maxDrawdown), note: 'in these days' },
        {
          label: 'Win rate',
          value: percentText(trades.winRate, 1),
          note: `${trades.wins} won, ${trades.losses} lost of ${trades.n}`,
        },
        {
          label: 'Fees',
          value: moneyText(money.fees, currency),
          note: `gross ${moneyText(money.gross)}, funding ${moneyText(money.funding)}`,
        },
      ],
    },
    ...instrumentTable(report),
  ];
}

/** Of many instruments those that made or lost most stand by name. */
const NAMED = 30;

/** How the realized result comes about: each instrument's share, and the whole. */
function instrumentTable({ byInstrument, money, currency }: StrategyReport): Block[] {
  if (byInstrument === undefined || byInstrument.length === 0) return [];
  const others = byInstrument.slice(NAMED);
  const cells = ({ gross, fees, funding, net }: Omit<InstrumentRow, 'instrumentId'>) =>
    [gross, negated(fees), funding, net].map(text => moneyText(text));
  const sum = (kind: 'gross' | 'fees' | 'funding' | 'net') =>
    formatDecimal(others.reduce((total, row) => add(total, parseDecimal(row[kind])), zero));
  const { gross = '0', fees = '0', funding = '0', net = '0' } = money;
  return [
    {
      kind: 'table',
      title: `Realized P&L by instrument (${currency ?? 'money'})`,
      columns: [{ title: 'Instrument' }, ...['Gross', 'Fees', 'Funding', 'Net'].map(title => ({ title, isNumber: true }))],
      rows: [
        ...byInstrument.slice(0, NAMED).map(row => [row.instrumentId ?? 'account, no instrument', ...cells(row)]),
        ...(others.length === 0
          ? []
          : [[`${others.length} more`, ...cells({ gross: sum('gross'), fees: sum('fees'), funding: sum('funding'), net: sum('net') })]]),
        ['All', ...cells({ gross, fees, funding, net })],
      ],
      whenEmpty: '',
      note: 'A fee paid is negative: net is the sum of gross, fees and funding; the rows add up to the whole to the last digit. What is unrealized is not in it.',
    },
  ];
}

const negated = (amount: string): string => formatDecimal(negate(parseDecimal(amount)));

function linesSection({ lines, accepted, duplicates, conflicting, late, logs, blank, rejected }: ReadLines): Section {
  const codes = new Map<string, number>();
  for (const { code } of rejected) codes.set(code, (codes.get(code) ?? 0) + 1);
  return {
    title: 'What was read',
    blocks: [
      {
        kind: 'table',
        columns: ['Lines', 'Accepted', 'Late', 'Duplicates', 'Conflicting', 'Rejected', 'Logs', 'Blank'].map(title => ({
          title,
          isNumber: true,
        })),
        rows: [[lines, accepted, late, duplicates, conflicting, rejected.length, logs, blank].map(countText)],
        whenEmpty: '',
      },
      ...(rejected.length === 0
        ? []
        : [
            {
              kind: 'table' as const,
              title: 'Rejected lines',
              columns: [{ title: 'Code' }, { title: 'Lines', isNumber: true }, { title: 'First' }],
              rows: [...codes].map(([code, count]) => {
                const found = rejected.find(each => each.code === code)!;
                return [code, countText(count), `line ${found.line}: ${found.message}`];
              }),
              whenEmpty: '',
            },
          ]),
    ],
  };
}
