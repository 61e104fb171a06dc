/** hummingbot: rows of its TradeFill table (exported as JSON or read from SQLite), and order and funding events as JSON. */
import type { Fee, OrderEvent, Side } from '../../../core/events/types.ts';
import { multiply, parseDecimal } from '../../../core/money/decimal.ts';
import { parseExactJson } from '../exact-json.ts';
import { decimalOf, type Fields, isFields, isoOfEpoch, listOf, symbolParts, textOf } from '../field-reader.ts';
import { derivedText, product } from '../plain-decimal.ts';
import { type Mapped, missing, problem, type RawRecord, type SourceContext, type SourceFormat, wireEvent } from '../source.ts';

/** Rows count milliseconds; events count seconds with a fraction. */
function timeOf(value: unknown): string | undefined {
  const literal = decimalOf(value);
  return literal === undefined ? undefined : isoOfEpoch(value, Number(literal) > 1e11 ? 'ms' : 's');
}

const sideOf = (value: unknown): Side | undefined => {
  const text = textOf(value)?.toLowerCase().replace('tradetype.', '');
  return text === 'buy' || text === 'sell' ? text : undefined;
};

/** A fraction of the notional, plus flat amounts of their own currencies. The column holds JSON, in SQLite as text. */
function feesOf(value: unknown, notional: string, quote: string): readonly Fee[] {
  const parsed = typeof value === 'string' ? parseExactJson(value) : undefined;
  const fee = parsed?.ok === true ? parsed.value : value;
  if (!isFields(fee)) return [];
  const percent = decimalOf(fee['percent']);
  const share =
    percent === undefined || percent === '0'
      ? []
      : [
          {
            amount: derivedText(multiply(parseDecimal(percent), parseDecimal(notional))),
            currency: textOf(fee['percent_token']) ?? quote,
            type: 'percent',
          },
        ];
  const flat = listOf(fee['flat_fees'])
    .filter(isFields)
    .flatMap(each => {
      const amount = decimalOf(each['amount']);
      const currency = textOf(each['token']);
      return amount === undefined || currency === undefined || amount === '0' ? [] : [{ amount, currency, type: 'flat' }];
    });
  return [...share, ...flat];
}

const steps: Readonly<Record<string, OrderEvent['execType']>> = {
  BuyOrderCreated: 'new',
  SellOrderCreated: 'new',
  OrderCancelled: 'canceled',
  OrderExpired: 'expired',
  MarketOrderFailure: 'rejected',
};

const originOf = (context: SourceContext, fields: Fields) => ({
  system: 'hummingbot',
  environment: context.environment ?? 'live',
  strategyId:
    context.strategyId ?? textOf(fields['config_file_path'])?.replace(/\.ya?ml$/, '') ?? textOf(fields['strategy']) ?? 'hummingbot',
  accountId: context.accountId ?? textOf(fields['market']) ?? context.venue ?? 'hummingbot',
});

function readFill(context: SourceContext, fields: Fields, place: string): Mapped {
  const symbol = textOf(fields['symbol'] ?? fields['trading_pair']);
  const side = sideOf(fields['trade_type']);
  const amount = decimalOf(fields['amount'] ?? fields['quantity']);
  const price = decimalOf(fields['price']);
  const at = timeOf(fields['timestamp']);
  const execId = textOf(fields['exchange_trade_id'] ?? fields['trade_id']);
  const gap = missing({ symbol, trade_type: side, amount, price, timestamp: at, exchange_trade_id: execId });
  if (
    symbol === undefined ||
    side === undefined ||
    amount === undefined ||
    price === undefined ||
    at === undefined ||
    execId === undefined
  ) {
    return problem(place, `fill ${gap}`);
  }
  const quote = textOf(fields['quote_asset']) ?? symbolParts(symbol)?.quote ?? context.currency;
  const venue = context.venue ?? textOf(fields['market']) ?? 'hummingbot';
  const origin = originOf(context, fields);
  const fees = quote === undefined ? [] : feesOf(fields['trade_fee'], derivedText(product(amount, price)), quote);
  const position = textOf(fields['position'])?.toLowerCase();
  const event = wireEvent(origin, 'execution', {
    eventId: `hummingbot:${venue}:${symbol}:${execId}`,
    tsEvent: at,
    execId,
    execType: 'trade',
    instrumentId: symbol,
    venue,
    side,
    lastQty: amount,
    lastPx: price,
    transactTime: at,
    clOrdId: textOf(fields['order_id']),
    orderId: textOf(fields['exchange_order_id']),
    fees: fees.length === 0 ? undefined : fees,
    positionEffect: position === 'open' || position === 'close' ? position : undefined,
    settlCurrency: quote,
  });
  return { events: [event], problems: [] };
}

