import { type EventTable, type FieldsOf, flag, level, name, optional, required, text } from './field.ts';
import type { Envelope, ErrorEvent } from './types.ts';

const fields = {
  severity: required(level('How bad; words of common loggers are understood.')),
  code: required(name('Stable code of the error.')),
  message: required(text('What happened, for a person.')),
  component: optional(name('Part of the bot where it happened.')),
  exceptionType: optional(name('Class of the exception.')),
  stackHash: optional(name('Hash of the stack, for grouping.')),
  stack: optional(text('Stack trace.')),
  clOrdId: optional(name('The order concerned.')),
  retryable: optional(flag('True when trying again may help.')),
} satisfies FieldsOf<Omit<ErrorEvent, keyof Envelope | 'eventType'>>;

export const error: EventTable = { says: 'Something went wrong inside the bot.', fields };
