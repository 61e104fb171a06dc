import type { EpochMs } from '../time/instant.ts';

/** Something in the events that a person should know of. The numbers are right in spite of it, unless it says otherwise. */
export interface Finding {
  readonly kind:
    | 'conflictingDuplicate'
    | 'late'
    | 'beyondRetention'
    | 'bust'
    | 'correction'
    | 'missingRate'
    | 'staleRate'
    | 'staleMark'
    | 'sequenceGap'
    | 'unreconciledPosition'
    | 'cumulativeBackwards'
    | 'negativeLatency'
    | 'clockAhead'
    | 'badReference'
    | 'duplicateOrders'
    | 'overfilledOrder'
    | 'priceCollar'
    | 'tradedWhileHalted';
  readonly strategyId: string;
  /** When the fact happened. */
  readonly at: EpochMs;
  /** One English sentence with the identities and values. */
  readonly message: string;
  readonly instrumentId?: string;
  readonly execId?: string;
  /** Of findings that break a limit. */
  readonly value?: number;
  readonly limit?: number;
}

/** Kinds that are limits broken for a moment, not problems of the data. */
export const limitFindings: ReadonlySet<Finding['kind']> = new Set([
  'duplicateOrders',
  'overfilledOrder',
  'priceCollar',
  'tradedWhileHalted',
]);

/** Kinds that last until something clears them, and then are told by the state itself, not by counting what was found. */
export const lastingFindings: ReadonlySet<Finding['kind']> = new Set([
  'missingRate',
  'staleRate',
  'staleMark',
  'sequenceGap',
  'unreconciledPosition',
  'beyondRetention',
]);
