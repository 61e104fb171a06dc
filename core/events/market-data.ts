import { decimal, type EventTable, type FieldsOf, integer, name, number, object, optional, required, time } from './field.ts';
import type { Envelope, LatencySummary, MarketDataEvent } from './types.ts';

const latencyFields = {
  count: required(integer('Messages measured.', 'count')),
  min: optional(number('Smallest.', 'µs', Number.NEGATIVE_INFINITY)),
  p50: optional(number('Median.', 'µs', Number.NEGATIVE_INFINITY)),
  p99: optional(number('99th percentile.', 'µs', Number.NEGATIVE_INFINITY)),
  max: optional(number('Largest.', 'µs', Number.NEGATIVE_INFINITY)),
} satisfies FieldsOf<LatencySummary>;

const fields = {
  instrumentId: optional(name('Instrument that was received; this or feed is required.')),
  feed: optional(name('Feed that was received; this or instrumentId is required.')),
  tsLastMessage: required(time('When the newest message arrived.')),
  messages: required(integer('Messages since the last such event.', 'count')),
  gaps: optional(integer('Sequence gaps since the last such event.', 'count')),
  latencyUs: optional(object(latencyFields, 'Time between publication and receipt; negative means clocks disagree.')),
  crossed: optional(integer('Times that the book was crossed.', 'count')),
  resyncs: optional(integer('Times that the book was read anew.', 'count')),
  bid: optional(decimal('Best bid.', 'price')),
  ask: optional(decimal('Best ask.', 'price')),
  mark: optional(decimal('Price that values open positions.', 'price')),
} satisfies FieldsOf<Omit<MarketDataEvent, keyof Envelope | 'eventType'>>;

export const marketData: EventTable = {
  says: 'Health of a feed and the newest mark, in one event for many messages.',
  fields,
  alsoNeeds: {
    field: 'instrumentId',
    rule: 'or feed is required',
    isMissing: event => event['instrumentId'] === undefined && event['feed'] === undefined,
  },
};
