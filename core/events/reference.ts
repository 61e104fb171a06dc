import { amount, choice, decimal, type EventTable, type FieldsOf, flag, name, optional, required } from './field.ts';
import type { Envelope, ReferenceEvent } from './types.ts';

const fields = {
  instrumentId: required(name('Instrument that is described.')),
  kind: required(choice(['instrument', 'fxRate', 'corporateAction'], 'What is described.')),
  tickSize: optional(amount('Smallest step of the price.', 'price')),
  lotSize: optional(amount('Smallest step of the quantity.', 'units of the instrument')),
  multiplier: optional(decimal('Money per unit and point. Absent: 1.', 'factor')),
  inverse: optional(flag('True when profit is paid in the base currency.')),
  baseCurrency: optional(name('Currency that is bought.')),
  quoteCurrency: optional(name('Currency that prices are in.')),
  settlCurrency: optional(name('Currency that profit is paid in.')),
  calendar: optional(name('Calendar of its sessions.')),
  rate: optional(amount('Units of quoteCurrency for one unit of baseCurrency (kind fxRate).', 'rate')),
  splitRatio: optional(amount('New shares for one old share (kind corporateAction).', 'ratio')),
  exDate: optional(name('First trading day of the new terms, yyyy-mm-dd.')),
  newInstrumentId: optional(name('New name of the instrument (kind corporateAction).')),
} satisfies FieldsOf<Omit<ReferenceEvent, keyof Envelope | 'eventType'>>;

export const reference: EventTable = { says: 'Facts about an instrument or a rate that the ledger needs.', fields };
