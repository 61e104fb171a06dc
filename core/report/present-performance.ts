/** Returns of a tear sheet: curves, calendar, ratios with their N, drawdowns, round trips. */
import { underWater } from '../performance/drawdown-list.ts';
import { deviationOf, meanOf, varies } from '../performance/moments.ts';
import { distributions } from './distribution.ts';
import type { Block, LinePoint, Section } from './document.ts';
import { countText, dash, durationText, moneyText, percentText, ratioText } from './figures.ts';
import type { DrawdownRow, PeriodRow, ReturnFigures, StrategyReport } from './strategy-report.ts';

/** Below it annualised ratios say nothing: they are left out, and the table says so. */
const minimumDays = 20;

const atOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);

export function performanceSections(report: StrategyReport): Section[] {
  return [
    { title: 'Returns', blocks: [...curves(report), ...calendarBlocks(report)] },
    { title: 'Ratios', blocks: ratioBlocks(report) },
    { title: 'Drawdowns', blocks: drawdownBlocks(report) },
    { title: 'Round trips', blocks: tripBlocks(report) },
  ];
}

function curves({ days, months, currency, benchmark, rolling, money, drawdowns }: StrategyReport): Block[] {
  const known = days.filter(day => day.equity !== undefined && day.return !== undefined);
  if (known.length === 0)
    return [
      {
        kind: 'text',
        text: 'No returns: the capital is not known, or a conversion rate is missing. Profit in money is below.',
        tone: 'warn',
      },
      ...profitBars(days),
    ];
  const before = atOf(known[0]!.date) - 86_400_000;
  const equity: LinePoint[] = [
    ...(money.equityStart === undefined ? [] : [{ at: before, value: Number(money.equityStart) }]),
    ...known.map(({ date, equity: value }) => ({ at: atOf(date), value: value! })),
  ];
  const growth = cumulated(known.map(day => day.return!));
  const other = cumulated(known.map(day => day.benchmark ?? 0));
  const line = (values: readonly number[]): LinePoint[] =>
    values.map((value, at) => ({ at: at === 0 ? before : atOf(known[at - 1]!.date), value }));
  const returns = known.map(day => ({ date: day.date, return: day.return! }));
  const blocks: Block[] = [
    { kind: 'lines', title: `Equity (${currency ?? 'money'}, end of day)`, format: 'money', series: [{ label: 'equity', points: equity }] },
    {
      kind: 'lines',
      title: 'Under water (% below the highest equity)',
      format: 'percent',
      filled: true,
      series: [{ label: 'drawdown', points: line(underWater(growth)) }],
    },
  ];
  const market = benchmark === undefined ? [] : [{ label: benchmark.name, points: line(other) }];
  if (known.length >= minimumDays && [...growth, ...other].every(value => value > 0))
    blocks.push({
      kind: 'lines',
      title: `Growth of 1 (log scale${shadedText(Math.min(SHADED, drawdowns.length))})`,
      format: 'growth',
      isLog: true,
      bands: drawdowns.slice(0, SHADED).map(drawdownBand(known.at(-1)!.date)),
      series: [{ label: 'strategy', points: line(growth) }, ...market],
    });
  if (benchmark !== undefined) {
    const gains = (values: readonly number[]) => line(values.map(value => value - 1));
    const matched = volatilityMatched(known);
    blocks.push({
      kind: 'lines',
      title: `Cumulative return against ${benchmark.name} (%)`,
      format: 'percent',
      series: [
        { label: 'strategy', points: gains(growth) },
        { label: benchmark.name, points: gains(other) },
      ],
    });
    if (matched !== undefined)
      blocks.push({
        kind: 'lines',
        title: `The same, the strategy’s returns × ${ratioText(matched.factor)} so that both have the volatility of ${benchmark.name} (%)`,
        format: 'percent',
        series: [
          { label: 'strategy, scaled', points: gains(cumulated(matched.returns)) },
          { label: benchmark.name, points: gains(other) },
        ],
      });
  }
  if (known.length >= 2) {
    blocks.push({
      kind: 'bars',
      title: 'Daily returns (%)',
      labels: returns.map(day => day.date),
      series: [{ label: 'return', values: returns.map(day => day.return) }],
    });
    if (benchmark !== undefined)
      blocks.push({
        kind: 'bars',
        title: `Daily returns less those of ${benchmark.name} (%)`,
        labels: known.map(day => day.date),
        series: [
          { label: 'difference', values: known.map(day => (day.benchmark === undefined ? undefined : day.return! - day.benchmark)) },
        ],
      });
    blocks.push(
      histogramOf(
        'Daily returns',
        returns.map(day => day.return),
      ),
    );
  }
  if (months.length >= 6)
    blocks.push(
      histogramOf(
        'Monthly returns',
        months.map(month => month.return),
      ),
    );
  const boxes = distributions(returns);
  if (boxes.length >= 2) blocks.push({ kind: 'boxes', title: 'Returns by length of period (%: ends, quartiles, median)', boxes });
  if (rolling.points.length > 0) {
    const of = (pick: (point: StrategyReport['rolling']['points'][number]) => number | undefined) =>
      rolling.points.flatMap(point => {
        const value = pick(point);
        return value === undefined ? [] : [{ at: atOf(point.date), value }];
      });
    blocks.push(
      {
        kind: 'lines',
        title: `Rolling Sharpe (${rolling.days} days, annualised)`,
        format: 'ratio',
        minor: true,
        series: [{ label: 'Sharpe', points: of(point => point.sharpe) }],
      },
      {
        kind: 'lines',
        title: `Rolling Sortino (${rolling.days} days, annualised)`,
        format: 'ratio',
        minor: true,
        series: [{ label: 'Sortino', points: of(point => point.sortino) }],
      },
      {
        kind: 'lines',
        title: `Rolling volatility (${rolling.days} days, % a year)`,
        format: 'percent',
        minor: true,
        series: [
          { label: 'strategy', points: of(point => point.volatility) },
          ...(benchmark === undefined ? [] : [{ label: benchmark.name, points: of(point => point.benchmarkVolatility) }]),
        ],
      },
    );
    if (benchmark !== undefined)
      blocks.push(
        {
          kind: 'lines',
          title: `Rolling beta to ${benchmark.name} (${rolling.days} days)`,
          format: 'ratio',
          minor: true,
          series: [{ label: 'beta', points: of(point => point.beta) }],
        },
        {
          kind: 'lines',
          title: `Rolling alpha to ${benchmark.name} (${rolling.days} days, % a year)`,
          format: 'percent',
          minor: true,
          series: [{ label: 'alpha', points: of(point => point.alpha) }],
        },
      );
  }
  return blocks;
}

