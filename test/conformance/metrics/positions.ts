import type { ExecutionEvent } from '../../../core/events/types.ts';
import {
  applyTrade,
  averagePrice,
  type Contract,
  type CostMethod,
  flatPosition,
  type Position,
  refine,
  unrealizedAt,
} from '../../../core/ledger/book.ts';
import { foldBatch } from '../../../core/ledger/fold.ts';
import { settingsFor } from '../../../core/ledger/settings.ts';
import { emptyState, type StrategyState, wholeRetention } from '../../../core/ledger/state.ts';
import { add, type Decimal, negate, parseDecimal, subtract, toApproximate, unitsAt, zero } from '../../../core/money/decimal.ts';
import { choiceOf, datasetOf, flagOf, type Metric, type MetricInput, numberOf, recordsOf, textOf } from './input.ts';

const methods: Readonly<Record<string, CostMethod>> = { avg: 'average', average: 'average', any: 'average', fifo: 'fifo', lifo: 'lifo' };

function methodOf(each: MetricInput): CostMethod {
  return methods[choiceOf(each, 'method', Object.keys(methods), 'avg')]!;
}

interface Replay {
  readonly position: Position;
  readonly contract: Contract;
  readonly fees: Decimal;
  /** Realized profit before fees of each fill that closed something. */
  readonly byClosingFill: readonly Decimal[];
  /** Realized profit before fees from flat to flat. */
  readonly roundTrips: readonly Decimal[];
}

function replay(each: MetricInput): Replay {
  const contract: Contract = { multiplier: parseDecimal(textOf(each, 'multiplier', '1')), inverse: flagOf(each, 'inverse', false) };
  const position = flatPosition();
  const byClosingFill: Decimal[] = [];
  const roundTrips: Decimal[] = [];
  let fees: Decimal = zero;
  let tripStart: Decimal = zero;
  for (const fill of recordsOf(each, 'fills')) {
    const size = parseDecimal(String(fill['qty'] ?? fill['quantity']));
    const quantity = fill['side'] === 'sell' ? negate(size) : size;
    const price = parseDecimal(String(fill['price'] ?? fill['px']));
    refine(position, quantity.scale, price.scale, contract.multiplier.scale);
    const before = realizedOf(position);
    const held = position.quantity;
    const closed = applyTrade(
      position,
      contract,
      methodOf(each),
      unitsAt(quantity, position.quantityScale),
      unitsAt(price, position.priceScale),
    );
    fees = add(fees, parseDecimal(String(fill['fee'] ?? '0')));
    if (closed === 0n) continue;
    byClosingFill.push(subtract(realizedOf(position), before));
    if (position.quantity !== 0n && held < 0n === position.quantity < 0n) continue;
    roundTrips.push(subtract(realizedOf(position), tripStart));
    tripStart = realizedOf(position);
  }
  return { position, contract, fees, byClosingFill, roundTrips };
}

function realizedOf(position: Position): Decimal {
  return { units: position.realized, scale: position.moneyScale };
}

function positionPnl(each: MetricInput): unknown {
  const { position, contract, fees } = replay(each);
  const average = averagePrice(position, contract);
  const mark = each.input['mark'];
  return {
    position: toApproximate({ units: position.quantity, scale: position.quantityScale }),
    avg_px: average === undefined ? undefined : toApproximate(average),
    realized_gross: toApproximate(realizedOf(position)),
    realized_net: toApproximate(subtract(realizedOf(position), fees)),
    fees: toApproximate(fees),
    unrealized: mark === undefined ? undefined : toApproximate(unrealizedAt(position, contract, parseDecimal(String(mark)))),
  };
}

interface Trade {
  readonly id: string;
  readonly ref?: string;
  readonly type: ExecutionEvent['execType'];
  readonly at: bigint;
  readonly seq?: number;
  readonly side: 'buy' | 'sell';
  readonly quantity: string;
  readonly price: string;
  readonly fee?: string;
  readonly account?: string;
  readonly venue?: string;
}

function executionOf(trade: Trade, index: number): ExecutionEvent {
  return {
    schemaVersion: 1,
    eventId: `event-${index}`,
    eventType: 'execution',
    source: { system: 'case' },
    environment: 'backtest',
    strategyId: 'case',
    accountId: trade.account ?? 'account',
    tsEvent: trade.at,
    tsSent: trade.at,
    execId: trade.id,
    execType: trade.type,
    instrumentId: 'instrument',
    venue: trade.venue ?? 'venue',
    side: trade.side,
    lastQty: trade.quantity,
    lastPx: trade.price,
    transactTime: trade.at,
    ...(trade.seq === undefined ? {} : { seq: trade.seq }),
    ...(trade.ref === undefined ? {} : { execRefId: trade.ref }),
    ...(trade.fee === undefined ? {} : { fees: [{ amount: trade.fee, currency: 'XTS' }] }),
  };
}

