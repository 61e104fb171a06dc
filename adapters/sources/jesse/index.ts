/** jesse: rows of its Order table, or order objects of its API and websocket, as JSON. */
import type { OrderEvent } from '../../../core/events/types.ts';
import { absolute, formatDecimal, multiply, parseDecimal } from '../../../core/money/decimal.ts';
import { decimalOf, type Fields, flagOf, isFields, isoOfEpoch, symbolParts, textOf } from '../field-reader.ts';
import { type OrderFills, openOrderFills } from '../order-fills.ts';
import { derivedText, product } from '../plain-decimal.ts';
import {
  type Mapped,
  missing,
  problem,
  type RawRecord,
  type SourceContext,
  type SourceFormat,
  type WireEvent,
  wireEvent,
} from '../source.ts';

const endings: Readonly<Record<string, OrderEvent['execType']>> = { canceled: 'canceled', rejected: 'rejected', liquidated: 'done' };

const size = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : formatDecimal(absolute(parseDecimal(value)));

export const jesse: SourceFormat = {
  name: 'jesse',
  reads: 'orders (rows of the Order table, or order objects) as JSON',
  framing: 'json',
  mapping: [
    ['execution', 'the change of `filled_qty` (of an executed order, `qty`) at `price`'],
    ['order', 'ACTIVE and PARTIALLY FILLED as new, CANCELED, REJECTED; LIQUIDATED as done'],
  ],
  lost: [
    'Fills within an order: jesse keeps one price for each order.',
    'Fees: taken from `fee` as a rate of the notional where the row has it; without it there are none, and net P&L is gross.',
    'A queued order has no event: the exchange does not know it yet.',
    'Times are milliseconds; a part fill has no time of its own and stands at the creation of the order.',
    'Closed trades, equity snapshots and log messages are not read.',
  ],
  open: (context, memory) => {
    const fills = openOrderFills(memory);
    const map = ({ place, value }: RawRecord): Mapped =>
      isFields(value) ? readOrder(context, fills, value, place) : problem(place, 'is no object');
    return { map, notes: () => [], memory: fills.memory };
  },
};

function readOrder(context: SourceContext, fills: OrderFills, fields: Fields, place: string): Mapped {
  const id = textOf(fields['id']);
  const symbol = textOf(fields['symbol']);
  const sideText = textOf(fields['side'])?.toLowerCase();
  const side = sideText === 'buy' || sideText === 'sell' ? sideText : undefined;
  const quantity = size(decimalOf(fields['qty']));
  const status = textOf(fields['status'])?.toLowerCase();
  const createdAt = isoOfEpoch(fields['created_at'], 'ms');
  const gap = missing({ id, symbol, side, qty: quantity, status, created_at: createdAt });
  if (
    id === undefined ||
    symbol === undefined ||
    side === undefined ||
    quantity === undefined ||
    status === undefined ||
    createdAt === undefined
  ) {
    return problem(place, `order ${gap}`);
  }
  const currency = symbolParts(symbol)?.quote ?? context.currency;
  const venue = context.venue ?? textOf(fields['exchange']) ?? 'jesse';
  const origin = {
    system: 'jesse',
    environment: context.environment ?? 'live',
    strategyId: context.strategyId ?? textOf(fields['session_id']) ?? 'jesse',
    accountId: context.accountId ?? venue,
  } as const;
  const isExecuted = status === 'executed' || status === 'liquidated';
  const stated = size(decimalOf(fields['filled_qty'])) ?? '0';
  const filled = isExecuted && stated === '0' ? quantity : stated;
  const price = decimalOf(fields['price']);
  const executedAt = isoOfEpoch(fields['executed_at'], 'ms') ?? createdAt;
  const events: WireEvent[] = [];
  const shared = { instrumentId: symbol, venue, side, clOrdId: id, orderId: textOf(fields['exchange_id']) } as const;

  const step = (execType: OrderEvent['execType'], ordStatus: string, at: string) => {
    if (!fills.isNews(`${id}:${execType}`)) return;
    events.push(
      wireEvent(origin, 'order', {
        ...shared,
        eventId: `jesse:${id}:${execType}`,
        tsEvent: at,
        ordType: textOf(fields['type'])?.toLowerCase() ?? 'unknown',
        orderQty: quantity,
        execType,
        ordStatus,
        cumQty: execType === 'new' ? '0' : filled,
        leavesQty: execType === 'new' ? quantity : '0',
        price,
        reduceOnly: flagOf(fields['reduce_only']),
        reject: execType === 'rejected' ? { source: 'venue', request: 'new' } : undefined,
      }),
    );
  };

  if (status !== 'queued' && status !== 'rejected') step('new', 'new', createdAt);
  if (filled !== '0' && price === undefined) return { events, problems: [{ place, message: 'order is filled and has no usable price' }] };
  const next = fills.next(id, filled, price);
  if (next !== undefined) {
    const rate = decimalOf(fields['fee']);
    const fee = rate === undefined ? '0' : derivedText(multiply(product(next.quantity, next.price), parseDecimal(rate)));
    events.push(
      wireEvent(origin, 'execution', {
        ...shared,
        eventId: `jesse:${id}:${filled}`,
        tsEvent: executedAt,
        execId: `${id}:${filled}`,
        execType: 'trade',
        lastQty: next.quantity,
        lastPx: next.price,
        transactTime: executedAt,
        cumQty: filled,
        fees: fee === '0' || currency === undefined ? undefined : [{ amount: fee, currency, type: 'estimated' }],
        settlCurrency: currency,
      }),
    );
  }
  const ending = endings[status];
  if (ending !== undefined) step(ending, ending === 'done' ? 'filled' : ending, isoOfEpoch(fields['canceled_at'], 'ms') ?? executedAt);
  else if (isExecuted) step('done', 'filled', executedAt);
  return { events, problems: [] };
}
