import { amount, choice, decimal, type EventTable, type FieldsOf, list, name, object, optional, required, time } from './field.ts';
import type { Envelope, ExecutionEvent, Fee } from './types.ts';

const feeFields = {
  amount: required(decimal('Positive is a cost, negative a rebate.', 'fee currency')),
  currency: required(name('Currency of the fee.')),
  type: optional(name('Kind of fee, such as commission or clearing.')),
} satisfies FieldsOf<Fee>;

const fields = {
  execId: required(name('Identity of the fill at its venue, account and instrument (FIX 17).')),
  execType: required(choice(['trade', 'tradeCancel', 'tradeCorrect'], 'A fill, its bust, or its correction (FIX 150 = F, H, G).')),
  instrumentId: required(name('Instrument that was traded.')),
  venue: required(name('Venue of the fill.')),
  side: required(choice(['buy', 'sell'], 'Side of the fill.')),
  lastQty: required(amount('Quantity of the fill.', 'units of the instrument')),
  lastPx: required(decimal('Price of the fill; negative prices are legal.', 'price')),
  transactTime: required(time('When the venue executed it; decides the order of executions.')),
  execRefId: optional(name('The fill that a tradeCancel or tradeCorrect refers to; required for both.')),
  clOrdId: optional(name('The order that was filled, in the words of the bot.')),
  orderId: optional(name('The order that was filled, in the words of the venue.')),
  cumQty: optional(amount('Quantity of the order filled so far.', 'units of the instrument')),
  leavesQty: optional(amount('Quantity of the order still open.', 'units of the instrument')),
  avgPx: optional(decimal('Average price of the order so far.', 'price')),
  liquidity: optional(choice(['maker', 'taker', 'auction'], 'Which side of the book the fill was on.')),
  fees: optional(list(object(feeFields, 'One fee.'), 'Fees of the fill, each in its own currency.')),
  positionEffect: optional(choice(['open', 'close'], 'Whether the fill opens or closes.')),
  settlCurrency: optional(name('Currency of settlement.')),
  lastMkt: optional(name('Market of execution (FIX 30).')),
  arrivalMid: optional(decimal('Middle of the book when the order was sent.', 'price')),
  tradeDate: optional(name('Trading day of the venue, yyyy-mm-dd; part of the identity where ids repeat daily.')),
} satisfies FieldsOf<Omit<ExecutionEvent, keyof Envelope | 'eventType'>>;

export const execution: EventTable = {
  says: 'A fill, or the bust or correction of one.',
  fields,
  alsoNeeds: {
    field: 'execRefId',
    rule: 'is required when execType is tradeCancel or tradeCorrect',
    isMissing: event => event['execType'] !== 'trade' && event['execRefId'] === undefined,
  },
};
