import { choice, type EventTable, type FieldsOf, name, optional, required, text, time } from './field.ts';
import type { ControlEvent, Envelope } from './types.ts';

const fields = {
  action: required(
    choice(
      ['kill', 'halt', 'resume', 'reduceOnly', 'limitChange', 'deploy', 'configChange', 'override', 'pause', 'maintenance', 'closeMarket'],
      'What was done to the bot. pause: no heartbeat is expected until resume; maintenance: nor for a while; closeMarket: an ad-hoc closure.',
    ),
  ),
  actor: required(name('Person or program that did it.')),
  reason: required(text('Why.')),
  before: optional(text('Value before the change.')),
  after: optional(text('Value after the change.')),
  target: optional(name('What it was done to.')),
  effectiveFrom: optional(time('When it begins to hold. Absent: tsEvent.')),
  effectiveUntil: optional(
    time('When it ends to hold. Absent: an hour later for maintenance, a day for closeMarket, never for the others.'),
  ),
} satisfies FieldsOf<Omit<ControlEvent, keyof Envelope | 'eventType'>>;

export const control: EventTable = { says: 'Somebody changed what the bot may do or what it runs.', fields };
