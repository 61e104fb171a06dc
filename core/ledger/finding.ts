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
    | 'unreconciledPosition'
    | 'clockAhead'
    | 'badReference';
  readonly strategyId: string;
  /** When the fact happened. */
  readonly at: EpochMs;
  /** One English sentence with the identities and values. */
  readonly message: string;
  readonly instrumentId?: string;
  readonly execId?: string;
}
