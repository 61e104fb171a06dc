import { choice, decimal, type EventTable, type FieldsOf, list, name, object, optional, required, time } from './field.ts';
import type { AccountEvent, Balance, Envelope } from './types.ts';

const balanceFields = {
  currency: required(name('Currency of the balance.')),
  total: required(decimal('Everything, including what orders hold.', 'that currency')),
  available: optional(decimal('What new orders may use.', 'that currency')),
} satisfies FieldsOf<Balance>;

const fields = {
  equity: required(decimal('Value of the account: cash plus open positions at the mark.', 'money')),
  currency: required(name('Currency of the money fields.')),
  tsAsOf: required(time('The moment that the snapshot describes.')),
  balances: optional(list(object(balanceFields, 'One balance.'), 'Balances by currency.')),
  unrealizedPnl: optional(decimal('Gain of the open positions at the mark.', 'money')),
  marginUsed: optional(decimal('Margin in use.', 'money')),
  marginRatio: optional(decimal('Margin ratio as the venue defines it.', 'ratio')),
  leverage: optional(decimal('Gross exposure over equity.', 'ratio')),
  origin: optional(choice(['internal', 'venue', 'broker'], 'Whose view it is.')),
} satisfies FieldsOf<Omit<AccountEvent, keyof Envelope | 'eventType'>>;

export const account: EventTable = { says: 'What the account is worth; the first one is the capital unless the config names it.', fields };
