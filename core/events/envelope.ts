import { choice, defaulted, type FieldsOf, integer, name, object, optional, required, time } from './field.ts';
import type { Envelope, Source } from './types.ts';

/** The newest schema version that this release understands. */
export const schemaVersion = 1;

/** Units in which integer times may be declared by the envelope's `timeUnit`, in nanoseconds each. */
export const timeUnits = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n } as const;
export type TimeUnit = keyof typeof timeUnits;

const sourceFields = {
  system: defaulted(name('Program that runs the strategy.'), 'unknown'),
  version: optional(name('Version of that program.')),
  instanceId: optional(name('Process that emitted the event; two instances of one strategy differ here.')),
} satisfies FieldsOf<Source>;

/**
 * Fields of every event. A sender must give eventType, strategyId, accountId and tsEvent, since the ledger cannot do
 * without them. Left out, `eventId` is derived from the text of the line (the same line twice is one event), `tsSent`
 * is `tsEvent`, `environment` is live (when in doubt, page), `schemaVersion` is 1 and the source is unknown.
 */
export const envelopeFields = {
  schemaVersion: defaulted(integer('Version of this schema.', 'version', 1), 1),
  eventId: required(name('Identity of the event; the same id twice is a duplicate. Absent: derived from the text of the line.')),
  source: required(object(sourceFields, 'Who emitted the event; a text is taken as its system. Absent: unknown.', 'system')),
  environment: defaulted(choice(['live', 'paper', 'backtest'], 'Where the strategy trades.'), 'live'),
  strategyId: required(name('Strategy that the event belongs to.')),
  accountId: required(name('Account that the strategy trades in.')),
  tsEvent: required(time('When the fact happened.')),
  tsSent: required(time('When the bot wrote the line. Absent: tsEvent.')),
  seq: optional(integer('Rises by one with every event of a source; a gap means lost lines.', 'count')),
  traceId: optional(name('Joins the events and log lines of one decision.')),
} satisfies FieldsOf<Envelope>;

/** Required fields of the type that a sender may leave out, because the parser derives them. */
export const derivedFields: readonly string[] = ['eventId', 'source', 'tsSent'];
