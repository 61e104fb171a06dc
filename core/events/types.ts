/**
 * The ten event types that a bot reports. Names are FIX-derived camelCase.
 * After parsing, times are nanoseconds since 1970 (bigint, so order survives) and money,
 * prices and quantities stay decimal strings (exact; see core/money).
 */
import type { EpochNs } from '../time/instant.ts';

/** A plain decimal without exponent, such as `-0.00012300`. Parsed by `parseDecimal` in core/money. */
export type DecimalString = string;

export type Side = 'buy' | 'sell';
export type Environment = 'live' | 'paper' | 'backtest';

export interface Source {
  readonly system: string;
  readonly version?: string;
  /** The process that emitted the event; two instances of one strategy differ here. */
  readonly instanceId?: string;
}

export interface Envelope {
  readonly schemaVersion: number;
  readonly eventId: string;
  readonly source: Source;
  readonly environment: Environment;
  readonly strategyId: string;
  readonly accountId: string;
  /** When the fact happened. */
  readonly tsEvent: EpochNs;
  /** When the bot wrote the line. */
  readonly tsSent: EpochNs;
  /** Rises by one with every event of a source; a gap means lost lines. */
  readonly seq?: number;
  readonly traceId?: string;
}

export type OrderExecType =
  | 'pendingNew'
  | 'new'
  | 'replaced'
  | 'pendingCancel'
  | 'canceled'
  | 'rejected'
  | 'expired'
  | 'suspended'
  | 'done'
  | 'denied'
  | 'restated'
  | 'pendingReplace'
  | 'stopped'
  | 'triggered'
  | 'calculated'
  | 'status';

export interface Reject {
  readonly source: 'venue' | 'risk' | 'local';
  readonly code?: string;
  readonly text?: string;
  readonly request?: 'new' | 'cancel' | 'replace';
}

export interface OrderEvent extends Envelope {
  readonly eventType: 'order';
  readonly clOrdId: string;
  readonly instrumentId: string;
  readonly venue: string;
  readonly side: Side;
  readonly ordType: string;
  readonly orderQty: DecimalString;
  readonly execType: OrderExecType;
  readonly ordStatus: string;
  readonly cumQty: DecimalString;
  readonly leavesQty: DecimalString;
  readonly orderId?: string;
  readonly origClOrdId?: string;
  readonly parentOrderId?: string;
  readonly price?: DecimalString;
  readonly stopPx?: DecimalString;
  readonly timeInForce?: string;
  readonly avgPx?: DecimalString;
  readonly reduceOnly?: boolean;
  readonly reject?: Reject;
  readonly tsSubmitted?: EpochNs;
  readonly tsAcked?: EpochNs;
  readonly arrivalMid?: DecimalString;
  readonly decisionPx?: DecimalString;
  readonly tags?: readonly string[];
}

export interface Fee {
  /** Positive is a cost, negative a rebate. */
  readonly amount: DecimalString;
  readonly currency: string;
  readonly type?: string;
}

export interface ExecutionEvent extends Envelope {
  readonly eventType: 'execution';
  readonly execId: string;
  readonly execType: 'trade' | 'tradeCancel' | 'tradeCorrect';
  readonly instrumentId: string;
  readonly venue: string;
  readonly side: Side;
  readonly lastQty: DecimalString;
  readonly lastPx: DecimalString;
  readonly transactTime: EpochNs;
  /** The execution that a cancel or correction refers to; required for both. */
  readonly execRefId?: string;
  readonly clOrdId?: string;
  readonly orderId?: string;
  readonly cumQty?: DecimalString;
  readonly leavesQty?: DecimalString;
  readonly avgPx?: DecimalString;
  readonly liquidity?: 'maker' | 'taker' | 'auction';
  readonly fees?: readonly Fee[];
  readonly positionEffect?: 'open' | 'close';
  readonly settlCurrency?: string;
  readonly lastMkt?: string;
  readonly arrivalMid?: DecimalString;
  readonly tradeDate?: string;
}

/** A position as somebody else sees it: an assertion to reconcile against, never adopted. */
export interface PositionEvent extends Envelope {
  readonly eventType: 'position';
  readonly instrumentId: string;
  /** Signed: negative is short. */
  readonly qty: DecimalString;
  readonly tsAsOf: EpochNs;
  readonly avgPx?: DecimalString;
  readonly markPx?: DecimalString;
  readonly unrealizedPnl?: DecimalString;
  readonly realizedPnl?: DecimalString;
  readonly currency?: string;
  readonly liquidationPx?: DecimalString;
  readonly origin?: 'internal' | 'venue' | 'broker';
}

export interface Balance {
  readonly currency: string;
  readonly total: DecimalString;
  readonly available?: DecimalString;
}

