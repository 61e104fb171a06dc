/** CCXT: its unified trades and orders (structures of the CCXT manual, read 2026-11). */
import type { Fee, OrderEvent, Side } from '../../../core/events/types.ts';
import { add, divideHalfEven, formatDecimal, parseDecimal, toApproximate } from '../../../core/money/decimal.ts';
import { decimalOf, type Fields, flagOf, isFields, isoOfEpoch, isoOfText, listOf, symbolParts, textOf } from '../field-reader.ts';
import { openOrderFills } from '../order-fills.ts';
import { product } from '../plain-decimal.ts';
import {
  joined,
  type Mapped,
  type Memory,
  missing,
  nothing,
  type Origin,
  problem,
  type RawRecord,
  type SourceContext,
  type SourceFormat,
  type WireEvent,
  wireEvent,
} from '../source.ts';

const endings: Readonly<Record<string, OrderEvent['execType']>> = {
  canceled: 'canceled',
  cancelled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
};

/** Unlike trades, orders have a status or a filled quantity. */
const isOrder = (fields: Fields): boolean =>
  fields['status'] !== undefined || fields['filled'] !== undefined || fields['remaining'] !== undefined;

const sideOf = (value: unknown): Side | undefined => {
  const text = textOf(value)?.toLowerCase();
  return text === 'buy' || text === 'sell' ? text : undefined;
};

const timeOf = (fields: Fields): string | undefined => isoOfEpoch(fields['timestamp'], 'ms') ?? isoOfText(fields['datetime']);

/** `fees` is the newer form of `fee`; some exchanges fill both with the same. */
function feesOf(fields: Fields): readonly Fee[] {
  const list = listOf(fields['fees']).filter(isFields);
  const all = list.length > 0 ? list : [fields['fee']].filter(isFields);
  return all.flatMap(fee => {
    const amount = decimalOf(fee['cost']);
    const currency = textOf(fee['currency']);
    return amount === undefined || currency === undefined || amount === '0' ? [] : [{ amount, currency }];
  });
}

function originOf(context: SourceContext): Origin {
  return {
    system: 'ccxt',
    environment: context.environment ?? 'live',
    strategyId: context.strategyId ?? 'ccxt',
    accountId: context.accountId ?? context.venue ?? 'ccxt',
  };
}

/** Contract sizes are whole or short decimals: a quotient of doubles is taken at 9 significant digits. */
function rounded(value: number): string | undefined {
  return Number.isFinite(value) && value > 0 ? decimalOf(Number(value.toPrecision(9))) : undefined;
}

/** Size of a contract in the base currency (linear) or the quote currency (inverse), told by cost = amount × size × price or / price. */
function contractSize(fields: Fields, amount: string, price: string, inverse: boolean): string | undefined {
  const stated = decimalOf(fields['contractSize']);
  if (stated !== undefined) return stated;
  const cost = decimalOf(fields['cost']);
  if (cost === undefined || cost === '0') return undefined;
  const base = inverse ? divideHalfEven(parseDecimal(amount), parseDecimal(price), 24) : product(amount, price);
  return base.units === 0n ? undefined : rounded(toApproximate(parseDecimal(cost)) / toApproximate(base));
}

export const ccxt: SourceFormat = {
  name: 'ccxt',
  reads: 'unified trades (`fetchMyTrades`) and orders (`fetchOrders`), as a JSON array or one a line',
  framing: 'json',
  mapping: [
    ['execution', 'trades; of an order without trades, the change of `filled` at `average`'],
    ['order', 'orders: `open` as new, `canceled`, `expired`, `rejected`, and `closed` as done'],
    ['reference', 'the contract of a symbol such as `BTC/USD:BTC`: inverse or linear, and its size when the cost of a trade tells it'],
  ],
  lost: [
    'Venue: a unified trade does not name its exchange; give --venue. Strategy and account likewise.',
    'Numbers are doubles in CCXT: the shortest text that gives the same double is taken.',
    'Times are milliseconds, and there is no sequence number of the venue: fills of one millisecond keep the order of the file.',
    'An order that is known by its filled quantity alone gives one execution for each look at it, at the average price between looks; its trades are then not counted again. Put trades before orders where you have both.',
    'The fee of an order that is known by its filled quantity alone is told when the first look finds all of that quantity; a fee that grows between looks is lost.',
    'A fee in the bought currency is told as it is; the quantity is that of the fill.',
    'Contract size is not in the structures: it is derived from `cost`, to nine digits, and absent without it.',
    'Time of acknowledgement and of cancellation; funding and transfers (`fetchLedger`) are not read.',
  ],
  open: (context, memory) => openCcxt(context, memory),
};

