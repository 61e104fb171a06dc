/** Smallest lines that are accepted, one per event type, to be varied by a test. */
const envelope = { strategyId: 's1', accountId: 'A-1', tsEvent: '2026-03-09T13:30:00Z' };

export const smallest = {
  order: {
    ...envelope,
    eventType: 'order',
    clOrdId: 'o1',
    instrumentId: 'BTC-PERP',
    venue: 'SIM',
    side: 'buy',
    ordType: 'limit',
    orderQty: '2',
    execType: 'new',
    ordStatus: 'new',
    cumQty: '0',
    leavesQty: '2',
  },
  execution: {
    ...envelope,
    eventType: 'execution',
    execId: 'x1',
    execType: 'trade',
    instrumentId: 'BTC-PERP',
    venue: 'SIM',
    side: 'sell',
    lastQty: '0.5',
    lastPx: '42000.5',
    transactTime: '2026-03-09T13:29:59.999999999Z',
  },
  position: { ...envelope, eventType: 'position', instrumentId: 'BTC-PERP', qty: '-1.5', tsAsOf: '2026-03-09T13:30:00Z' },
  account: { ...envelope, eventType: 'account', equity: '100000', currency: 'USDT', tsAsOf: '2026-03-09T13:30:00Z' },
  cash: { ...envelope, eventType: 'cash', cashType: 'funding', amount: '-1.25', currency: 'USDT', refId: 'f1' },
  marketData: { ...envelope, eventType: 'marketData', instrumentId: 'BTC-PERP', tsLastMessage: '2026-03-09T13:30:00Z', messages: 12 },
  heartbeat: { ...envelope, eventType: 'heartbeat', component: 'trader', status: 'ok', intervalMs: 10_000 },
  error: { ...envelope, eventType: 'error', severity: 'error', code: 'E1', message: 'it broke' },
  control: { ...envelope, eventType: 'control', action: 'halt', actor: 'anna', reason: 'lunch' },
  reference: { ...envelope, eventType: 'reference', instrumentId: 'BTC-PERP', kind: 'instrument' },
} as const;

export type TypeName = keyof typeof smallest;

/** A line of the type, with fields replaced; undefined leaves a field out. */
export function lineOf(eventType: TypeName, changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...smallest[eventType], ...changes });
}
