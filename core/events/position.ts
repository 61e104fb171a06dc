import { choice, decimal, type EventTable, type FieldsOf, name, optional, required, time } from './field.ts';
import type { Envelope, PositionEvent } from './types.ts';

const fields = {
  instrumentId: required(name('Instrument that is held.')),
  qty: required(decimal('Signed: negative is short.', 'units of the instrument')),
  tsAsOf: required(time('The moment that the snapshot describes.')),
  avgPx: optional(decimal('Average price of entry.', 'price')),
  markPx: optional(decimal('Price that values the position.', 'price')),
  unrealizedPnl: optional(decimal('Gain of the open position at the mark.', 'money')),
  realizedPnl: optional(decimal('Gain already realized, as its origin counts it.', 'money')),
  currency: optional(name('Currency of the money fields.')),
  liquidationPx: optional(decimal('Price at which the venue would liquidate.', 'price')),
  origin: optional(choice(['internal', 'venue', 'broker'], 'Whose view it is.')),
} satisfies FieldsOf<Omit<PositionEvent, keyof Envelope | 'eventType'>>;

export const position: EventTable = { says: 'A position as somebody sees it: reconciled against, never adopted.', fields };