function openCcxt(context: SourceContext, memory: Memory | undefined) {
  const fills = openOrderFills(memory);
  /** Whether an order's fills are told by its trades or by its filled quantity: whichever came first. */
  const toldBy = new Map((memory?.['toldBy'] ?? []) as [string, 'trades' | 'filled'][]);
  const origin = originOf(context);
  const venue = context.venue ?? 'ccxt';
  let skipped = 0;

  const referenceOf = (fields: Fields, symbol: string, at: string, amount: string, price: string): readonly WireEvent[] => {
    const parts = symbolParts(symbol);
    if (parts?.isContract !== true) return [];
    const inverse = parts.settle === parts.base;
    const multiplier = contractSize(fields, amount, price, inverse);
    if (multiplier === undefined && !inverse) return [];
    if (!fills.isNews(`contract:${symbol}:${multiplier === undefined ? 'kind' : 'size'}`)) return [];
    return [
      wireEvent(origin, 'reference', {
        eventId: `ccxt:${venue}:${symbol}:contract:${multiplier ?? 'unknown'}`,
        tsEvent: at,
        instrumentId: symbol,
        kind: 'instrument',
        multiplier,
        inverse,
        baseCurrency: parts.base,
        quoteCurrency: parts.quote,
        settlCurrency: parts.settle,
      }),
    ];
  };

  const readTrade = (fields: Fields, place: string): Mapped => {
    const id = textOf(fields['id']);
    const symbol = textOf(fields['symbol']);
    const side = sideOf(fields['side']);
    const amount = decimalOf(fields['amount']);
    const price = decimalOf(fields['price']);
    const at = timeOf(fields);
    const gap = missing({ id, symbol, side, amount, price, timestamp: at });
    if (id === undefined || symbol === undefined || side === undefined || amount === undefined || price === undefined || at === undefined) {
      return problem(place, `trade ${gap}`);
    }
    const orderId = textOf(fields['order']);
    if (orderId !== undefined && toldBy.get(orderId) === 'filled') {
      skipped++;
      return nothing;
    }
    if (orderId !== undefined) toldBy.set(orderId, 'trades');
    const liquidity = textOf(fields['takerOrMaker'])?.toLowerCase();
    const fees = feesOf(fields);
    const event = wireEvent(origin, 'execution', {
      eventId: `ccxt:${venue}:${symbol}:${id}`,
      tsEvent: at,
      execId: id,
      execType: 'trade',
      instrumentId: symbol,
      venue,
      side,
      lastQty: amount,
      lastPx: price,
      transactTime: at,
      clOrdId: orderId,
      orderId,
      liquidity: liquidity === 'maker' || liquidity === 'taker' ? liquidity : undefined,
      fees: fees.length === 0 ? undefined : fees,
      settlCurrency: symbolParts(symbol)?.settle ?? context.currency,
    });
    return { events: [...referenceOf(fields, symbol, at, amount, price), event], problems: [] };
  };

  const readOrder = (fields: Fields, place: string): Mapped => {
    const id = textOf(fields['id']);
    const symbol = textOf(fields['symbol']);
    const side = sideOf(fields['side']);
    const at = timeOf(fields);
    const filled = decimalOf(fields['filled']) ?? '0';
    const remaining = decimalOf(fields['remaining']);
    const amount = decimalOf(fields['amount']) ?? (remaining === undefined ? undefined : formatDecimal(sum(filled, remaining)));
    const gap = missing({ id, symbol, side, amount, timestamp: at });
    if (id === undefined || symbol === undefined || side === undefined || amount === undefined || at === undefined) {
      return problem(place, `order ${gap}`);
    }
    const order: Order = { id, symbol, side, amount, at, filled, fields };
    const trades = listOf(fields['trades']).filter(isFields);
    const executions =
      trades.length > 0
        ? joined(trades.map((trade, index) => readTrade({ symbol, order: id, side, ...trade }, `${place}, trade ${index + 1}`)))
        : fillOf(order);
    const status = textOf(fields['status'])?.toLowerCase() ?? 'open';
    const ending = status === 'closed' ? 'done' : endings[status];
    const placed = status === 'rejected' ? nothing : step(order, 'new', 'new', '0', at);
    const end = ending === undefined ? nothing : step(order, ending, ending === 'done' ? 'filled' : ending, filled, lastAt(order));
    return joined([placed, executions, end]);
  };

  const lastAt = ({ fields, at }: Order): string =>
    isoOfEpoch(fields['lastTradeTimestamp'], 'ms') ?? isoOfEpoch(fields['lastUpdateTimestamp'], 'ms') ?? at;

  const fillOf = (order: Order): Mapped => {
    const { id, symbol, side, filled, fields } = order;
    if (filled === '0' || toldBy.get(id) === 'trades') return nothing;
    const average = decimalOf(fields['average']) ?? decimalOf(fields['price']);
    const next = fills.next(id, filled, average);
    if (next === undefined) return nothing;
    toldBy.set(id, 'filled');
    const at = lastAt(order);
    // The fees of an order are cumulative too: they are told with the look that finds it filled.
    const isWhole = next.quantity === filled;
    const fees = isWhole ? feesOf(fields) : [];
    const event = wireEvent(origin, 'execution', {
      eventId: `ccxt:${venue}:${symbol}:${id}:${filled}`,
      tsEvent: at,
      execId: `${id}:${filled}`,
      execType: 'trade',
      instrumentId: symbol,
      venue,
      side,
      lastQty: next.quantity,
      lastPx: next.price,
      transactTime: at,
      clOrdId: id,
      orderId: id,
      cumQty: filled,
      fees: fees.length === 0 ? undefined : fees,
      settlCurrency: symbolParts(symbol)?.settle ?? context.currency,
    });
    return { events: [...referenceOf(fields, symbol, at, filled, average ?? '0'), event], problems: [] };
  };

  const step = (order: Order, execType: OrderEvent['execType'], ordStatus: string, cumQty: string, at: string): Mapped => {
    const { id, symbol, side, amount, fields } = order;
    if (!fills.isNews(`${id}:${execType}`)) return nothing;
    const clientId = textOf(fields['clientOrderId']);
    const event = wireEvent(origin, 'order', {
      eventId: `ccxt:${venue}:${symbol}:${id}:${execType}`,
      tsEvent: at,
      clOrdId: id,
      orderId: id,
      instrumentId: symbol,
      venue,
      side,
      ordType: textOf(fields['type'])?.toLowerCase() ?? 'unknown',
      orderQty: amount,
      execType,
      ordStatus,
      cumQty,
      leavesQty: execType === 'new' ? amount : '0',
      price: decimalOf(fields['price']),
      stopPx: decimalOf(fields['triggerPrice'] ?? fields['stopPrice']),
      timeInForce: textOf(fields['timeInForce'])?.toLowerCase(),
      reduceOnly: flagOf(fields['reduceOnly']),
      reject: execType === 'rejected' ? { source: 'venue', request: 'new' } : undefined,
      tags: clientId === undefined ? undefined : [`clientOrderId=${clientId}`],
    });
    return { events: [event], problems: [] };
  };

  const map = ({ place, value }: RawRecord): Mapped => {
    if (!isFields(value)) return problem(place, 'is no object');
    return isOrder(value) ? readOrder(value, place) : readTrade(value, place);
  };
  const notes = () => (skipped === 0 ? [] : [`${skipped} trades belong to orders that were already counted by their filled quantity.`]);
  return { map, notes, memory: () => ({ ...fills.memory(), toldBy: [...toldBy] }) };
}

interface Order {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly amount: string;
  readonly at: string;
  readonly filled: string;
  readonly fields: Fields;
}

const sum = (a: string, b: string) => add(parseDecimal(a), parseDecimal(b));
