/** Codes of FIX in the words of events (FIX 4.2, 4.4 and 5.0 SP2 field definitions, fiximate.fixtrading.org, read 2026-11). */
import type { OrderEvent, Side } from '../../../core/events/types.ts';

/** OrdStatus (39). */
export const orderStatus: Readonly<Record<string, string>> = {
  '0': 'new',
  '1': 'partiallyFilled',
  '2': 'filled',
  '3': 'doneForDay',
  '4': 'canceled',
  '5': 'replaced',
  '6': 'pendingCancel',
  '7': 'stopped',
  '8': 'rejected',
  '9': 'suspended',
  A: 'pendingNew',
  B: 'calculated',
  C: 'expired',
  D: 'acceptedForBidding',
  E: 'pendingReplace',
};

/** ExecType (150) of reports that are no fills. */
export const orderSteps: Readonly<Record<string, OrderEvent['execType']>> = {
  '0': 'new',
  '3': 'done',
  '4': 'canceled',
  '5': 'replaced',
  '6': 'pendingCancel',
  '7': 'stopped',
  '8': 'rejected',
  '9': 'suspended',
  A: 'pendingNew',
  B: 'calculated',
  C: 'expired',
  D: 'restated',
  E: 'pendingReplace',
  I: 'status',
  L: 'triggered',
};

/** Side (54). Crosses and undisclosed sides have no direction. */
export const sides: Readonly<Record<string, Side>> = { '1': 'buy', '2': 'sell', '3': 'buy', '4': 'sell', '5': 'sell', '6': 'sell' };

/** OrdType (40). */
export const orderTypes: Readonly<Record<string, string>> = {
  '1': 'market',
  '2': 'limit',
  '3': 'stop',
  '4': 'stopLimit',
  '5': 'marketOnClose',
  '7': 'limitOrBetter',
  B: 'limitOnClose',
  K: 'marketWithLeftOverAsLimit',
  P: 'pegged',
};

/** TimeInForce (59). */
export const timesInForce: Readonly<Record<string, string>> = {
  '0': 'day',
  '1': 'gtc',
  '2': 'opening',
  '3': 'ioc',
  '4': 'fok',
  '5': 'gtx',
  '6': 'gtd',
  '7': 'close',
};

/** LastLiquidityInd (851). */
export const liquidities: Readonly<Record<string, 'maker' | 'taker' | 'auction'>> = { '1': 'maker', '2': 'taker', '4': 'auction' };
