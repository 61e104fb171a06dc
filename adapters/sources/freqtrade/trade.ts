/**
 * One trade of freqtrade (a position in one pair, entered and left by one or more orders) as events.
 * Field names and their meaning: docs of freqtrade, "REST API" and "Trade object", version 2024.10 (read 2026-11).
 */
import type { OrderEvent } from '../../../core/events/types.ts';
import {
  absolute,
  add,
  compare,
  type Decimal,
  formatDecimal,
  multiply,
  negate,
  parseDecimal,
  subtract,
  zero,
} from '../../../core/money/decimal.ts';
import { decimalOf, type Fields, flagOf, isFields, isoOfEpoch, isoOfText, listOf, symbolParts, textOf } from '../field-reader.ts';
import { derivedText, type FilledSoFar, fillBetween, product } from '../plain-decimal.ts';
import { type Mapped, missing, type Origin, problem, type WireEvent, wireEvent } from '../source.ts';

/** What was told of each order and trade, so that a second look at them tells only what is new. */
export interface TradeMemory {
  readonly filled: Map<string, FilledSoFar>;
  /** Order steps, and funding of trades, that were told. */
  readonly told: Set<string>;
}

export interface TradeReading extends Mapped {
  /** Sums over the trade as the events have it; absent while it is open. */
  readonly closed?: { readonly gross: Decimal; readonly fees: Decimal };
}

interface Leg {
  readonly id: string;
  readonly isEntry: boolean;
  readonly at: string;
  readonly filled: string;
  readonly price: string;
  /** Part of the quantity that the venue kept as its fee. */
  readonly baseFee?: string;
}

interface Trade {
  readonly fields: Fields;
  readonly key: string;
  readonly place: string;
  readonly origin: Origin;
  readonly venue: string;
  readonly pair: string;
  readonly currency: string;
  readonly isShort: boolean;
  readonly isOpen: boolean;
  readonly feeRates: { readonly entry: string; readonly exit: string };
}

/** Sums of doubles come out a few units of their last digit apart. Entries and exits of a closed trade this close are equal. */
const residueShare: Decimal = { units: 1n, scale: 9 };

const timeOf = (fields: Fields, epoch: string, text: string): string | undefined =>
  isoOfEpoch(fields[epoch], 'ms') ?? isoOfText(fields[text]);

export function readTrade(
  fields: Fields,
  given: { place: string; origin: Origin; venue: string; key: string },
  memory: TradeMemory,
): TradeReading {
  const pair = textOf(fields['pair']);
  const currency = pair === undefined ? undefined : (symbolParts(pair)?.settle ?? textOf(fields['quote_currency']));
  const gap = missing({ pair, 'currency (pair is not BASE/QUOTE)': currency });
  if (gap !== undefined || pair === undefined || currency === undefined) return problem(given.place, `trade ${gap}`);
  const trade: Trade = {
    ...given,
    fields,
    pair,
    currency,
    isShort: flagOf(fields['is_short']) ?? false,
    isOpen: flagOf(fields['is_open']) ?? false,
    feeRates: { entry: decimalOf(fields['fee_open']) ?? '0', exit: decimalOf(fields['fee_close']) ?? '0' },
  };
  const legs = readLegs(trade);
  if (typeof legs === 'string') return problem(given.place, `trade of ${pair} ${legs}`);
  return eventsOf(trade, trade.isOpen ? legs : withoutResidue(legs), memory);
}

/** The fills of a trade by order, oldest first; or what is missing. */
function readLegs(trade: Trade): readonly Leg[] | string {
  const orders = listOf(trade.fields['orders']).filter(isFields);
  if (orders.length === 0) return legsOfRates(trade);
  const legs: Leg[] = [];
  for (const [index, order] of orders.entries()) {
    const filled = decimalOf(order['filled'] ?? (order['order_filled_timestamp'] == null ? undefined : order['amount']));
    if (filled === undefined || parseDecimal(filled).units <= 0n) continue;
    const price = decimalOf(order['safe_price']) ?? decimalOf(order['average']);
    const at = isoOfEpoch(order['order_filled_timestamp'], 'ms') ?? isoOfEpoch(order['order_timestamp'], 'ms');
    const gap = missing({ safe_price: price, order_filled_timestamp: at });
    if (gap !== undefined || price === undefined || at === undefined) return `has an order (${index + 1}) that ${gap}`;
    const baseFee = decimalOf(order['ft_fee_base']);
    const side = textOf(order['ft_order_side']);
    legs.push({
      id: textOf(order['order_id']) ?? `${trade.key}:${index + 1}`,
      isEntry: flagOf(order['ft_is_entry']) ?? side === (trade.isShort ? 'sell' : 'buy'),
      at,
      filled,
      price,
      ...(baseFee === undefined ? {} : { baseFee }),
    });
  }
  return legs.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : Number(b.isEntry) - Number(a.isEntry)));
}

