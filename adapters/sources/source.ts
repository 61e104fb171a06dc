/** What a source is: a pure mapping from another program's records to events. */
import { schemaVersion } from '../../core/events/envelope.ts';
import type { Envelope, Environment, EventType, NightdeskEvent } from '../../core/events/types.ts';

/** What the user says about records that do not say it themselves. */
export interface SourceContext {
  readonly strategyId?: string;
  readonly accountId?: string;
  readonly venue?: string;
  readonly environment?: Environment;
  /** Currency of money that comes without one. */
  readonly currency?: string;
  /** Declared columns, as text; only the CSV source has them. */
  readonly columns?: string;
}

/** One record as it came: a line of text, or a JSON value with exact numbers. */
export interface RawRecord {
  /** Where it stands, for people: `line 12`, `record 3`. */
  readonly place: string;
  readonly value: unknown;
}

/** A record that gives no event, or one of which a part is unusable. */
export interface SourceProblem {
  readonly place: string;
  readonly message: string;
}

export interface Mapped {
  readonly events: readonly WireEvent[];
  readonly problems: readonly SourceProblem[];
  /** Lines that are events already and go on unchanged. */
  readonly lines?: readonly string[];
}

/** JSON that a mapper keeps between records, so that it can go on after a restart. */
export type Memory = Readonly<Record<string, unknown>>;

export interface SourceMapper {
  readonly map: (record: RawRecord) => Mapped;
  /** What a person should know of the records seen so far: whole sentences. */
  readonly notes: () => readonly string[];
  readonly memory: () => Memory;
}

export interface SourceFormat {
  readonly name: string;
  /** What it reads, in a few words. */
  readonly reads: string;
  /** Lines of text, or JSON: an array of records, one document, or one record a line. */
  readonly framing: 'lines' | 'json';
  /** Where each kind of event comes from; published in docs/sources.md. */
  readonly mapping: readonly (readonly [event: string, from: string])[];
  /** What the mapping cannot carry; published in docs/sources.md. */
  readonly lost: readonly string[];
  /** The mapping of one file or feed. Given the same records in the same order it gives the same events. */
  readonly open: (context: SourceContext, memory?: Memory) => SourceMapper;
}

type OnWire<T> = T extends bigint ? string : T;
type Own<E> = Omit<E, keyof Envelope | 'eventType'>;

/** The fields of an event of one type as they stand in its line; times are ISO 8601 text. Undefined is left out. */
export type Draft<E> = {
  readonly [K in keyof Own<E>]: OnWire<Own<E>[K]> | (object extends Pick<Own<E>, K> ? undefined : never);
} & {
  readonly eventId: string;
  readonly tsEvent: string;
};

/** An event as the object that its line holds. */
export type WireEvent = Readonly<Record<string, unknown>> & {
  readonly eventType: EventType;
  readonly eventId: string;
  readonly tsEvent: string;
};

/** Who the event is from, when the record and the user have been asked. */
export interface Origin {
  readonly system: string;
  readonly version?: string;
  readonly environment: Environment;
  readonly strategyId: string;
  readonly accountId: string;
}

type EventOf<T extends EventType> = Extract<NightdeskEvent, { readonly eventType: T }>;

const longestId = 256;

/** Ids of 256 characters at most; longer ones keep their end, which is what differs. */
const shortId = (id: string): string => (id.length <= longestId ? id : id.slice(-longestId));

/** Builds one event. It was sent when it happened, as far as a file can tell. */
export function wireEvent<T extends EventType>(origin: Origin, eventType: T, draft: Draft<EventOf<T>>): WireEvent {
  const { eventId, tsEvent, ...own } = draft;
  const source = { system: origin.system, ...(origin.version === undefined ? {} : { version: origin.version }) };
  const event: Record<string, unknown> = {
    schemaVersion,
    eventId: shortId(eventId),
    eventType,
    source,
    environment: origin.environment,
    strategyId: origin.strategyId,
    accountId: origin.accountId,
    tsEvent,
  };
  for (const [key, value] of Object.entries(own)) if (value !== undefined) event[key] = value;
  return event as WireEvent;
}

export const nothing: Mapped = { events: [], problems: [] };

export function problem(place: string, message: string): Mapped {
  return { events: [], problems: [{ place, message }] };
}

export function joined(parts: readonly Mapped[]): Mapped {
  return { events: parts.flatMap(part => part.events), problems: parts.flatMap(part => part.problems) };
}

/** Problem text for fields that are absent or unreadable, or undefined when all are there. */
export function missing(fields: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.entries(fields)
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  return names.length === 0 ? undefined : `has no usable ${names.join(', ')}`;
}
