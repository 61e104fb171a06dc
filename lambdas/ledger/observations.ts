import type { Observations } from '../../adapters/aws/latency-metrics.ts';
import { sketchRow } from '../../core/catalogue/emit.ts';
import { metricName } from '../../core/catalogue/names.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { LatencySketches } from '../../core/ledger/fold.ts';
import { sketchValues } from '../../core/orders/latency-sketch.ts';

const kinds = ['orderAck', 'orderFill', 'marketData'] as const satisfies readonly (keyof LatencySketches)[];

/** A batch's latencies for the rows that the config publishes; kinds without a value are absent. */
export function observationsOf(
  strategyId: string,
  sketches: LatencySketches,
  config: NightdeskConfig,
  atMs: number,
): readonly Observations[] {
  return kinds.flatMap(kind => {
    const row = sketchRow(kind, config);
    if (row === undefined || sketches[kind].count === 0) return [];
    return [
      { metricName: metricName(row), dimensions: { Strategy: strategyId }, unit: 'Milliseconds', ...sketchValues(sketches[kind]), atMs },
    ];
  });
}