/** Backtest files up to 2022 have no orders: one entry at the open rate, one exit at the close rate. */
function legsOfRates({ fields, isOpen, key }: Trade): readonly Leg[] | string {
  const amount = decimalOf(fields['amount']);
  const openRate = decimalOf(fields['open_rate']);
  const openAt = timeOf(fields, 'open_timestamp', 'open_date');
  const gap = missing({ amount, open_rate: openRate, open_timestamp: openAt });
  if (amount === undefined || openRate === undefined || openAt === undefined) return gap ?? '';
  const entry: Leg = { id: `${key}:open`, isEntry: true, at: openAt, filled: amount, price: openRate };
  if (isOpen) return [entry];
  const closeRate = decimalOf(fields['close_rate']);
  const closeAt = timeOf(fields, 'close_timestamp', 'close_date');
  if (closeRate === undefined || closeAt === undefined) return missing({ close_rate: closeRate, close_timestamp: closeAt }) ?? '';
  return [entry, { id: `${key}:close`, isEntry: false, at: closeAt, filled: amount, price: closeRate }];
}

const received = (leg: Leg): Decimal => {
  const filled = parseDecimal(leg.filled);
  return leg.baseFee === undefined || !leg.isEntry ? filled : subtract(filled, parseDecimal(leg.baseFee));
};

/** Makes the last exit of a closed trade end flat when only the rounding of doubles keeps it from that. */
function withoutResidue(legs: readonly Leg[]): readonly Leg[] {
  const sum = (isEntry: boolean) => legs.filter(leg => leg.isEntry === isEntry).reduce((total, leg) => add(total, received(leg)), zero);
  const entered = sum(true);
  const residue = subtract(entered, sum(false));
  const last = legs.findLastIndex(leg => !leg.isEntry);
  if (residue.units === 0n || last === -1 || compare(absolute(residue), multiply(entered, residueShare)) > 0) return legs;
  return legs.map((leg, at) => (at === last ? { ...leg, filled: formatDecimal(add(parseDecimal(leg.filled), residue)) } : leg));
}

function eventsOf(trade: Trade, legs: readonly Leg[], memory: TradeMemory): TradeReading {
  const events: WireEvent[] = orderSteps(trade, memory, 'placed');
  let cash = zero;
  let fees = zero;
  const lastExit = legs.findLast(leg => !leg.isEntry);
  for (const leg of legs) {
    if (leg === lastExit && !trade.isOpen) events.push(...fundingOf(trade, leg.at, memory));
    const isBuy = leg.isEntry !== trade.isShort;
    const notional = multiply(received(leg), parseDecimal(leg.price));
    cash = isBuy ? subtract(cash, notional) : add(cash, notional);
    fees = add(fees, feeOf(trade, leg, received(leg)));
    const execution = executionOf(trade, leg, memory);
    if (execution !== undefined) events.push(execution);
  }
  events.push(...orderSteps(trade, memory, 'ended'));
  const reading = { events, problems: [] };
  return trade.isOpen || lastExit === undefined ? reading : { ...reading, closed: { gross: cash, fees } };
}

/** Estimated from the fee rate, but what the venue kept of the bought currency is known, and worth the price of the fill. */
function feeOf({ feeRates }: Trade, leg: Leg, quantity: Decimal): Decimal {
  if (leg.baseFee !== undefined && leg.isEntry) return product(leg.baseFee, leg.price);
  return multiply(multiply(quantity, parseDecimal(leg.price)), parseDecimal(leg.isEntry ? feeRates.entry : feeRates.exit));
}