export interface AccountEvent extends Envelope {
  readonly eventType: 'account';
  readonly equity: DecimalString;
  readonly currency: string;
  readonly tsAsOf: EpochNs;
  readonly balances?: readonly Balance[];
  readonly unrealizedPnl?: DecimalString;
  readonly marginUsed?: DecimalString;
  readonly marginRatio?: DecimalString;
  readonly leverage?: DecimalString;
  readonly origin?: 'internal' | 'venue' | 'broker';
}

export type CashType =
  | 'deposit'
  | 'withdrawal'
  | 'transfer'
  | 'funding'
  | 'dividend'
  | 'interest'
  | 'borrow'
  | 'fee'
  | 'rebate'
  | 'adjustment';

export interface CashEvent extends Envelope {
  readonly eventType: 'cash';
  readonly cashType: CashType;
  /** Signed from the account's view: positive is received. */
  readonly amount: DecimalString;
  readonly currency: string;
  readonly refId: string;
  readonly instrumentId?: string;
}

export interface LatencySummary {
  readonly count: number;
  readonly min?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly max?: number;
}

export interface MarketDataEvent extends Envelope {
  readonly eventType: 'marketData';
  /** One of the two names what was received. */
  readonly instrumentId?: string;
  readonly feed?: string;
  readonly tsLastMessage: EpochNs;
  readonly messages: number;
  readonly gaps?: number;
  /** Microseconds between publication and receipt. */
  readonly latencyUs?: LatencySummary;
  readonly crossed?: number;
  readonly resyncs?: number;
  readonly bid?: DecimalString;
  readonly ask?: DecimalString;
  readonly mark?: DecimalString;
}

/** What the process and its machine use. Absent where the operating system does not tell. */
export interface Resources {
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
  readonly memoryBytes?: number;
  readonly diskReadBytesPerSecond?: number;
  readonly diskWriteBytesPerSecond?: number;
  readonly networkReceiveBytesPerSecond?: number;
  readonly networkTransmitBytesPerSecond?: number;
  /** Round trip to the venue. */
  readonly networkLatencyMs?: number;
}

export interface HeartbeatEvent extends Envelope {
  readonly eventType: 'heartbeat';
  readonly component: string;
  readonly status: 'starting' | 'ok' | 'degraded' | 'failed' | 'stopping';
  readonly intervalMs: number;
  readonly uptimeMs?: number;
  readonly loopLagMs?: number;
  readonly queueDepth?: number;
  readonly clockOffsetUs?: number;
  readonly gitSha?: string;
  readonly configHash?: string;
  readonly openOrders?: number;
  readonly tradingState?: 'active' | 'reducing' | 'halted';
  readonly resources?: Resources;
  readonly runId?: string;
}

export interface ErrorEvent extends Envelope {
  readonly eventType: 'error';
  readonly severity: 'debug' | 'info' | 'warning' | 'error' | 'critical';
  readonly code: string;
  readonly message: string;
  readonly component?: string;
  readonly exceptionType?: string;
  readonly stackHash?: string;
  readonly stack?: string;
  readonly clOrdId?: string;
  readonly retryable?: boolean;
}

export interface ControlEvent extends Envelope {
  readonly eventType: 'control';
  readonly action:
    | 'kill'
    | 'halt'
    | 'resume'
    | 'reduceOnly'
    | 'limitChange'
    | 'deploy'
    | 'configChange'
    | 'override'
    | 'pause'
    | 'maintenance'
    | 'closeMarket';
  readonly actor: string;
  readonly reason: string;
  readonly before?: string;
  readonly after?: string;
  readonly target?: string;
  readonly effectiveFrom?: EpochNs;
  readonly effectiveUntil?: EpochNs;
}

export interface ReferenceEvent extends Envelope {
  readonly eventType: 'reference';
  readonly instrumentId: string;
  readonly kind: 'instrument' | 'fxRate' | 'corporateAction';
  readonly tickSize?: DecimalString;
  readonly lotSize?: DecimalString;
  readonly multiplier?: DecimalString;
  readonly inverse?: boolean;
  readonly baseCurrency?: string;
  readonly quoteCurrency?: string;
  readonly settlCurrency?: string;
  readonly calendar?: string;
  /** Units of quoteCurrency for one unit of baseCurrency (kind fxRate). */
  readonly rate?: DecimalString;
  /** New shares for one old share (kind corporateAction). */
  readonly splitRatio?: DecimalString;
  readonly exDate?: string;
  /** The new name of the instrument (kind corporateAction). */
  readonly newInstrumentId?: string;
}

export type NightdeskEvent =
  | OrderEvent
  | ExecutionEvent
  | PositionEvent
  | AccountEvent
  | CashEvent
  | MarketDataEvent
  | HeartbeatEvent
  | ErrorEvent
  | ControlEvent
  | ReferenceEvent;

export type EventType = NightdeskEvent['eventType'];
