/** Hard limits that a single event breaks: they hold for a moment, so they are findings, and are said with the batch that holds them. */
import type { ExecutionEvent, OrderEvent } from '../events/types.ts';
import { absolute, compare, formatDecimal, negate, parseDecimal, subtract } from '../money/decimal.ts';
import { minuteAt } from '../orders/minutes.ts';
import type { OrderNews } from '../orders/order-book.ts';
import { toEpochMs } from '../time/instant.ts';
import type { Finding } from './finding.ts';
import { deviationOf } from './order-surroundings.ts';
import { quantityOf } from './positions.ts';
import type { Book, StrategyState } from './state.ts';

/** What a limit finding says beyond where and when. */
export type Watched = Pick<Finding, 'kind' | 'message' | 'value' | 'limit'>;

export function watchOrder(state: StrategyState, event: OrderEvent | ExecutionEvent, news: OrderNews): readonly Watched[] {
  const { repeats = 0, overfilled } = news;
  const found: Watched[] = [];
  const limit = state.settings.limits.duplicateOrders;
  if (limit !== undefined && repeats > limit && event.eventType === 'order') {
    const { side, orderQty, price, instrumentId } = event;
    const what = `${side} ${orderQty} ${instrumentId}${price === undefined ? '' : ` at ${price}`}`;
    found.push({
      kind: 'duplicateOrders',
      value: repeats,
      limit,
      message: `${repeats} new orders to ${what} came within one second; the limit is ${limit}`,
    });
  }
  if (overfilled !== undefined) {
    const { clOrdId, filled, ordered } = overfilled;
    found.push({
      kind: 'overfilledOrder',
      value: Number(formatDecimal(filled)),
      limit: Number(formatDecimal(ordered)),
      message: `order ${clOrdId} of ${event.instrumentId} was filled ${formatDecimal(filled)} of ${formatDecimal(ordered)}`,
    });
  }
  return found;
}

/** While trading is halted everything so far must be folded. */
export function watchExecution(state: StrategyState, event: ExecutionEvent, book: Book): readonly Watched[] {
  const { priceCollar } = state.settings.limits;
  const found: Watched[] = [];
  const deviation = priceCollar === undefined ? undefined : deviationOf(state, event);
  if (deviation !== undefined && priceCollar !== undefined) {
    if (deviation.share > 0) {
      const minute = minuteAt(state.orders.recent, toEpochMs(event.transactTime));
      minute.deviation = Math.max(minute.deviation, deviation.share);
    }
    if (deviation.share > priceCollar)
      found.push({
        kind: 'priceCollar',
        value: deviation.share,
        limit: priceCollar,
        message: `execution ${event.execId} of ${event.instrumentId} at ${event.lastPx} is ${percent(deviation.share)} from ${deviation.reference}; the collar is ${percent(priceCollar)}`,
      });
  }
  if (addsWhileHalted(state, event, book)) {
    minuteAt(state.orders.recent, toEpochMs(event.transactTime)).halted++;
    found.push({
      kind: 'tradedWhileHalted',
      value: 1,
      limit: 0,
      message: `execution ${event.execId}: ${event.side} ${event.lastQty} ${event.instrumentId} at ${event.lastPx} adds to the position while trading is halted`,
    });
  }
  return found;
}

/** What a halt allows is to reduce. The position has the execution in it. */
function addsWhileHalted(state: StrategyState, { side, lastQty, transactTime }: ExecutionEvent, { position }: Book): boolean {
  const since = state.haltedAt;
  if (since === undefined || transactTime <= since) return false;
  const after = quantityOf(position);
  const size = parseDecimal(lastQty);
  const before = subtract(after, side === 'buy' ? size : negate(size));
  return compare(absolute(after), absolute(before)) > 0;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
