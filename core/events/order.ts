import {
  amount,
  choice,
  decimal,
  defaulted,
  type EventTable,
  type FieldsOf,
  flag,
  list,
  name,
  object,
  optional,
  required,
  text,
  time,
} from './field.ts';
import type { Envelope, OrderEvent, Reject } from './types.ts';

const rejectFields = {
  source: defaulted(choice(['venue', 'risk', 'local'], 'Who refused.'), 'venue'),
  code: optional(name('Code of the refusal, as its source gives it.')),
  text: optional(text('Reason in words.')),
  request: optional(choice(['new', 'cancel', 'replace'], 'What was refused. Absent: new.')),
} satisfies FieldsOf<Reject>;

const fields = {
  clOrdId: required(name('Identity that the bot gave to the order (FIX 11).')),
  instrumentId: required(name('Instrument that is traded.')),
  venue: required(name('Venue that the order is for.')),
  side: required(choice(['buy', 'sell'], 'Side of the order.')),
  ordType: required(name('Type of the order, such as limit or market (FIX 40).')),
  orderQty: required(amount('Quantity ordered.', 'units of the instrument')),
  execType: required(
    choice(
      [
        ...(['pendingNew', 'new', 'replaced', 'pendingCancel', 'canceled', 'rejected', 'expired', 'suspended', 'done', 'denied'] as const),
        ...(['restated', 'pendingReplace', 'stopped', 'triggered', 'calculated', 'status'] as const),
      ],
      'What happened to the order (FIX 150).',
    ),
  ),
  ordStatus: required(name('State of the order after it (FIX 39).')),
  cumQty: required(amount('Quantity filled so far.', 'units of the instrument')),
  leavesQty: required(amount('Quantity still open.', 'units of the instrument')),
  orderId: optional(name('Identity that the venue gave to the order (FIX 37).')),
  origClOrdId: optional(name('The order that a cancel or replace refers to (FIX 41).')),
  parentOrderId: optional(name('The order that this one is a slice of.')),
  price: optional(decimal('Limit price.', 'price')),
  stopPx: optional(decimal('Price that triggers a stop.', 'price')),
  timeInForce: optional(name('How long the order stays open (FIX 59).')),
  avgPx: optional(decimal('Average price of the fills so far.', 'price')),
  reduceOnly: optional(flag('True when the order may only reduce a position.')),
  reject: optional(object(rejectFields, 'Why the request was refused.')),
  tsSubmitted: optional(time('When the bot sent the order.')),
  tsAcked: optional(time('When the bot learned that the venue has it.')),
  arrivalMid: optional(decimal('Middle of the book when the order was sent.', 'price')),
  decisionPx: optional(decimal('Price at which the strategy decided.', 'price')),
  tags: optional(list(text('One tag.'), 'Free labels.')),
} satisfies FieldsOf<Omit<OrderEvent, keyof Envelope | 'eventType'>>;

export const order: EventTable = { says: 'A step in the life of an order; fills are executions.', fields };
