/** freqtrade: backtest results, trades of its REST API, and webhook messages. */
import { type Fields, isFields, listOf, textOf } from '../field-reader.ts';
import type { FilledSoFar } from '../plain-decimal.ts';
import {
  joined,
  type Mapped,
  type Memory,
  type Origin,
  problem,
  type RawRecord,
  type SourceContext,
  type SourceFormat,
} from '../source.ts';
import { readBacktest } from './backtest.ts';
import { readTrade, type TradeMemory } from './trade.ts';
import { isWebhook, readWebhook } from './webhook.ts';

const unknownStrategy = 'freqtrade';

/** Orders that are remembered over a restart; older ones come again with the same ids, which the ledger knows. */
const keptOrders = 20_000;

function originOf(context: SourceContext, found: string | undefined, environment: Origin['environment']): Origin {
  return {
    system: 'freqtrade',
    environment: context.environment ?? environment,
    strategyId: context.strategyId ?? found ?? unknownStrategy,
    accountId: context.accountId ?? 'freqtrade',
  };
}

function restore(memory: Memory | undefined): TradeMemory {
  return {
    filled: new Map((memory?.['filled'] ?? []) as [string, FilledSoFar][]),
    told: new Set((memory?.['told'] ?? []) as string[]),
  };
}

export const freqtrade: SourceFormat = {
  name: 'freqtrade',
  reads: 'backtest result file, trades of the REST API (`/api/v1/trades`, `/api/v1/status`), webhook messages as JSON (degraded)',
  framing: 'json',
  mapping: [
    ['execution', 'orders with a filled quantity; in old backtest files, the entry and exit rates of each trade'],
    ['order', 'orders of the REST API: placed, canceled, expired, rejected'],
    ['cash', '`funding_fees` of a closed trade'],
    ['account', '`starting_balance` of a backtest: the capital'],
    ['control, error', 'webhook messages `protection_trigger`, `status`, `startup`, `warning`, `exception`'],
  ],
  lost: [
    'Fills within an order: freqtrade keeps the cumulative quantity and average price of each order, so an order seen once is one execution.',
    'Fees: estimated as fee rate × notional in the quote currency and rounded at 1e-16; the currency that was charged and rebates are not in the orders. A fee kept from the bought currency is booked as its value, and the quantity is what arrived.',
    'Time of acknowledgement and of cancellation: an order has its placing and its last fill only, so there is no acknowledgement latency, and a cancellation, or a part fill of an order that is still open, stands at the time of placing.',
    'Interest of margin trades, entry and exit tags, stop-loss levels, price extremes between entry and exit.',
    'Quantities are doubles: the last exit of a closed trade is made to end flat when it misses by less than one billionth.',
    'Webhooks carry no order id, no execution id and no fee, are sent once and can be lost: net P&L from them is gross, and partial entries may be missing. Prefer the REST API.',
    'The win rate differs: freqtrade divides wins by all trades, drawn ones included; here trades that end at zero net of fees are left out. `profit_abs` is before fees in old files and after fees in newer ones; the import says which.',
  ],
  open: (context, memory) => {
    const seen = restore(memory);
    const notes: string[] = [];

    const trade = (fields: Fields, place: string): Mapped => {
      const origin = originOf(context, textOf(fields['strategy']), 'live');
      const key =
        textOf(fields['trade_id']) ?? `${textOf(fields['pair'])}@${textOf(fields['open_timestamp']) ?? textOf(fields['open_date'])}`;
      return readTrade(fields, { place, origin, venue: venueOf(fields), key }, seen);
    };
    const venueOf = (fields: Fields) => context.venue ?? textOf(fields['exchange'])?.toLowerCase() ?? 'freqtrade';

    const backtest = (strategies: Fields, place: string): Mapped =>
      joined(
        Object.entries(strategies).map(([name, result]) => {
          if (!isFields(result)) return problem(`${place}, strategy ${name}`, 'is no object');
          const reading = readBacktest(
            result,
            { place: `strategy ${name}`, origin: originOf(context, name, 'backtest'), venue: venueOf(result) },
            seen,
          );
          notes.push(...reading.notes);
          return reading;
        }),
      );

    const map = ({ place, value }: RawRecord): Mapped => {
      if (!isFields(value)) return problem(place, 'is no object');
      if (isFields(value['strategy'])) return backtest(value['strategy'], place);
      if (Array.isArray(value['trades'])) {
        return joined(listOf(value['trades']).map((each, at) => map({ place: `trade ${at + 1}`, value: each })));
      }
      if (isWebhook(value)) {
        const origin = originOf(context, textOf(value['strategy']), 'live');
        return readWebhook(value, { place, origin, ...(context.venue === undefined ? {} : { venue: context.venue }) });
      }
      if (value['pair'] === undefined) return problem(place, 'is neither a backtest result, nor a trade, nor a webhook message');
      return trade(value, place);
    };
    return {
      map,
      notes: () => notes,
      memory: () => ({ filled: [...seen.filled].slice(-keptOrders), told: [...seen.told].slice(-keptOrders) }),
    };
  },
};
