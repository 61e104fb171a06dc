/** ExecutionReport (35=8): fills, their busts and corrections, and the steps of orders. */
import type { Fee } from '../../../core/events/types.ts';
import { formatDecimal, multiply, parseDecimal, subtract } from '../../../core/money/decimal.ts';
import { symbolParts } from '../field-reader.ts';
import { derivedText } from '../plain-decimal.ts';
import { type Mapped, missing, nothing, problem, wireEvent } from '../source.ts';
import { decimalIn, type FixMessage, groupIn, timeIn } from './message.ts';
import { count, instrumentOf, originOf, rememberOrder, type Session, venueOf, whenOf } from './session.ts';
import { liquidities, orderStatus, orderSteps, orderTypes, sides, timesInForce } from './words.ts';

type Kind = 'trade' | 'tradeCancel' | 'tradeCorrect' | 'status' | 'order';

/** ExecType F, H, G, I since 4.3; before, ExecTransType (20) says bust, correction or status, and ExecType (4.0: OrdStatus) 1 and 2 are fills. */
function kindOf(message: FixMessage): Kind {
  const transaction = message.get(20);
  if (transaction === '1') return 'tradeCancel';
  if (transaction === '2') return 'tradeCorrect';
  if (transaction === '3') return 'status';
  const type = message.get(150) ?? message.get(39);
  if (type === 'F' || type === '1' || type === '2') return 'trade';
  if (type === 'H') return 'tradeCancel';
  if (type === 'G') return 'tradeCorrect';
  return type === 'I' ? 'status' : 'order';
}

export function readExecutionReport(session: Session, message: FixMessage, place: string): Mapped {
  const kind = kindOf(message);
  if (kind === 'status') {
    count(session, 'status reports, which repeat what is known');
    return nothing;
  }
  return kind === 'order' ? readOrderStep(session, message, place) : readFill(session, message, place, kind);
}

/** Quantities of the order; LeavesQty is computed for FIX 4.0 and 4.1, which have none. */
function quantities(message: FixMessage): { orderQty: string; cumQty: string; leavesQty: string } | undefined {
  const cumQty = decimalIn(message, 14) ?? '0';
  const stated = decimalIn(message, 38);
  const leaves = decimalIn(message, 151);
  const orderQty = stated ?? (leaves === undefined ? undefined : formatDecimal(sum(cumQty, leaves)));
  if (orderQty === undefined) return undefined;
  const rest = subtract(parseDecimal(orderQty), parseDecimal(cumQty));
  return { orderQty, cumQty, leavesQty: leaves ?? (rest.units < 0n ? '0' : formatDecimal(rest)) };
}

const sum = (a: string, b: string) => subtract(parseDecimal(a), multiply(parseDecimal(b), { units: -1n, scale: 0 }));

/** ExecID is unique in a day: the day is part of our event id, and 75 of the execution's identity. */
function eventIdOf(message: FixMessage, what: string, at: string): string {
  return `fix:${message.get(49) ?? ''}:${at.slice(0, 10)}:${what}:${message.get(17) ?? message.get(34) ?? ''}`;
}

/**
 * Commission per fill: CommType 1 is per unit, 2 a fraction of the notional (FIX: 0.05 is 5 %), 3 absolute. Miscellaneous fees are
 * absolute.
 */
function feesOf(message: FixMessage, quantity: string, price: string, currency: string | undefined): readonly Fee[] | 'noCurrency' {
  const fees: { amount: string; currency: string | undefined; type: string }[] = [];
  const commission = decimalIn(message, 12);
  if (commission !== undefined && commission !== '0') {
    const type = message.get(13) ?? '3';
    const value = parseDecimal(commission);
    const perUnit = multiply(value, parseDecimal(quantity));
    const amount = type === '1' ? perUnit : type === '2' ? multiply(perUnit, multiply(parseDecimal(price), multiplierOf(message))) : value;
    fees.push({ amount: derivedText(amount), currency: message.get(479) ?? currency, type: 'commission' });
  }
  for (const entry of groupIn(message, 137, [138, 139])) {
    const amount = entry.get(137);
    if (amount === undefined || !/[1-9]/.test(amount)) continue;
    fees.push({ amount, currency: entry.get(138) ?? currency, type: `misc ${entry.get(139) ?? ''}`.trim() });
  }
  if (fees.some(fee => fee.currency === undefined)) return 'noCurrency';
  return fees as readonly Fee[];
}

const multiplierOf = (message: FixMessage) => parseDecimal(decimalIn(message, 231) ?? '1');

/** SettlCurrency (120); of a currency pair its second currency, whatever was dealt (15); else Currency (15). */
function currencyOf(session: Session, message: FixMessage): string | undefined {
  const symbol = message.get(55);
  const pair = symbol === undefined ? undefined : symbolParts(symbol);
  return message.get(120) ?? pair?.settle ?? message.get(15) ?? session.context.currency;
}

