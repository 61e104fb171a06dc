import { decodeDetector, encodeDetector } from '../../core/anomaly/codec.ts';
import type { DetectorState } from '../../core/anomaly/detector.ts';
import type { AnomalyRow } from '../../core/anomaly/strategy-anomalies.ts';
import type { MetricId } from '../../core/catalogue/index.ts';
import type { Key, Table } from './table.ts';

export interface StoredDetector {
  /** 0 for one that was never saved. */
  readonly version: number;
  /** Undefined when there is none, or it learnt under another preset. */
  readonly state?: DetectorState;
}

/** What detectors have learnt: `STRATEGY#<id>/DETECTOR#<row>`, compare-and-set. */
export interface DetectorStore {
  readonly read: (strategyId: string, rows: readonly AnomalyRow[]) => Promise<ReadonlyMap<MetricId, StoredDetector>>;
  readonly save: (strategyId: string, row: AnomalyRow, version: number, state: DetectorState) => Promise<'saved' | 'conflict'>;
}

const keyOf = (strategyId: string, { id }: AnomalyRow): Key => ({ pk: `STRATEGY#${strategyId}`, sk: `DETECTOR#${id}` });

export function createDetectorStore(table: Table): DetectorStore {
  return {
    read: async (strategyId, rows) => {
      const items = new Map((await table.getAll(rows.map(row => keyOf(strategyId, row)))).map(item => [item.sk, item]));
      return new Map(
        rows.map(row => {
          const item = items.get(keyOf(strategyId, row).sk);
          const state = item === undefined ? undefined : decodeDetector(String(item['text']), row.preset);
          return [row.id, { version: Number(item?.['version'] ?? 0), ...(state === undefined ? {} : { state }) }];
        }),
      );
    },
    save: (strategyId, row, version, state) =>
      table.put(
        { ...keyOf(strategyId, row), version: version + 1, schemaVersion: 1, text: encodeDetector(state, row.preset) },
        { version },
      ),
  };
}
