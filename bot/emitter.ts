import { schemaVersion } from '../core/events/envelope.ts';
import type {
  AccountEvent,
  CashEvent,
  ControlEvent,
  Envelope,
  Environment,
  ErrorEvent,
  EventType,
  ExecutionEvent,
  HeartbeatEvent,
  MarketDataEvent,
  NightdeskEvent,
  OrderEvent,
  PositionEvent,
  ReferenceEvent,
  Source,
} from '../core/events/types.ts';
import type { EpochNs } from '../core/time/instant.ts';
import { createLog, type Log } from './log.ts';
import { isoTime, type Now, type TimeInput } from './time-input.ts';

/** Times that an event may leave out: they become the time of the event. */
type ImpliedTime = 'transactTime' | 'tsAsOf' | 'tsLastMessage';

type Given<T> = [T] extends [EpochNs | undefined] ? TimeInput | Exclude<T, EpochNs> : T;
type Own<E> = Omit<E, keyof Envelope | 'eventType'>;
type OwnGiven<E> = { readonly [K in keyof Own<E>]: Given<Own<E>[K]> };

/** What a bot says of an event: its own fields. Money, prices and quantities are decimal text, never numbers. */
export type Report<E> = Omit<OwnGiven<E>, ImpliedTime> &
  Partial<Pick<OwnGiven<E>, keyof OwnGiven<E> & ImpliedTime>> & {
    /** When it happened; absent means now. */
    readonly tsEvent?: TimeInput;
    readonly traceId?: string;
  };

/** One function per event type; each writes one line and returns the id of the event. */
export interface Emitter {
  readonly order: (report: Report<OrderEvent>) => string;
  readonly execution: (report: Report<ExecutionEvent>) => string;
  readonly position: (report: Report<PositionEvent>) => string;
  readonly account: (report: Report<AccountEvent>) => string;
  readonly cash: (report: Report<CashEvent>) => string;
  readonly marketData: (report: Report<MarketDataEvent>) => string;
  readonly heartbeat: (report: Report<HeartbeatEvent>) => string;
  readonly error: (report: Report<ErrorEvent>) => string;
  readonly control: (report: Report<ControlEvent>) => string;
  readonly reference: (report: Report<ReferenceEvent>) => string;
  readonly log: Log;
}

export interface EmitterOptions {
  readonly strategyId: string;
  readonly accountId: string;
  /** Program and process. Give each run of a process an `instanceId` of its own, since the count of its events starts anew. */
  readonly source: Source;
  readonly environment: Environment;
  /** Takes one line without its line end; see the sinks. */
  readonly write: (line: string) => void;
  /** Absent means the clock of the machine. */
  readonly now?: Now;
}

const impliedTimes: Readonly<Partial<Record<EventType, ImpliedTime>>> = {
  execution: 'transactTime',
  position: 'tsAsOf',
  account: 'tsAsOf',
  marketData: 'tsLastMessage',
};

type Loose = Readonly<Record<string, unknown>>;

/** The report with its times as text. Only times are dates or bigints in a report. */
function withTimesAsText(report: Loose): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key in report) {
    const value = report[key];
    out[key] = typeof value === 'bigint' || value instanceof Date ? isoTime(value) : value;
  }
  return out;
}

/** Returns the emitter of one strategy. It numbers its events from 1 and keeps nothing else. */
export function createEmitter(options: EmitterOptions): Emitter {
  const { strategyId, accountId, source, environment, write } = options;
  const now = options.now ?? Date.now;
  let seq = 0;

  const emit = (eventType: EventType, report: Loose): string => {
    seq += 1;
    const eventId = `${source.instanceId ?? source.system}:${strategyId}:${seq}`;
    const tsSent = new Date(now()).toISOString();
    const given = withTimesAsText(report);
    const tsEvent = given['tsEvent'] ?? tsSent;
    const implied = impliedTimes[eventType];
    if (implied !== undefined) given[implied] ??= tsEvent;
    write(
      JSON.stringify({ schemaVersion, eventId, eventType, source, environment, strategyId, accountId, tsEvent, tsSent, seq, ...given }),
    );
    return eventId;
  };

  const of =
    <E extends NightdeskEvent>(eventType: E['eventType']) =>
    (report: Report<E>) =>
      emit(eventType, report);

  return {
    order: of<OrderEvent>('order'),
    execution: of<ExecutionEvent>('execution'),
    position: of<PositionEvent>('position'),
    account: of<AccountEvent>('account'),
    cash: of<CashEvent>('cash'),
    marketData: of<MarketDataEvent>('marketData'),
    heartbeat: of<HeartbeatEvent>('heartbeat'),
    error: of<ErrorEvent>('error'),
    control: of<ControlEvent>('control'),
    reference: of<ReferenceEvent>('reference'),
    log: createLog({ write, now, bindings: { strategyId, accountId } }),
  };
}
