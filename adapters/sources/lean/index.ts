/** QuantConnect Lean: its order events file (`*-order-events.json`), in camelCase or the older kebab-case. */
import type { OrderEvent } from '../../../core/events/types.ts';
import { absolute, add, formatDecimal, parseDecimal, subtract } from '../../../core/money/decimal.ts';
import { decimalOf, type Fields, isFields, isoOfEpoch, isoOfText, listOf, textOf } from '../field-reader.ts';
import {
  joined,
  type Mapped,
  missing,
  nothing,
  problem,
  type RawRecord,
  type SourceContext,
  type SourceFormat,
  wireEvent,
} from '../source.ts';

const steps: Readonly<Record<string, OrderEvent['execType']>> = {
  submitted: 'new',
  updatesubmitted: 'replaced',
  cancelpending: 'pendingCancel',
  canceled: 'canceled',
  invalid: 'rejected',
};

const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

export const lean: SourceFormat = {
  name: 'lean',
  reads: 'order events file of a backtest or live run',
  framing: 'json',
  mapping: [
    ['execution', 'order events with a fill quantity; its sign is the side'],
    ['order', 'submitted, updateSubmitted, cancelPending, canceled, invalid'],
  ],
  lost: [
    'The fee of an order stands on its first fill only, as Lean books it.',
    'Venue: the events do not name one; give --venue. Contract multipliers and margins are in the security database, not in the file.',
    'Order type and the time of acknowledgement; an `invalid` order is taken as refused by the venue, although Lean itself refuses too.',
    'Splits and dividends are applied to data by default (adjusted prices) and give no event. Holdings, cash and statistics are not read.',
  ],
  open: (context, memory) => {
    const filled = new Map((memory?.['filled'] ?? []) as [string, string][]);
    const map = ({ place, value }: RawRecord): Mapped => {
      if (!isFields(value)) return problem(place, 'is no object');
      const list = listOf(value['orderEvents'] ?? value['OrderEvents']);
      if (list.length > 0) return joined(list.map((each, at) => map({ place: `order event ${at + 1}`, value: each })));
      return readEvent(context, filled, value, place);
    };
    return { map, notes: () => [], memory: () => ({ filled: [...filled].slice(-5000) }) };
  },
};

function readEvent(context: SourceContext, filled: Map<string, string>, fields: Fields, place: string): Mapped {
  const get = (name: string): unknown => fields[name] ?? fields[kebab(name)] ?? fields[name.replace(/^./, letter => letter.toUpperCase())];
  const orderId = textOf(get('orderId'));
  const instrumentId = textOf(get('symbolValue')) ?? textOf(get('symbol'));
  const at = isoOfEpoch(get('time'), 's') ?? isoOfText(get('time')) ?? isoOfText(get('utcTime'));
  const status = textOf(get('status'))?.toLowerCase();
  const gap = missing({ orderId, symbolValue: instrumentId, time: at, status });
  if (orderId === undefined || instrumentId === undefined || at === undefined || status === undefined)
    return problem(place, `order event ${gap}`);
  const algorithm = textOf(get('algorithmId')) ?? 'lean';
  const origin = {
    system: 'lean',
    environment: context.environment ?? 'backtest',
    strategyId: context.strategyId ?? algorithm,
    accountId: context.accountId ?? 'lean',
  } as const;
  const eventId = `lean:${algorithm}:${orderId}-${textOf(get('orderEventId')) ?? status}`;
  const venue = context.venue ?? 'lean';
  const quantity = decimalOf(get('quantity')) ?? '0';
  const fill = decimalOf(get('fillQuantity')) ?? '0';
  const isSell = (fill === '0' ? quantity : fill).startsWith('-') || textOf(get('direction'))?.toLowerCase() === 'sell';
  const key = `${algorithm}:${orderId}`;
  const shared = { eventId, tsEvent: at, clOrdId: orderId, orderId, instrumentId, venue, side: isSell ? 'sell' : 'buy' } as const;
  if (fill !== '0') {
    const price = decimalOf(get('fillPrice'));
    if (price === undefined) return problem(place, 'order event has no usable fillPrice');
    const size = formatDecimal(absolute(parseDecimal(fill)));
    const cumQty = formatDecimal(add(parseDecimal(filled.get(key) ?? '0'), parseDecimal(size)));
    filled.set(key, cumQty);
    const fee = decimalOf(get('orderFeeAmount'));
    const currency = textOf(get('orderFeeCurrency')) ?? textOf(get('fillPriceCurrency'));
    const event = wireEvent(origin, 'execution', {
      ...shared,
      execId: textOf(get('executionId')) ?? `${orderId}-${textOf(get('orderEventId')) ?? cumQty}`,
      execType: 'trade',
      lastQty: size,
      lastPx: price,
      transactTime: at,
      cumQty,
      fees: fee === undefined || fee === '0' || currency === undefined ? undefined : [{ amount: fee, currency }],
      settlCurrency: textOf(get('fillPriceCurrency')) ?? context.currency,
    });
    return { events: [event], problems: [] };
  }
  const execType = steps[status];
  if (execType === undefined) return nothing;
  const orderQty = formatDecimal(absolute(parseDecimal(quantity)));
  const cumQty = filled.get(key) ?? '0';
  const rest = subtract(parseDecimal(orderQty), parseDecimal(cumQty));
  const isEnd = execType === 'canceled' || execType === 'rejected';
  const text = textOf(get('message'));
  const event = wireEvent(origin, 'order', {
    ...shared,
    ordType: 'unknown',
    orderQty,
    execType,
    ordStatus: execType,
    cumQty,
    leavesQty: isEnd || rest.units < 0n ? '0' : formatDecimal(rest),
    price: decimalOf(get('limitPrice')),
    stopPx: decimalOf(get('stopPrice')),
    reject: execType === 'rejected' ? { source: 'venue', request: 'new', ...(text === undefined ? {} : { text }) } : undefined,
  });
  return { events: [event], problems: [] };
}
