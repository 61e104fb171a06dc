import { choice, type EventTable, type FieldsOf, name, optional, required, text } from './field.ts';
import type { ControlEvent, Envelope } from './types.ts';

const fields = {
  action: required(
    choice(['kill', 'halt', 'resume', 'reduceOnly', 'limitChange', 'deploy', 'configChange', 'override'], 'What was done to the bot.'),
  ),
  actor: required(name('Person or program that did it.')),
  reason: required(text('Why.')),
  before: optional(text('Value before the change.')),
  after: optional(text('Value after the change.')),
  target: optional(name('What it was done to.')),
} satisfies FieldsOf<Omit<ControlEvent, keyof Envelope | 'eventType'>>;

export const control: EventTable = { says: 'Somebody changed what the bot may do or what it runs.', fields };
