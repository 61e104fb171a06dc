/** Port: where the state of a strategy is kept between batches. */

/** JSON texts. The head is the only commit point; parts that are not listed are gone. */
export interface EncodedState {
  readonly head: string;
  readonly parts: Readonly<Record<string, string>>;
}

export interface StoredState {
  readonly version: number;
  readonly encoded: EncodedState;
}

export interface StateStore {
  readonly load: (strategyId: string) => Promise<StoredState | undefined>;
  /** Saves as version `expectedVersion + 1` (0 for a strategy that was never saved), unless somebody else has saved meanwhile. */
  readonly save: (strategyId: string, expectedVersion: number, encoded: EncodedState) => Promise<'saved' | 'conflict'>;
}
