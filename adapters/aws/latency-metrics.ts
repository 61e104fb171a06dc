import { type CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';

/** Observed values of one metric, each with how often it was seen. */
export interface Observations {
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: MetricDatum['Unit'] & string;
  readonly values: readonly number[];
  readonly counts: readonly number[];
  readonly atMs: number;
}

/** Where distributions go: percentiles need every value, which the embedded format would carry one by one. */
export interface LatencyMetrics {
  put(observations: readonly Observations[]): Promise<void>;
}

/** Values per datum and data per call. Source: PutMetricData, CloudWatch API reference. */
const VALUES = 150;
const DATA = 1_000;

export function createLatencyMetrics(client: CloudWatchClient, namespace: string): LatencyMetrics {
  return {
    put: async observations => {
      const data = observations.flatMap(dataOf);
      for (let from = 0; from < data.length; from += DATA) {
        await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: data.slice(from, from + DATA) }));
      }
    },
  };
}

function dataOf({ metricName, dimensions, unit, values, counts, atMs }: Observations): MetricDatum[] {
  const data: MetricDatum[] = [];
  for (let from = 0; from < values.length; from += VALUES) {
    data.push({
      MetricName: metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Unit: unit,
      Timestamp: new Date(atMs),
      Values: values.slice(from, from + VALUES),
      Counts: counts.slice(from, from + VALUES),
    });
  }
  return data;
}