const SHADED = 5;

const shadedText = (count: number): string =>
  count === 0 ? '' : count === 1 ? '; shaded: the only drawdown' : `; shaded: the ${count} deepest drawdowns`;

/** From the peak to the recovery, or to the end while it lasts. */
const drawdownBand =
  (lastDate: string) =>
  ({ peak, recovered, depth }: DrawdownRow) => ({
    fromMs: peak.startsWith('before ') ? atOf(peak.slice('before '.length)) - 86_400_000 : atOf(peak),
    toMs: atOf(recovered ?? lastDate),
    label: `drawdown of ${percentText(-depth)} from ${peak} to ${recovered ?? 'the end'}`,
  });

const histogramOf = (name: string, values: readonly number[]): Block => {
  const [mean, deviation] = [meanOf(values), deviationOf(values)];
  const fit = mean === undefined || deviation === undefined || !varies(values) ? undefined : { mean, deviation };
  return { kind: 'histogram', title: `${name} (%, n ${values.length})`, format: 'percent', values, ...(fit === undefined ? {} : { fit }) };
};

/** The strategy's returns in the volatility of the benchmark, over the days on which both have one; undefined where either does not vary. */
function volatilityMatched(days: StrategyReport['days']): { readonly factor: number; readonly returns: readonly number[] } | undefined {
  const both = days.filter(day => day.benchmark !== undefined);
  const [own, market] = [both.map(day => day.return!), both.map(day => day.benchmark!)];
  if (!varies(own) || !varies(market)) return undefined;
  const factor = deviationOf(market)! / deviationOf(own)!;
  return { factor, returns: days.map(day => (day.return ?? 0) * factor) };
}