function readFill(session: Session, message: FixMessage, place: string, execType: 'trade' | 'tradeCancel' | 'tradeCorrect'): Mapped {
  const execId = message.get(17);
  const instrumentId = instrumentOf(message);
  const side = sides[message.get(54) ?? ''];
  const amends = execType !== 'trade';
  const lastQty = decimalIn(message, 32) ?? (execType === 'tradeCancel' ? '0' : undefined);
  const lastPx = decimalIn(message, 31) ?? (execType === 'tradeCancel' ? '0' : undefined);
  const at = whenOf(message);
  const execRefId = amends ? message.get(19) : undefined;
  const gap = missing({
    'ExecID (17)': execId,
    'Symbol (55)': instrumentId,
    'Side (54)': side,
    'LastQty (32)': lastQty,
    'LastPx (31)': lastPx,
    'TransactTime (60)': at,
    ...(amends ? { 'ExecRefID (19)': execRefId } : {}),
  });
  if (
    execId === undefined ||
    instrumentId === undefined ||
    side === undefined ||
    lastQty === undefined ||
    lastPx === undefined ||
    at === undefined
  ) {
    return problem(place, `ExecutionReport ${gap}`);
  }
  if (gap !== undefined) return problem(place, `ExecutionReport ${gap}`);
  const counterparty = message.get(49);
  const origin = originOf(session, message, message.get(56));
  const settlCurrency = currencyOf(session, message);
  const fees = feesOf(message, lastQty, lastPx, settlCurrency);
  const order = noteOrder(session, message, origin.accountId, instrumentId, side);
  const day = timeIn(message, 75)?.slice(0, 10);
  const effect = { O: 'open', C: 'close' }[message.get(77) ?? ''] as 'open' | 'close' | undefined;
  const event = wireEvent(origin, 'execution', {
    eventId: eventIdOf(message, 'execution', at),
    tsEvent: at,
    execId,
    execType,
    instrumentId,
    venue: venueOf(session, counterparty),
    side,
    lastQty,
    lastPx,
    transactTime: at,
    execRefId,
    clOrdId: message.get(11),
    orderId: message.get(37),
    cumQty: order?.cumQty,
    leavesQty: order?.leavesQty,
    avgPx: decimalIn(message, 6),
    liquidity: liquidities[message.get(851) ?? ''],
    fees: fees === 'noCurrency' || fees.length === 0 ? undefined : fees,
    positionEffect: effect,
    settlCurrency,
    lastMkt: message.get(30),
    tradeDate: day,
  });
  const problems =
    fees === 'noCurrency'
      ? [{ place, message: 'ExecutionReport has a fee without a currency (479, 138, 120 or 15); the fee is left out' }]
      : [];
  return { events: [event], problems };
}

/** Remembers the order that a report speaks of, for messages that do not describe it. */
function noteOrder(session: Session, message: FixMessage, accountId: string, instrumentId: string, side: 'buy' | 'sell') {
  const amounts = quantities(message);
  const clOrdId = message.get(11);
  if (amounts === undefined || clOrdId === undefined) return amounts;
  const ordType = orderTypes[message.get(40) ?? ''] ?? session.orders.get(clOrdId)?.ordType ?? 'unknown';
  rememberOrder(session, clOrdId, { instrumentId, accountId, side, ordType, ...amounts });
  return amounts;
}

function readOrderStep(session: Session, message: FixMessage, place: string): Mapped {
  const type = message.get(150) ?? message.get(39) ?? '';
  const execType = orderSteps[type];
  if (execType === undefined) {
    count(session, `execution reports of type ${type}, which have no event`);
    return nothing;
  }
  const original = message.get(41);
  // A cancel or replace that is not done yet still speaks of the order under its own id.
  const isOfOriginal = original !== undefined && execType !== 'replaced' && execType !== 'new' && execType !== 'pendingNew';
  const clOrdId = (isOfOriginal ? original : message.get(11)) ?? message.get(37);
  const known = clOrdId === undefined ? undefined : session.orders.get(clOrdId);
  const instrumentId = instrumentOf(message) ?? known?.instrumentId;
  const side = sides[message.get(54) ?? ''] ?? known?.side;
  const amounts = quantities(message) ?? known;
  const at = whenOf(message);
  const gap = missing({
    'ClOrdID (11)': clOrdId,
    'Symbol (55)': instrumentId,
    'Side (54)': side,
    'OrderQty (38)': amounts,
    'TransactTime (60)': at,
  });
  if (clOrdId === undefined || instrumentId === undefined || side === undefined || amounts === undefined || at === undefined) {
    return problem(place, `ExecutionReport ${gap}`);
  }
  const origin = originOf(session, message, message.get(56), known?.accountId);
  const ordType = orderTypes[message.get(40) ?? ''] ?? known?.ordType ?? 'unknown';
  const { orderQty, cumQty, leavesQty } = amounts;
  rememberOrder(session, clOrdId, { instrumentId, accountId: origin.accountId, side, ordType, orderQty, cumQty, leavesQty });
  const event = wireEvent(origin, 'order', {
    eventId: eventIdOf(message, `order ${type}`, at),
    tsEvent: at,
    clOrdId,
    orderId: message.get(37),
    origClOrdId: execType === 'replaced' ? original : undefined,
    instrumentId,
    venue: venueOf(session, message.get(49)),
    side,
    ordType,
    orderQty,
    execType,
    ordStatus: orderStatus[message.get(39) ?? ''] ?? execType,
    cumQty,
    leavesQty,
    price: decimalIn(message, 44),
    stopPx: decimalIn(message, 99),
    avgPx: cumQty === '0' ? undefined : decimalIn(message, 6),
    timeInForce: timesInForce[message.get(59) ?? ''],
    tsSubmitted: session.orders.get(clOrdId)?.sentAt,
    reject: execType === 'rejected' ? { source: 'venue', request: 'new', ...reasonOf(message, 103) } : undefined,
  });
  return { events: [event], problems: [] };
}

/** Code and words of a refusal. */
export function reasonOf(message: FixMessage, tag: number): { code?: string; text?: string } {
  const code = message.get(tag);
  const text = message.get(58);
  return { ...(code === undefined ? {} : { code }), ...(text === undefined ? {} : { text }) };
}