/** Folds executions of one instrument through the ledger itself. */
function ledgerOf(method: CostMethod, trades: readonly Trade[]): StrategyState {
  const settings = { ...settingsFor(undefined, 'case'), currency: 'XTS', costMethod: method as 'average' | 'fifo' };
  return foldBatch(emptyState(settings, wholeRetention), trades.map(executionOf), { receivedAtMs: Number.POSITIVE_INFINITY }).state;
}

const types: Readonly<Record<string, ExecutionEvent['execType']>> = {
  trade: 'trade',
  cancel: 'tradeCancel',
  bust: 'tradeCancel',
  correct: 'tradeCorrect',
};

function executionReplay(each: MetricInput): unknown {
  const events = recordsOf(each, 'events');
  const trades = events.map((event): Trade => {
    const original = event['ref'] === undefined ? undefined : events.find(other => other['exec_id'] === event['ref']);
    const field = (name: string, fallback: string) => String(event[name] ?? original?.[name] ?? fallback);
    const seq = event['seq'];
    return {
      id: String(event['exec_id']),
      type: types[String(event['type'])] ?? 'trade',
      at: BigInt(Math.round(Number(event['ts']) * 1000)) * 1_000_000n,
      side: field('side', 'buy') === 'sell' ? 'sell' : 'buy',
      quantity: field('qty', '0'),
      price: field('px', '0'),
      fee: field('fee', '0'),
      ...(typeof seq === 'number' ? { seq } : {}),
      ...(event['ref'] === undefined ? {} : { ref: String(event['ref']) }),
      ...(event['account'] === undefined ? {} : { account: String(event['account']) }),
      ...(event['venue'] === undefined ? {} : { venue: String(event['venue']) }),
    };
  });
  return ledgerFigures(ledgerOf(methodOf(each), trades));
}

function ledgerFigures(state: StrategyState): Record<string, unknown> {
  const { totals } = state;
  const books = [...state.books.values()];
  const quantity = books.reduce(
    (sum: Decimal, { position }) => add(sum, { units: position.quantity, scale: position.quantityScale }),
    zero,
  );
  const open = books.find(({ position }) => position.quantity !== 0n)?.position;
  const average = open === undefined ? undefined : averagePrice(open, { multiplier: { units: 1n, scale: 0 }, inverse: false });
  return {
    position: toApproximate(quantity),
    realized_gross: toApproximate(totals.gross),
    realized_net: toApproximate(subtract(totals.gross, totals.fees)),
    fees: toApproximate(totals.fees),
    round_trips: totals.trades,
    applied: totals.fills,
    wins_net: totals.wins,
    losses_net: totals.losses,
    profit_factor_net: totals.lossSum.units < 0n ? toApproximate(totals.winSum) / -toApproximate(totals.lossSum) : undefined,
    avg_px_open: average === undefined ? undefined : toApproximate(average),
  };
}

/** `id,ts_ms,symbol,side,lots,px_ticks,px_dec,lot_dec,fee_e8,maker` */
function fillStream(each: MetricInput): unknown {
  const symbol = textOf(each, 'symbol');
  const rows = new TextDecoder()
    .decode(datasetOf(each))
    .trim()
    .split('\n')
    .slice(1, 1 + numberOf(each, 'first_n_fills', Number.MAX_SAFE_INTEGER));
  const trades = rows.flatMap((row): Trade[] => {
    const [id, at, name, side, lots, ticks, priceDigits, lotDigits, fee] = row.split(',');
    if (name !== symbol) return [];
    return [
      {
        id: id!,
        type: 'trade',
        at: BigInt(at!) * 1_000_000n,
        seq: Number(id),
        side: side === '1' ? 'buy' : 'sell',
        quantity: scaled(lots!, Number(lotDigits)),
        price: scaled(ticks!, Number(priceDigits)),
        fee: scaled(fee!, 8),
      },
    ];
  });
  return ledgerFigures(ledgerOf(methodOf(each), trades));
}

function scaled(units: string, digits: number): string {
  const negative = units.startsWith('-');
  const text = (negative ? units.slice(1) : units).padStart(digits + 1, '0');
  const value = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return negative ? `-${value}` : value;
}

export const positionMetrics: Readonly<Record<string, Metric>> = {
  position_pnl: positionPnl,
  realized_by_closing_fill: each => replay(each).byClosingFill.map(toApproximate),
  round_trips: each => replay(each).roundTrips.map(toApproximate),
  execution_replay: executionReplay,
  fill_stream: fillStream,
};
