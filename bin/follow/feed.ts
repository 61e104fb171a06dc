/** Where a follower reads: a place that can be stored, and what came since. */
import type { RawRecord } from '../../adapters/sources/source.ts';

/** JSON that says how far a feed was read. */
export type Place = Readonly<Record<string, unknown>>;

export interface Reading {
  readonly records: readonly RawRecord[];
  readonly place: Place;
  /** More can be read at once. */
  readonly isMore: boolean;
  /** What could not be read, for a person. */
  readonly problems: readonly string[];
}

export interface Feed {
  /** What came after the place; undefined begins. Rejects when the source cannot be reached now. */
  readonly read: (place: Place | undefined) => Promise<Reading>;
  readonly close: () => void;
}