const cumulated = (returns: readonly number[]): number[] => {
  const values = [1];
  for (const value of returns) values.push(values.at(-1)! * (1 + value));
  return values;
};

const profitBars = (days: StrategyReport['days']): Block[] => [
  {
    kind: 'calendar',
    title: 'Profit by day',
    days: days.flatMap(({ date, pnl }) => (pnl === undefined ? [] : [{ date, value: Number(pnl), text: moneyText(pnl) }])),
  },
];

/** Of a day or a week, a month and a year would be that day or week under the name of the whole. */
const hasMonths = ({ window }: StrategyReport): boolean => window.period !== 'day' && window.period !== 'week';

function calendarBlocks(report: StrategyReport): Block[] {
  const { days, trailing, benchmark, currency } = report;
  const [months, years] = hasMonths(report) ? [report.months, report.years] : [[], []];
  const cells = days.flatMap(({ date, pnl, return: value }) => {
    const size = value ?? (pnl === undefined ? undefined : Number(pnl));
    return size === undefined
      ? []
      : [{ date, value: size, text: `${moneyText(pnl, currency)}${value === undefined ? '' : `, ${percentText(value)}`}` }];
  });
  const against = benchmark !== undefined;
  const columns = [
    { title: 'Period' },
    ...['Return', 'Days', ...(against ? [benchmark.name, 'Difference'] : [])].map(title => ({ title, isNumber: true })),
  ];
  const row = (period: PeriodRow) => [
    period.period,
    percentText(period.return),
    countText(period.days),
    ...(against
      ? [percentText(period.benchmark), percentText(period.benchmark === undefined ? undefined : period.return - period.benchmark)]
      : []),
  ];
  return [
    { kind: 'calendar', title: 'Days (colour: return)', days: cells },
    ...(months.length === 0
      ? []
      : [{ kind: 'months' as const, title: 'Months (return)', months: months.map(({ period, return: value }) => ({ period, value })) }]),
    ...(years.length < 2
      ? []
      : [
          {
            kind: 'bars' as const,
            title: against ? `Returns of years against ${benchmark.name} (%)` : 'Returns of years (%)',
            labels: years.map(({ period }) => period),
            series: [
              { label: 'strategy', values: years.map(year => year.return) },
              ...(against ? [{ label: benchmark.name, values: years.map(year => year.benchmark) }] : []),
            ],
          },
        ]),
    ...(years.length < 2 && !against
      ? []
      : [{ kind: 'table' as const, title: 'Years', columns, rows: years.map(row), whenEmpty: 'No returns.' }]),
    {
      kind: 'table',
      title: 'Up to the end of these days',
      columns,
      rows: trailing.map(row),
      whenEmpty: 'No returns: the capital is not known.',
    },
  ];
}

interface Line {
  readonly label: string;
  readonly of: (figures: ReturnFigures) => string;
  /** Needs enough days to mean something. */
  readonly isAnnual?: true;
}

