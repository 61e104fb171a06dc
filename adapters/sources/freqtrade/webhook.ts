/**
 * Messages of freqtrade's webhooks with `format: json`. Their fields are chosen by the user's templates; these are understood under the
 * names that freqtrade gives them. A degraded source: no order id, no execution id, no fee, and each message is sent once.
 */
import { decimalOf, type Fields, isoOfEpoch, isoOfText, symbolParts, textOf } from '../field-reader.ts';
import { type Mapped, missing, type Origin, problem, wireEvent } from '../source.ts';

const fills: Readonly<Record<string, 'open' | 'close'>> = { entry_fill: 'open', exit_fill: 'close' };

/** Types that say nothing that an event can carry. */
const silent: ReadonlySet<string> = new Set([
  'entry',
  'exit',
  'entry_cancel',
  'exit_cancel',
  'whitelist',
  'analyzed_df',
  'new_candle',
  'strategy_msg',
  'protection_trigger',
  'protection_trigger_global',
]);

export const isWebhook = (fields: Fields): boolean => {
  const type = textOf(fields['type'])?.toLowerCase();
  return type !== undefined && (type in fills || silent.has(type) || type in severities || type.startsWith('protection_trigger'));
};

const severities: Readonly<Record<string, 'info' | 'warning' | 'error'>> = {
  status: 'info',
  startup: 'info',
  warning: 'warning',
  exception: 'error',
};

export function readWebhook(fields: Fields, given: { place: string; origin: Origin; venue?: string }): Mapped {
  const type = textOf(fields['type'])?.toLowerCase() ?? '';
  const effect = fills[type];
  if (effect !== undefined) return readFill(fields, effect, given);
  const at = timeOf(fields);
  if (type.startsWith('protection_trigger'))
    return at === undefined ? noTime(given.place, type) : readProtection(fields, type, at, given.origin);
  const severity = severities[type];
  if (severity === undefined) return { events: [], problems: [] };
  if (at === undefined) return noTime(given.place, type);
  const message = textOf(fields['status']) ?? textOf(fields['msg']) ?? type;
  const eventId = `freqtrade:webhook:${type}:${at}:${message.slice(0, 100)}`;
  const event = wireEvent(given.origin, 'error', {
    eventId,
    tsEvent: at,
    severity,
    code: `freqtrade.${type}`,
    message,
    component: 'freqtrade',
  });
  return { events: [event], problems: [] };
}

const noTime = (place: string, type: string): Mapped =>
  problem(place, `webhook ${type} has no time: add "timestamp" to its template or to what records it`);

const timeOf = (fields: Fields): string | undefined =>
  isoOfEpoch(fields['timestamp'], 'ms') ?? isoOfText(fields['timestamp']) ?? isoOfText(fields['date']);

function readFill(fields: Fields, effect: 'open' | 'close', given: { place: string; origin: Origin; venue?: string }): Mapped {
  const pair = textOf(fields['pair']);
  const tradeId = textOf(fields['trade_id']);
  const amount = decimalOf(fields['amount']);
  const price = decimalOf(effect === 'open' ? (fields['open_rate'] ?? fields['limit']) : (fields['close_rate'] ?? fields['limit']));
  const at = timeOf(fields) ?? isoOfText(fields[effect === 'open' ? 'open_date' : 'close_date']);
  const gap = missing({ pair, trade_id: tradeId, amount, rate: price, time: at });
  if (pair === undefined || tradeId === undefined || amount === undefined || price === undefined || at === undefined) {
    return problem(given.place, `webhook ${effect === 'open' ? 'entry_fill' : 'exit_fill'} ${gap}`);
  }
  const isShort = textOf(fields['direction'])?.toLowerCase() === 'short';
  const execId = `webhook:${tradeId}:${effect}:${at}:${amount}@${price}`;
  const event = wireEvent(given.origin, 'execution', {
    eventId: `freqtrade:${execId}`,
    tsEvent: at,
    execId,
    execType: 'trade',
    instrumentId: pair,
    venue: given.venue ?? textOf(fields['exchange'])?.toLowerCase() ?? 'freqtrade',
    side: (effect === 'open') === isShort ? 'sell' : 'buy',
    lastQty: amount,
    lastPx: price,
    transactTime: at,
    positionEffect: effect,
    settlCurrency: symbolParts(pair)?.settle ?? textOf(fields['stake_currency']),
  });
  return { events: [event], problems: [] };
}

function readProtection(fields: Fields, type: string, at: string, origin: Origin): Mapped {
  const reason = textOf(fields['reason']) ?? textOf(fields['lock_reason']) ?? type;
  const event = wireEvent(origin, 'control', {
    eventId: `freqtrade:webhook:${type}:${at}`,
    tsEvent: at,
    action: 'halt',
    actor: 'freqtrade',
    reason,
    target: textOf(fields['pair']),
  });
  return { events: [event], problems: [] };
}
