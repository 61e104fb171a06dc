/** nautilus_trader: events of its message bus as JSON (order, position and account events; field names of version 1.22x, read 2026-11). */
import type { Environment, OrderEvent, Side } from '../../../core/events/types.ts';
import { add, formatDecimal, parseDecimal, subtract } from '../../../core/money/decimal.ts';
import { decimalOf, type Fields, isFields, isoOfEpoch, isoOfText, listOf, textOf } from '../field-reader.ts';
import {
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

interface Step {
  readonly execType: OrderEvent['execType'];
  readonly reject?: { readonly source: 'venue' | 'risk'; readonly request: 'new' | 'cancel' | 'replace' };
}

const steps: Readonly<Record<string, Step>> = {
  OrderSubmitted: { execType: 'pendingNew' },
  OrderAccepted: { execType: 'new' },
  OrderUpdated: { execType: 'replaced' },
  OrderTriggered: { execType: 'triggered' },
  OrderPendingUpdate: { execType: 'pendingReplace' },
  OrderPendingCancel: { execType: 'pendingCancel' },
  OrderCanceled: { execType: 'canceled' },
  OrderExpired: { execType: 'expired' },
  OrderRejected: { execType: 'rejected', reject: { source: 'venue', request: 'new' } },
  OrderDenied: { execType: 'denied', reject: { source: 'risk', request: 'new' } },
  OrderModifyRejected: { execType: 'rejected', reject: { source: 'venue', request: 'replace' } },
  OrderCancelRejected: { execType: 'rejected', reject: { source: 'venue', request: 'cancel' } },
};

/** What later events of an order leave out. */
interface Known {
  readonly side: Side;
  readonly ordType: string;
  readonly quantity: string;
  readonly filled: string;
  readonly submittedAt?: string;
}

const sideOf = (value: unknown): Side | undefined => {
  const text = textOf(value)?.toLowerCase();
  return text === 'buy' || text === 'sell' ? text : undefined;
};

/** `1.20 USDT` as amount and currency. */
function moneyOf(value: unknown, currency: unknown): { amount: string; currency: string } | undefined {
  const [first, second] = (textOf(value) ?? '').split(/\s+/);
  const amount = decimalOf(first?.replaceAll('_', ''));
  const code = second ?? textOf(currency);
  return amount === undefined || code === undefined ? undefined : { amount, currency: code };
}

const timeOf = (fields: Fields): string | undefined => isoOfEpoch(fields['ts_event'], 'ns') ?? isoOfText(fields['ts_event']);

/** `ETHUSDT-PERP.BINANCE`: the venue follows the last point. */
const venueOf = (instrument: string): string => instrument.slice(instrument.lastIndexOf('.') + 1);

export const nautilus: SourceFormat = {
  name: 'nautilus',
  reads: 'events of the message bus as JSON, one a line or an array',
  framing: 'json',
  mapping: [
    ['execution', 'OrderFilled'],
    [
      'order',
      'OrderSubmitted, Accepted, Updated, Triggered, PendingUpdate, PendingCancel, Canceled, Expired, Rejected, Denied, ModifyRejected, CancelRejected',
    ],
    ['cash', 'PositionAdjusted of type FUNDING'],
    ['account', 'AccountState with one balance, or with balances of one currency'],
    ['control', 'TradingStateChanged'],
  ],
  lost: [
    'Position events: the ledger derives positions from fills. Portfolio snapshots.',
    'Orders that were initialized, emulated or released but not submitted have no event of their own.',
    'An AccountState with balances of several currencies has no total and gives no event; one of a single currency is taken as equity, without unrealized P&L. It names no strategy: it goes to the only one seen, or --strategy.',
    'That a fill comes from reconciliation: it counts as any other.',
    'Side, type and quantity stand only in OrderInitialized and OrderFilled: steps of an order that was never seen there are named as problems.',
  ],
  open: (context, memory) => openNautilus(context, memory),
};

function openNautilus(context: SourceContext, memory: Memory | undefined) {
  const orders = new Map((memory?.['orders'] ?? []) as [string, Known][]);
  const strategies = new Set((memory?.['strategies'] ?? []) as string[]);
  let unnamed = 0;

  const originOf = (fields: Fields): Origin => ({
    system: 'nautilus',
    environment: context.environment ?? ('live' satisfies Environment),
    strategyId: context.strategyId ?? textOf(fields['strategy_id']) ?? 'nautilus',
    accountId: context.accountId ?? textOf(fields['account_id']) ?? textOf(fields['trader_id']) ?? 'nautilus',
  });

  const idOf = (fields: Fields, type: string, at: string) =>
    `nautilus:${textOf(fields['event_id']) ?? `${type}:${textOf(fields['client_order_id']) ?? textOf(fields['position_id']) ?? ''}:${at}`}`;

  const readFill = (fields: Fields, place: string): Mapped => {
    const instrumentId = textOf(fields['instrument_id']);
    const clOrdId = textOf(fields['client_order_id']);
    const execId = textOf(fields['trade_id']);
    const side = sideOf(fields['order_side']);
    const lastQty = decimalOf(fields['last_qty']);
    const lastPx = decimalOf(fields['last_px']);
    const at = timeOf(fields);
    const gap = missing({
      instrument_id: instrumentId,
      client_order_id: clOrdId,
      trade_id: execId,
      order_side: side,
      last_qty: lastQty,
      last_px: lastPx,
      ts_event: at,
    });
    if (
      instrumentId === undefined ||
      execId === undefined ||
      side === undefined ||
      lastQty === undefined ||
      lastPx === undefined ||
      at === undefined ||
      clOrdId === undefined
    ) {
      return problem(place, `OrderFilled ${gap}`);
    }
    const known = orders.get(clOrdId);
    const filled = formatDecimal(add(parseDecimal(known?.filled ?? '0'), parseDecimal(lastQty)));
    if (known !== undefined) orders.set(clOrdId, { ...known, filled });
    const liquidity = textOf(fields['liquidity_side'])?.toLowerCase();
    const fee = moneyOf(fields['commission'], fields['currency']);
    const event = wireEvent(originOf(fields), 'execution', {
      eventId: idOf(fields, 'OrderFilled', at),
      tsEvent: at,
      execId,
      execType: 'trade',
      instrumentId,
      venue: context.venue ?? venueOf(instrumentId),
      side,
      lastQty,
      lastPx,
      transactTime: at,
      clOrdId,
      orderId: textOf(fields['venue_order_id']),
      liquidity: liquidity === 'maker' || liquidity === 'taker' ? liquidity : undefined,
      fees: fee === undefined || fee.amount === '0' ? undefined : [fee],
      settlCurrency: textOf(fields['currency']),
    });
    return { events: [event], problems: [] };
  };

  const readStep = (fields: Fields, type: string, step: Step, place: string): Mapped => {
    const clOrdId = textOf(fields['client_order_id']);
    const instrumentId = textOf(fields['instrument_id']);
    const at = timeOf(fields);
    const known = clOrdId === undefined ? undefined : orders.get(clOrdId);
    const gap = missing({ client_order_id: clOrdId, instrument_id: instrumentId, ts_event: at, 'earlier OrderInitialized': known });
    if (clOrdId === undefined || instrumentId === undefined || at === undefined || known === undefined)
      return problem(place, `${type} ${gap}`);
    const quantity = (step.execType === 'replaced' ? decimalOf(fields['quantity']) : undefined) ?? known.quantity;
    const isEnd =
      ['canceled', 'expired', 'denied'].includes(step.execType) || (step.execType === 'rejected' && step.reject?.request === 'new');
    const rest = subtract(parseDecimal(quantity), parseDecimal(known.filled));
    const submittedAt = step.execType === 'pendingNew' ? at : known.submittedAt;
    orders.set(clOrdId, { ...known, quantity, ...(submittedAt === undefined ? {} : { submittedAt }) });
    const text = textOf(fields['reason']);
    const event: WireEvent = wireEvent(originOf(fields), 'order', {
      eventId: idOf(fields, type, at),
      tsEvent: at,
      clOrdId,
      orderId: textOf(fields['venue_order_id']),
      instrumentId,
      venue: context.venue ?? venueOf(instrumentId),
      side: known.side,
      ordType: known.ordType,
      orderQty: quantity,
      execType: step.execType,
      ordStatus: type.replace(/^Order/, '').replace(/^./, letter => letter.toLowerCase()),
      cumQty: known.filled,
      leavesQty: isEnd || rest.units < 0n ? '0' : formatDecimal(rest),
      price: decimalOf(fields['price']),
      stopPx: decimalOf(fields['trigger_price']),
      tsSubmitted: submittedAt,
      reject: step.reject === undefined ? undefined : { ...step.reject, ...(text === undefined ? {} : { text }) },
    });
    return { events: [event], problems: [] };
  };

  const readInitialized = (fields: Fields, place: string): Mapped => {
    const clOrdId = textOf(fields['client_order_id']);
    const side = sideOf(fields['order_side'] ?? fields['side']);
    const quantity = decimalOf(fields['quantity']);
    const gap = missing({ client_order_id: clOrdId, order_side: side, quantity });
    if (clOrdId === undefined || side === undefined || quantity === undefined) return problem(place, `OrderInitialized ${gap}`);
    orders.set(clOrdId, {
      side,
      quantity,
      filled: '0',
      ordType: textOf(fields['order_type'] ?? fields['type_'])?.toLowerCase() ?? 'unknown',
    });
    return nothing;
  };

  const readFunding = (fields: Fields, place: string): Mapped => {
    if (textOf(fields['adjustment_type'])?.toUpperCase() !== 'FUNDING') return nothing;
    const money = moneyOf(fields['pnl_change'], fields['currency']);
    const at = timeOf(fields);
    const gap = missing({ pnl_change: money, ts_event: at });
    if (money === undefined || at === undefined) return problem(place, `PositionAdjusted ${gap}`);
    const eventId = idOf(fields, 'PositionAdjusted', at);
    const instrumentId = textOf(fields['instrument_id']);
    return {
      events: [wireEvent(originOf(fields), 'cash', { eventId, tsEvent: at, cashType: 'funding', ...money, refId: eventId, instrumentId })],
      problems: [],
    };
  };

  const readAccount = (fields: Fields, place: string): Mapped => {
    const balances = listOf(fields['balances']).filter(isFields);
    const at = timeOf(fields);
    const total = decimalOf(balances[0]?.['total']);
    const currency = textOf(balances[0]?.['currency']);
    if (balances.length !== 1) return nothing;
    const strategyId = context.strategyId ?? (strategies.size === 1 ? [...strategies][0] : undefined);
    if (strategyId === undefined) {
      unnamed++;
      return nothing;
    }
    const gap = missing({ total, currency, ts_event: at });
    if (total === undefined || currency === undefined || at === undefined) return problem(place, `AccountState ${gap}`);
    const eventId = idOf(fields, 'AccountState', at);
    return {
      events: [
        wireEvent({ ...originOf(fields), strategyId }, 'account', {
          eventId,
          tsEvent: at,
          equity: total,
          currency,
          tsAsOf: at,
          origin: 'venue',
        }),
      ],
      problems: [],
    };
  };

  const actions = { ACTIVE: 'resume', REDUCING: 'reduceOnly', HALTED: 'halt' } as const;
  const readState = (fields: Fields, place: string): Mapped => {
    const action = actions[(textOf(fields['state'])?.toUpperCase() ?? '') as keyof typeof actions];
    const at = timeOf(fields);
    if (action === undefined || at === undefined) return problem(place, `TradingStateChanged ${missing({ state: action, ts_event: at })}`);
    const eventId = idOf(fields, 'TradingStateChanged', at);
    return {
      events: [wireEvent(originOf(fields), 'control', { eventId, tsEvent: at, action, actor: 'nautilus', reason: 'TradingStateChanged' })],
      problems: [],
    };
  };

  const readers: Readonly<Record<string, (fields: Fields, place: string) => Mapped>> = {
    OrderFilled: readFill,
    OrderInitialized: readInitialized,
    PositionAdjusted: readFunding,
    AccountState: readAccount,
    TradingStateChanged: readState,
  };

  const map = ({ place, value }: RawRecord): Mapped => {
    if (!isFields(value)) return problem(place, 'is no object');
    const type = textOf(value['type']) ?? '';
    const strategy = textOf(value['strategy_id']);
    if (strategy !== undefined) strategies.add(strategy);
    const step = steps[type];
    if (step !== undefined) return readStep(value, type, step, place);
    return readers[type]?.(value, place) ?? nothing;
  };
  const notes = () => (unnamed === 0 ? [] : [`${unnamed} account states name no strategy and were left out; give --strategy.`]);
  return { map, notes, memory: () => ({ orders: [...orders].slice(-5000), strategies: [...strategies] }) };
}
