import type { VenueProfile } from './venue.ts';

/** Simulated venues. Fees are in the range that public schedules of perpetual venues name for small accounts. */
export const venues = {
  'kraken-sim': { name: 'kraken-sim', makerFee: 100, takerFee: 350, ackFloorMs: 18, ackSpreadMs: 22, rejectShare: 0.006 },
  'okx-sim': { name: 'okx-sim', makerFee: -50, takerFee: 450, ackFloorMs: 35, ackSpreadMs: 30, rejectShare: 0.006 },
  'bybit-sim': { name: 'bybit-sim', makerFee: 120, takerFee: 400, ackFloorMs: 25, ackSpreadMs: 40, rejectShare: 0.006 },
} as const satisfies Record<string, VenueProfile>;