const lines: readonly Line[] = [
  { label: 'Days (n)', of: ({ summary }) => countText(summary.n) },
  { label: 'Total return', of: ({ summary }) => percentText(summary.totalReturn) },
  { label: 'CAGR', isAnnual: true, of: ({ summary }) => percentText(summary.cagr) },
  { label: 'Volatility, a year', isAnnual: true, of: ({ summary }) => percentText(summary.volatility) },
  { label: 'Sharpe', isAnnual: true, of: ({ summary }) => ratioText(summary.sharpe) },
  {
    label: 'Sharpe, less serial correlation',
    isAnnual: true,
    of: ({ summary, shape }) => ratioText(over(summary.sharpe, shape.serialPenalty)),
  },
  {
    label: 'Probability that the Sharpe ratio is above 0',
    isAnnual: true,
    of: ({ summary }) => percentText(summary.probabilisticSharpe, 1),
  },
  { label: 'Days needed for 95 % certainty of that', isAnnual: true, of: ({ summary }) => countText(summary.minimumTrackRecord) },
  { label: 'Sortino', isAnnual: true, of: ({ summary }) => ratioText(summary.sortino) },
  { label: 'Sortino ÷ √2', isAnnual: true, of: ({ summary }) => ratioText(over(summary.sortino, Math.SQRT2)) },
  {
    label: 'Sortino, less serial correlation',
    isAnnual: true,
    of: ({ summary, shape }) => ratioText(over(summary.sortino, shape.serialPenalty)),
  },
  { label: 'Omega', isAnnual: true, of: ({ summary }) => ratioText(summary.omega) },
  { label: 'Calmar', isAnnual: true, of: ({ summary }) => ratioText(summary.calmar) },
  { label: 'Max drawdown', of: ({ summary }) => percentText(summary.maxDrawdown) },
  { label: 'Drawdown at the end', of: ({ summary }) => percentText(summary.currentDrawdown) },
  { label: 'Days under water at the end', of: ({ summary }) => countText(summary.timeUnderWater) },
  { label: 'Longest recovery, days', of: ({ summary }) => countText(summary.longestRecovery) },
  { label: 'Ulcer index', of: ({ summary }) => percentText(summary.ulcerIndex) },
  { label: 'Serenity index', isAnnual: true, of: ({ shape }) => ratioText(shape.serenityIndex) },
  { label: 'Recovery factor', of: ({ shape }) => ratioText(shape.recoveryFactor) },
  { label: 'Stability (R² of log equity)', isAnnual: true, of: ({ summary }) => ratioText(summary.stability) },
  { label: 'Skewness', isAnnual: true, of: ({ summary }) => ratioText(summary.skewness) },
  { label: 'Excess kurtosis', isAnnual: true, of: ({ summary }) => ratioText(summary.excessKurtosis) },
  { label: 'Autocorrelation, one day', isAnnual: true, of: ({ shape }) => ratioText(shape.autocorrelation) },
  { label: 'Expected day (geometric)', of: ({ shape }) => percentText(shape.expectedReturn, 3) },
  { label: 'Best day', of: ({ shape }) => percentText(shape.best) },
  { label: 'Worst day', of: ({ shape }) => percentText(shape.worst) },
  { label: 'Days won', of: ({ shape }) => percentText(shape.winRate, 1) },
  { label: 'Average winning day', of: ({ shape }) => percentText(shape.averageWin) },
  { label: 'Average losing day', of: ({ shape }) => percentText(shape.averageLoss) },
  { label: 'Payoff ratio of days', of: ({ shape }) => ratioText(shape.payoffRatio) },
  { label: 'Profit factor of days', of: ({ shape }) => ratioText(shape.profitFactor) },
  { label: 'Gain to pain', of: ({ shape }) => ratioText(shape.gainToPain) },
  { label: 'Tail ratio (95th to 5th percentile)', isAnnual: true, of: ({ summary }) => ratioText(summary.tailRatio) },
  { label: 'Common sense ratio', isAnnual: true, of: ({ shape }) => ratioText(shape.commonSenseRatio) },
  { label: 'CPC index', isAnnual: true, of: ({ shape }) => ratioText(shape.cpcIndex) },
  { label: 'Outlier win ratio', isAnnual: true, of: ({ shape }) => ratioText(shape.outlierWinRatio) },
  { label: 'Outlier loss ratio', isAnnual: true, of: ({ shape }) => ratioText(shape.outlierLossRatio) },
  { label: 'Longest run of winning days', of: ({ shape }) => countText(shape.longestWinStreak) },
  { label: 'Longest run of losing days', of: ({ shape }) => countText(shape.longestLossStreak) },
  { label: 'Kelly share', isAnnual: true, of: ({ shape }) => percentText(shape.kelly, 1) },
  { label: 'Risk of ruin', isAnnual: true, of: ({ shape }) => percentText(shape.riskOfRuin, 2) },
];

const over = (value: number | undefined, by: number | undefined) => (value === undefined || by === undefined ? undefined : value / by);