function executionOf(trade: Trade, leg: Leg, memory: TradeMemory): WireEvent | undefined {
  const cumulative = formatDecimal(received(leg));
  const next = fillBetween(memory.filled.get(leg.id), cumulative, leg.price);
  if (next === undefined) return undefined;
  memory.filled.set(leg.id, next.now);
  const isPart = next.quantity !== cumulative;
  const share: Leg = isPart ? { id: leg.id, isEntry: leg.isEntry, at: leg.at, filled: next.quantity, price: next.price } : leg;
  const execId = trade.fields['orders'] == null ? leg.id : `${leg.id}:${cumulative}`;
  const fee = derivedText(feeOf(trade, share, parseDecimal(next.quantity)));
  return wireEvent(trade.origin, 'execution', {
    eventId: `freqtrade:${trade.origin.strategyId}:${execId}`,
    tsEvent: leg.at,
    execId,
    execType: 'trade',
    instrumentId: trade.pair,
    venue: trade.venue,
    side: leg.isEntry === trade.isShort ? 'sell' : 'buy',
    lastQty: next.quantity,
    lastPx: next.price,
    transactTime: leg.at,
    ...(trade.fields['orders'] == null ? {} : { clOrdId: leg.id, orderId: leg.id }),
    positionEffect: leg.isEntry ? 'open' : 'close',
    settlCurrency: trade.currency,
    fees: fee === '0' ? undefined : [{ amount: fee, currency: trade.currency, type: leg.baseFee === undefined ? 'estimated' : 'base' }],
  });
}

const endings: Readonly<Record<string, OrderEvent['execType']>> = {
  canceled: 'canceled',
  cancelled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
};

/** Steps of the orders, where the record has their status: accepted when placed, and how they ended. */
function orderSteps(trade: Trade, memory: TradeMemory, which: 'placed' | 'ended'): WireEvent[] {
  return listOf(trade.fields['orders'])
    .filter(isFields)
    .flatMap(order => {
      const orderId = textOf(order['order_id']);
      const status = textOf(order['status'])?.toLowerCase();
      const quantity = decimalOf(order['amount']);
      const at = isoOfEpoch(order['order_timestamp'], 'ms');
      if (orderId === undefined || status === undefined || quantity === undefined || at === undefined) return [];
      const filled = decimalOf(order['filled']) ?? '0';
      const ending = endings[status];
      const step = (execType: OrderEvent['execType'], ordStatus: string, cumQty: string, leavesQty: string): WireEvent[] => {
        const id = `${orderId}:${execType}`;
        if (memory.told.has(id)) return [];
        memory.told.add(id);
        return [
          wireEvent(trade.origin, 'order', {
            eventId: `freqtrade:${trade.origin.strategyId}:${id}`,
            tsEvent: at,
            clOrdId: orderId,
            orderId,
            instrumentId: trade.pair,
            venue: trade.venue,
            side:
              (textOf(order['ft_order_side']) ?? '') === 'buy' || (textOf(order['ft_order_side']) === 'stoploss' && trade.isShort)
                ? 'buy'
                : 'sell',
            ordType: textOf(order['order_type']) ?? 'unknown',
            orderQty: quantity,
            execType,
            ordStatus,
            cumQty,
            leavesQty,
            price: decimalOf(order['price']),
            reject: execType === 'rejected' ? { source: 'venue', request: 'new' } : undefined,
          }),
        ];
      };
      if (which === 'placed') return status === 'rejected' ? [] : step('new', 'new', '0', quantity);
      if (status === 'closed') return step('done', 'filled', filled, '0');
      return ending === undefined ? [] : step(ending, ending, filled, '0');
    });
}

/** Funding of the whole trade, told when it has closed. Positive was received, as freqtrade counts it. */
function fundingOf(trade: Trade, at: string, memory: TradeMemory): WireEvent[] {
  const amount = decimalOf(trade.fields['funding_fees']);
  const refId = `${trade.key}:funding`;
  if (amount === undefined || amount === '0' || memory.told.has(refId)) return [];
  memory.told.add(refId);
  return [
    wireEvent(trade.origin, 'cash', {
      eventId: `freqtrade:${trade.origin.strategyId}:${refId}`,
      tsEvent: at,
      cashType: 'funding',
      amount,
      currency: trade.currency,
      refId,
      instrumentId: trade.pair,
    }),
  ];
}

/** Gross less fees. */
export function netOf({ gross, fees }: { readonly gross: Decimal; readonly fees: Decimal }): Decimal {
  return add(gross, negate(fees));
}
