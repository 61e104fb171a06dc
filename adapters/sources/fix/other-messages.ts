/** Our orders, refusals, position reports and the end of the session. */
import { formatDecimal, parseDecimal, subtract } from '../../../core/money/decimal.ts';
import { type Mapped, missing, nothing, problem, wireEvent } from '../source.ts';
import { reasonOf } from './execution-report.ts';
import { decimalIn, type FixMessage, groupIn, timeIn } from './message.ts';
import { instrumentOf, originOf, rememberOrder, rememberRequest, type Session, venueOf, whenOf } from './session.ts';
import { orderStatus, orderTypes, sides, timesInForce } from './words.ts';

/** NewOrderSingle (35=D), which we sent: the moment of submission, from which acknowledgement is measured. */
export function readNewOrder(session: Session, message: FixMessage, place: string): Mapped {
  const clOrdId = message.get(11);
  const instrumentId = instrumentOf(message);
  const side = sides[message.get(54) ?? ''];
  const orderQty = decimalIn(message, 38);
  const at = timeIn(message, 52) ?? whenOf(message);
  const gap = missing({
    'ClOrdID (11)': clOrdId,
    'Symbol (55)': instrumentId,
    'Side (54)': side,
    'OrderQty (38)': orderQty,
    'SendingTime (52)': at,
  });
  if (clOrdId === undefined || instrumentId === undefined || side === undefined || orderQty === undefined || at === undefined) {
    return problem(place, `NewOrderSingle ${gap}`);
  }
  const origin = originOf(session, message, message.get(49));
  const ordType = orderTypes[message.get(40) ?? ''] ?? 'unknown';
  noteRequest(session, message, 'D', clOrdId);
  const amounts = { orderQty, cumQty: '0', leavesQty: orderQty };
  rememberOrder(session, clOrdId, { instrumentId, accountId: origin.accountId, side, ordType, ...amounts, sentAt: at });
  const event = wireEvent(origin, 'order', {
    eventId: `fix:${message.get(49) ?? ''}:${at.slice(0, 10)}:sent:${clOrdId}`,
    tsEvent: at,
    clOrdId,
    instrumentId,
    venue: venueOf(session, message.get(56)),
    side,
    ordType,
    execType: 'pendingNew',
    ordStatus: 'pendingNew',
    ...amounts,
    price: decimalIn(message, 44),
    stopPx: decimalIn(message, 99),
    timeInForce: timesInForce[message.get(59) ?? ''],
    tsSubmitted: at,
  });
  return { events: [event], problems: [] };
}

export function noteRequest(session: Session, message: FixMessage, type: string, clOrdId: string | undefined): Mapped {
  const sequence = message.get(34);
  if (sequence !== undefined && clOrdId !== undefined) rememberRequest(session, sequence, { clOrdId, type });
  return nothing;
}

const refusals = { '1': 'cancel', '2': 'replace' } as const;

/** OrderCancelReject (35=9). The order is the one of OrigClOrdID (41); the message names neither its instrument nor its side. */
export function readCancelReject(session: Session, message: FixMessage, place: string): Mapped {
  const request = refusals[(message.get(434) ?? '1') as keyof typeof refusals] ?? 'cancel';
  return rejectOrder(session, message, place, {
    clOrdId: message.get(41) ?? message.get(11),
    request,
    codeTag: 102,
    name: 'OrderCancelReject',
    id: message.get(11) ?? message.get(34) ?? '',
  });
}

interface Refusal {
  readonly clOrdId: string | undefined;
  readonly request: 'new' | 'cancel' | 'replace';
  readonly codeTag: number;
  readonly name: string;
  readonly id: string;
}

function rejectOrder(session: Session, message: FixMessage, place: string, refusal: Refusal): Mapped {
  const { clOrdId, request, codeTag, name, id } = refusal;
  const known = clOrdId === undefined ? undefined : session.orders.get(clOrdId);
  if (clOrdId === undefined || known === undefined)
    return readError(session, message, place, { name, codeTag, ...(clOrdId === undefined ? {} : { clOrdId }) });
  const at = whenOf(message);
  if (at === undefined) return problem(place, `${name} has no usable TransactTime (60) or SendingTime (52)`);
  const event = wireEvent(originOf(session, message, message.get(56), known.accountId), 'order', {
    eventId: `fix:${message.get(49) ?? ''}:${at.slice(0, 10)}:${name}:${id}`,
    tsEvent: at,
    clOrdId,
    orderId: message.get(37),
    instrumentId: known.instrumentId,
    venue: venueOf(session, message.get(49)),
    side: known.side,
    ordType: known.ordType,
    orderQty: known.orderQty,
    execType: 'rejected',
    ordStatus: request === 'new' ? 'rejected' : (orderStatus[message.get(39) ?? ''] ?? 'new'),
    cumQty: known.cumQty,
    leavesQty: request === 'new' ? '0' : known.leavesQty,
    tsSubmitted: request === 'new' ? known.sentAt : undefined,
    reject: { source: 'venue', request, ...reasonOf(message, codeTag) },
  });
  return { events: [event], problems: [] };
}

