/** What the messages of one log have said so far, as far as later messages leave it out. */
import type { Memory, Origin, SourceContext } from '../source.ts';
import { type FixMessage, timeIn } from './message.ts';

/** What is known of an order: cancel rejects name neither instrument nor side. */
export interface KnownOrder {
  readonly instrumentId: string;
  readonly accountId: string;
  readonly side: 'buy' | 'sell';
  readonly ordType: string;
  readonly orderQty: string;
  readonly cumQty: string;
  readonly leavesQty: string;
  readonly sentAt?: string;
}

export interface Session {
  readonly context: SourceContext;
  readonly orders: Map<string, KnownOrder>;
  /** Our requests by MsgSeqNum: session rejects name only that. */
  readonly requests: Map<string, { readonly clOrdId: string; readonly type: string }>;
  readonly counts: Map<string, number>;
}

/** Orders and requests that are remembered, the newest. Beyond it a reject of an old order is told as an error. */
const remembered = 20_000;

export function openSession(context: SourceContext, memory: Memory | undefined): Session {
  return {
    context,
    orders: new Map((memory?.['orders'] ?? []) as [string, KnownOrder][]),
    requests: new Map((memory?.['requests'] ?? []) as [string, { clOrdId: string; type: string }][]),
    counts: new Map(),
  };
}

export function memoryOf({ orders, requests }: Session): Memory {
  return { orders: [...orders].slice(-keptInState), requests: [...requests].slice(-keptInState) };
}

const keptInState = 1000;

export function rememberOrder(session: Session, clOrdId: string, order: KnownOrder): void {
  const before = session.orders.get(clOrdId);
  session.orders.delete(clOrdId);
  session.orders.set(clOrdId, before?.sentAt === undefined ? order : { ...order, sentAt: before.sentAt });
  forgetOldest(session.orders);
}

export function rememberRequest(session: Session, sequence: string, request: { clOrdId: string; type: string }): void {
  session.requests.set(sequence, request);
  forgetOldest(session.requests);
}

function forgetOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next();
  if (map.size > remembered && oldest.done !== true) map.delete(oldest.value);
}

export function count(session: Session, what: string): void {
  session.counts.set(what, (session.counts.get(what) ?? 0) + 1);
}

/** A message of the counterparty: it is addressed to us. Its sender is the venue. */
export function originOf(session: Session, message: FixMessage, ours: string | undefined, accountId?: string): Origin {
  const { context } = session;
  return {
    system: 'fix',
    version: message.get(8) ?? 'FIX',
    environment: context.environment ?? 'live',
    strategyId: context.strategyId ?? ours ?? 'fix',
    accountId: context.accountId ?? accountId ?? message.get(1) ?? ours ?? 'fix',
  };
}

export const venueOf = (session: Session, counterparty: string | undefined): string => session.context.venue ?? counterparty ?? 'fix';

/** TransactTime (60), or SendingTime (52) where there is none. */
export const whenOf = (message: FixMessage): string | undefined => timeIn(message, 60) ?? timeIn(message, 52);

/** Symbol with what tells contracts of one symbol apart: suffix, maturity, put or call, strike; else SecurityID. */
export function instrumentOf(message: FixMessage): string | undefined {
  const symbol = message.get(55);
  if (symbol === undefined || symbol === '[N/A]') return message.get(48);
  const right = { '0': 'P', '1': 'C' }[message.get(201) ?? ''];
  return [symbol, message.get(65), message.get(541) ?? message.get(200), right, message.get(202)]
    .filter(part => part !== undefined)
    .join(' ');
}