/** Events name side and quantity only when the order is created: later steps need that event in the same file. */
function readStep(context: SourceContext, fields: Fields, type: string, created: Map<string, Created>, place: string): Mapped {
  const execType = steps[type];
  const clOrdId = textOf(fields['order_id']);
  const at = timeOf(fields['timestamp']);
  const own = createdOf(fields, type);
  if (clOrdId !== undefined && own !== undefined) created.set(clOrdId, own);
  const known = clOrdId === undefined ? undefined : created.get(clOrdId);
  const gap = missing({ order_id: clOrdId, timestamp: at, 'creation in this file': known });
  if (clOrdId === undefined || at === undefined || known === undefined || execType === undefined) return problem(place, `${type} ${gap}`);
  const text = textOf(fields['error_message'] ?? fields['error_type']);
  const event = wireEvent(originOf(context, fields), 'order', {
    eventId: `hummingbot:${clOrdId}:${execType}`,
    tsEvent: at,
    clOrdId,
    orderId: textOf(fields['exchange_order_id']),
    instrumentId: known.symbol,
    venue: context.venue ?? textOf(fields['market']) ?? 'hummingbot',
    side: known.side,
    ordType: known.ordType,
    orderQty: known.quantity,
    execType,
    ordStatus: execType,
    cumQty: '0',
    leavesQty: execType === 'new' ? known.quantity : '0',
    price: decimalOf(fields['price']),
    reject: execType === 'rejected' ? { source: 'venue', request: 'new', ...(text === undefined ? {} : { text }) } : undefined,
  });
  return { events: [event], problems: [] };
}

interface Created {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly ordType: string;
}

function createdOf(fields: Fields, type: string): Created | undefined {
  const symbol = textOf(fields['trading_pair']);
  const quantity = decimalOf(fields['amount']);
  const side = type === 'BuyOrderCreated' ? 'buy' : type === 'SellOrderCreated' ? 'sell' : sideOf(fields['trade_type']);
  const ordType = (textOf(fields['type'] ?? fields['order_type']) ?? 'unknown').toLowerCase().replace('ordertype.', '');
  return symbol === undefined || quantity === undefined || side === undefined ? undefined : { symbol, quantity, side, ordType };
}

function readFunding(context: SourceContext, fields: Fields, place: string): Mapped {
  const amount = decimalOf(fields['amount']);
  const instrumentId = textOf(fields['trading_pair']);
  const at = timeOf(fields['timestamp']);
  const currency = (instrumentId === undefined ? undefined : symbolParts(instrumentId)?.quote) ?? context.currency;
  const gap = missing({ amount, trading_pair: instrumentId, timestamp: at, currency });
  if (amount === undefined || instrumentId === undefined || at === undefined || currency === undefined)
    return problem(place, `funding ${gap}`);
  const refId = `funding:${instrumentId}:${at}`;
  const event = wireEvent(originOf(context, fields), 'cash', {
    eventId: `hummingbot:${refId}`,
    tsEvent: at,
    cashType: 'funding',
    amount,
    currency,
    refId,
    instrumentId,
  });
  return { events: [event], problems: [] };
}

export const hummingbot: SourceFormat = {
  name: 'hummingbot',
  reads:
    'rows of the TradeFill table as JSON; events with their class in `event` (BuyOrderCreated, OrderFilled, FundingPaymentCompleted …)',
  framing: 'json',
  mapping: [
    ['execution', 'TradeFill rows and OrderFilled events'],
    ['order', 'BuyOrderCreated, SellOrderCreated, OrderCancelled, OrderExpired, MarketOrderFailure'],
    ['cash', 'FundingPaymentCompleted'],
  ],
  lost: [
    'Time of acknowledgement, open quantity, and the quantity filled when an order ends.',
    'A fee in percent is computed from the notional and rounded at 1e-16; the table keeps prices and amounts to six digits, whatever the venue traded.',
    'Steps of orders that were created before the file begins are named as problems: they name neither side nor quantity.',
    'Strategy: the name of the configuration file. Events name no strategy and no market: give --strategy, --account and --venue, so that they meet their fills. Balances, margin calls and log messages are not read.',
  ],
  open: (context, memory) => {
    const created = new Map((memory?.['created'] ?? []) as [string, Created][]);
    const map = ({ place, value }: RawRecord): Mapped => {
      if (!isFields(value)) return problem(place, 'is no object');
      const type = (textOf(value['event'] ?? value['event_type']) ?? '').replace(/Event$/, '');
      if (type in steps) return readStep(context, value, type, created, place);
      if (type === 'FundingPaymentCompleted') return readFunding(context, value, place);
      if (type === '' || type === 'OrderFilled') return readFill(context, value, place);
      return { events: [], problems: [] };
    };
    return { map, notes: () => [], memory: () => ({ created: [...created].slice(-5000) }) };
  },
};