const requestOf: Readonly<Record<string, 'new' | 'cancel' | 'replace'>> = { D: 'new', F: 'cancel', G: 'replace' };

/** Reject (35=3) and BusinessMessageReject (35=j): of a request whose order is known, the order's rejection; else an error. */
export function readReject(session: Session, message: FixMessage, place: string): Mapped {
  const isSession = message.get(35) === '3';
  const name = isSession ? 'Reject' : 'BusinessMessageReject';
  const codeTag = isSession ? 373 : 380;
  const refused = session.requests.get(message.get(45) ?? '');
  const clOrdId = refused?.clOrdId ?? (isSession ? undefined : message.get(379));
  const request = requestOf[refused?.type ?? message.get(372) ?? ''];
  if (request === undefined) return readError(session, message, place, { name, codeTag });
  return rejectOrder(session, message, place, { clOrdId, request, codeTag, name, id: message.get(34) ?? '' });
}

function readError(
  session: Session,
  message: FixMessage,
  place: string,
  given: { name: string; codeTag: number; clOrdId?: string },
): Mapped {
  const at = whenOf(message);
  if (at === undefined) return problem(place, `${given.name} has no usable SendingTime (52)`);
  const { code = 'unknown', text } = reasonOf(message, given.codeTag);
  const refused = message.get(372) === undefined ? '' : ` of a message of type ${message.get(372)}`;
  const tag = message.get(371) === undefined ? '' : `, tag ${message.get(371)}`;
  const event = wireEvent(originOf(session, message, message.get(56)), 'error', {
    eventId: `fix:${message.get(49) ?? ''}:${at}:${given.name}:${message.get(34) ?? ''}`,
    tsEvent: at,
    severity: 'error',
    code: `fix.${given.name}.${code}`,
    message: text ?? `${given.name}${refused}${tag}`,
    component: 'fix',
    clOrdId: given.clOrdId,
  });
  return { events: [event], problems: [] };
}

/** PosType (703) in the order of preference: end of day, total, transaction. */
const positionTypes = ['FIN', 'TOT', 'TQ'];

/** PositionReport (35=AP): long less short. */
export function readPositionReport(session: Session, message: FixMessage, place: string): Mapped {
  const entries = groupIn(message, 703, [704, 705]);
  const entry =
    positionTypes.map(type => entries.find(each => each.get(703) === type)).find(each => each !== undefined) ??
    (entries.length === 1 ? entries[0] : undefined);
  const instrumentId = instrumentOf(message);
  const at = timeIn(message, 60) ?? timeIn(message, 52);
  const gap = missing({ 'Symbol (55)': instrumentId, 'position of type FIN, TOT or TQ (703)': entry, 'SendingTime (52)': at });
  if (instrumentId === undefined || entry === undefined || at === undefined) return problem(place, `PositionReport ${gap}`);
  const qty = subtract(parseDecimal(entry.get(704) ?? '0'), parseDecimal(entry.get(705) ?? '0'));
  const event = wireEvent(originOf(session, message, message.get(56)), 'position', {
    eventId: `fix:${message.get(49) ?? ''}:${at.slice(0, 10)}:position:${message.get(721) ?? message.get(34) ?? instrumentId}`,
    tsEvent: at,
    instrumentId,
    qty: formatDecimal(qty),
    tsAsOf: at,
    markPx: decimalIn(message, 730),
    currency: message.get(15),
    origin: 'broker',
  });
  return { events: [event], problems: [] };
}

/** Logout (35=5) of the counterparty. */
export function readLogout(session: Session, message: FixMessage, place: string): Mapped {
  const at = timeIn(message, 52);
  if (at === undefined) return problem(place, 'Logout has no usable SendingTime (52)');
  const event = wireEvent(originOf(session, message, message.get(56)), 'error', {
    eventId: `fix:${message.get(49) ?? ''}:${at}:Logout:${message.get(34) ?? ''}`,
    tsEvent: at,
    severity: 'warning',
    code: 'fix.Logout',
    message: message.get(58) ?? 'the session was logged out',
    component: 'fix',
  });
  return { events: [event], problems: [] };
}
