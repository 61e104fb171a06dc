/** The rows of a metric widget's `metrics`, as the viewer asks for and draws them. Pure. */
import { resolveMetrics } from '../../../core/cloudwatch/dashboard-metrics.ts';

export interface MetricRow {
  readonly id: string;
  /** What to call it when nothing else does: metric name or expression. */
  readonly name: string;
  readonly label?: string;
  readonly color?: string;
  readonly visible: boolean;
  readonly yAxis: 'left' | 'right';
  readonly stat: string;
  readonly periodSeconds: number;
  /** Asks for one value over the whole range. */
  readonly isWhole?: boolean;
  readonly source:
    | {
        readonly kind: 'metric';
        readonly namespace: string;
        readonly metricName: string;
        readonly dimensions: Readonly<Record<string, string>>;
      }
    | { readonly kind: 'expression'; readonly expression: string };
}

interface Defaults {
  readonly stat: string;
  readonly periodSeconds: number;
}

export interface Expanded {
  readonly rows: readonly MetricRow[];
  /** Plain sentences about rows that could not be read; the others are drawn all the same. */
  readonly notes: readonly string[];
}

/** Writes `.` and `...` out, by the parser that also validates bodies at synth. */
export function expandMetrics(rows: readonly unknown[], defaults: Defaults): Expanded {
  const notes: string[] = [];
  const resolved = resolveMetrics(rows, {
    path: 'metrics',
    periodSeconds: defaults.periodSeconds,
    statistic: defaults.stat,
    report: (path, _, rule) => notes.push(`${path} ${rule}.`),
  });
  return {
    notes,
    rows: resolved.map(({ query, visible, yAxis, color }): MetricRow => {
      const common = {
        id: query.id,
        ...(query.label === undefined ? {} : { label: query.label }),
        ...(color === undefined ? {} : { color }),
        visible,
        yAxis,
      };
      if ('expression' in query) {
        const { expression, periodSeconds = defaults.periodSeconds, label = expression } = query;
        return { ...common, name: label, stat: defaults.stat, periodSeconds, source: { kind: 'expression', expression } };
      }
      const { namespace, metricName, dimensions, statistic, periodSeconds } = query.stat;
      return { ...common, name: metricName, stat: statistic, periodSeconds, source: { kind: 'metric', namespace, metricName, dimensions } };
    }),
  };
}