function ratioBlocks(report: StrategyReport): Block[] {
  const { figures, sinceStart, benchmark, calendar, months, years } = report;
  const isWhole = sinceStart.summary.n === figures.summary.n;
  const columns = [
    { name: 'These days', figures },
    ...(isWhole ? [] : [{ name: 'Since the start', figures: sinceStart }]),
    ...(benchmark === undefined ? [] : [{ name: benchmark.name, figures: benchmark.figures }]),
  ];
  const cell = (line: Line, of: ReturnFigures) => (line.isAnnual === true && of.summary.n < minimumDays ? dash : line.of(of));
  const blocks: Block[] = [
    {
      kind: 'table',
      columns: [
        { title: 'Daily returns' },
        ...columns.map(({ name, figures: own }) => ({ title: `${name} (n ${own.summary.n})`, isNumber: true })),
      ],
      rows: lines.map(line => [line.label, ...columns.map(column => cell(line, column.figures))]),
      whenEmpty: 'No returns.',
      note: `Annualised × ${figures.summary.annualization}, risk-free ${percentText(figures.summary.riskFree)} a year, trading days of the calendar ${calendar}. Ratios of fewer than ${minimumDays} days say nothing and are left out.`,
    },
  ];
  if (hasMonths(report) && (months.length > 1 || years.length > 1)) blocks.push(periodTable(months, years));
  if (benchmark !== undefined) {
    const short = benchmark.n < minimumDays;
    const ratio = (value: number | undefined) => (short ? dash : ratioText(value));
    const share = (value: number | undefined) => (short ? dash : percentText(value));
    blocks.push({
      kind: 'table',
      title: `Against ${benchmark.name}`,
      columns: [{ title: 'Figure' }, { title: `n ${benchmark.n} days`, isNumber: true }],
      rows: [
        ['Return of the benchmark', percentText(benchmark.totalReturn)],
        ['Beta', ratio(benchmark.beta)],
        ['Alpha, a year', share(benchmark.alpha)],
        ['Correlation', ratio(benchmark.correlation)],
        ['R²', ratio(benchmark.correlation === undefined ? undefined : benchmark.correlation ** 2)],
        ['Treynor', ratio(benchmark.treynor)],
        ['Information ratio', ratio(benchmark.informationRatio)],
        ['Tracking error, a year', share(benchmark.trackingError)],
        ['Up capture', ratio(benchmark.upCapture)],
        ['Down capture', ratio(benchmark.downCapture)],
      ],
      whenEmpty: '',
    });
  }
  return blocks;
}

function periodTable(months: readonly PeriodRow[], years: readonly PeriodRow[]): Block {
  const quarters = grouped(months, ({ period }) => `${period.slice(0, 4)}-${Math.ceil(Number(period.slice(5, 7)) / 3)}`);
  const row = (label: string, values: readonly number[]) => {
    const wins = values.filter(value => value > 0);
    const losses = values.filter(value => value < 0);
    const mean = (list: readonly number[]) => (list.length === 0 ? undefined : list.reduce((a, b) => a + b, 0) / list.length);
    const growth = values.reduce((a, b) => a * (1 + b), 1);
    return [
      label,
      countText(values.length),
      percentText(values.length === 0 ? undefined : Math.max(...values)),
      percentText(values.length === 0 ? undefined : Math.min(...values)),
      percentText(wins.length + losses.length === 0 ? undefined : wins.length / (wins.length + losses.length), 1),
      percentText(mean(wins)),
      percentText(mean(losses)),
      percentText(growth > 0 && values.length > 0 ? growth ** (1 / values.length) - 1 : undefined),
    ];
  };
  return {
    kind: 'table',
    title: 'By longer periods',
    columns: [
      { title: 'Periods' },
      ...['n', 'Best', 'Worst', 'Won', 'Average win', 'Average loss', 'Expected'].map(title => ({ title, isNumber: true })),
    ],
    rows: [
      row(
        'Months',
        months.map(({ return: value }) => value),
      ),
      row('Quarters', quarters),
      row(
        'Years',
        years.map(({ return: value }) => value),
      ),
    ],
    whenEmpty: '',
    note: 'Unfinished months, quarters and years count as they stand.',
  };
}

