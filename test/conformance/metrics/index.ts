import type { Metric } from './input.ts';
import { positionMetrics } from './positions.ts';
import { returnMetrics } from './returns.ts';
import { tradeMetrics } from './trades.ts';

export { type MetricInput, Unsupported } from './input.ts';

/** The function behind each metric name of the cases. */
export const metrics: Readonly<Record<string, Metric>> = { ...returnMetrics, ...tradeMetrics, ...positionMetrics };
