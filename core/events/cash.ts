import { choice, decimal, type EventTable, type FieldsOf, name, optional, required } from './field.ts';
import type { CashEvent, Envelope } from './types.ts';

const fields = {
  cashType: required(
    choice(
      ['deposit', 'withdrawal', 'transfer', 'funding', 'dividend', 'interest', 'borrow', 'fee', 'rebate', 'adjustment'],
      'Why the cash moved.',
    ),
  ),
  amount: required(decimal('Signed from the view of the account: positive is received.', 'money')),
  currency: required(name('Currency of the amount.')),
  refId: required(name('Identity of the movement at its source.')),
  instrumentId: optional(name('Instrument that caused it, for funding and dividends.')),
} satisfies FieldsOf<Omit<CashEvent, keyof Envelope | 'eventType'>>;

export const cash: EventTable = { says: 'Cash that moved without a fill.', fields };