function grouped(rows: readonly PeriodRow[], keyOf: (row: PeriodRow) => string): number[] {
  const groups = new Map<string, number>();
  for (const row of rows) groups.set(keyOf(row), (groups.get(keyOf(row)) ?? 1) * (1 + row.return));
  return [...groups.values()].map(growth => growth - 1);
}

function drawdownBlocks({ drawdowns, figures }: StrategyReport): Block[] {
  const mean = drawdowns.length === 0 ? undefined : drawdowns.reduce((sum, { depth }) => sum + depth, 0) / drawdowns.length;
  const days = drawdowns.length === 0 ? undefined : drawdowns.reduce((sum, each) => sum + each.days, 0) / drawdowns.length;
  return [
    {
      kind: 'table',
      columns: [
        { title: 'Peak' },
        { title: 'Trough' },
        { title: 'Recovered' },
        { title: 'Depth', isNumber: true },
        { title: 'Trading days', isNumber: true },
      ],
      rows: drawdowns.map(({ peak, trough, recovered, depth, days: length }) => [
        peak,
        trough,
        recovered ?? 'not yet',
        percentText(depth),
        countText(length),
      ]),
      whenEmpty: figures.summary.n === 0 ? 'No returns.' : 'Equity closed at a new high on every day.',
      ...(mean === undefined
        ? {}
        : { note: `The ${drawdowns.length} deepest, at ends of days. On average ${percentText(mean)} and ${ratioText(days, 1)} days.` }),
    },
  ];
}

function tripBlocks({ trades, currency }: StrategyReport): Block[] {
  if (trades.n === 0) return [{ kind: 'text', text: `No round trip ended in these days (${countText(trades.fills)} fills).` }];
  const money = (value: number | undefined) => (value === undefined ? dash : moneyText(String(value), currency));
  const rows: (readonly [string, string])[] = [
    ['Round trips, flat to flat (n)', countText(trades.n)],
    ['Won, lost, breakeven', `${trades.wins}, ${trades.losses}, ${trades.breakeven}`],
    ['Win rate', percentText(trades.winRate, 1)],
    ['Profit factor', ratioText(trades.profitFactor)],
    ['Expectancy, a round trip', money(trades.expectancy)],
    ['Expectancy in average losses', ratioText(trades.expectancyRatio)],
    ['Average win', money(trades.averageWin)],
    ['Average loss', money(trades.averageLoss === undefined ? undefined : -trades.averageLoss)],
    ['Payoff ratio', ratioText(trades.payoffRatio)],
    ['Largest win', money(largest(trades.profits, 1))],
    ['Largest loss', money(largest(trades.profits, -1))],
    ['System quality number', ratioText(trades.systemQuality)],
    ['Longest run of wins, of losses', `${trades.longestWinStreak}, ${trades.longestLossStreak}`],
    ['Held, median', durationText(trades.medianHoldMs)],
    ['Fills', countText(trades.fills)],
    ...(trades.unresolved > 0 ? [['Without a conversion rate, left out', countText(trades.unresolved)] as const] : []),
  ];
  return [
    { kind: 'table', columns: [{ title: 'Net of fees and funding' }, { title: 'Value', isNumber: true }], rows, whenEmpty: '' },
    ...(trades.profits.length < 2
      ? []
      : [
          {
            kind: 'histogram' as const,
            title: `Net of a round trip (${currency ?? 'money'}, n ${trades.profits.length})`,
            format: 'money' as const,
            values: trades.profits,
          },
        ]),
    ...(trades.byInstrument.length < 2
      ? []
      : [
          {
            kind: 'table' as const,
            title: 'By instrument',
            columns: [{ title: 'Instrument' }, ...['Round trips', 'Fills', 'Net'].map(title => ({ title, isNumber: true }))],
            rows: trades.byInstrument.map(({ instrumentId, trips, fills, net }) => [
              instrumentId,
              countText(trips),
              countText(fills),
              moneyText(net, currency),
            ]),
            whenEmpty: '',
          },
        ]),
  ];
}

function largest(values: readonly number[], sign: 1 | -1): number | undefined {
  const own = values.filter(value => value * sign > 0);
  return own.length === 0 ? undefined : own.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
}
