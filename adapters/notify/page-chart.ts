/** The chart of a page's series, from CloudWatch to PNG. */
import { metricStat } from '../../core/catalogue/alarm-definitions.ts';
import { isMetricId, rowOf } from '../../core/catalogue/index.ts';
import { metricName } from '../../core/catalogue/names.ts';
import { isPublished } from '../../core/catalogue/series.ts';
import { drawLineChart, palette } from '../../core/chart/line-chart.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { Page } from '../../core/incidents/page.ts';
import { callJson, type SignedCall } from '../aws/signed-call.ts';
import { encodePng } from './png.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** A page shows at most a day. */
const LONGEST = 24 * HOUR;

/** Values of a catalogue's series by the minute; undefined when it is not in CloudWatch, or under names that only the stack knows. */
export type MinuteValues = (
  row: string,
  dimensions: Readonly<Record<string, string>>,
  fromMs: number,
  toMs: number,
) => Promise<ReadonlyMap<number, number> | undefined>;

type ChartConfig = Pick<NightdeskConfig, 'stage' | 'publish'>;

export function minuteValues(config: ChartConfig, call: SignedCall): MinuteValues {
  return async (id, dimensions, fromMs, toMs) => {
    if (!isMetricId(id)) return undefined;
    const row = rowOf(id);
    const { source, statistic } = row.metric;
    if (source.from === 'aws' || source.from === 'math' || !isPublished(row, config)) return undefined;
    return read(call, metricStat(row, { dimensions }, { statistic, periodSeconds: 60 }, config), fromMs, toMs);
  };
}

/** Undefined when the series is not in CloudWatch, or has no value in that time. */
export async function pageChart(page: Page, config: ChartConfig, call: SignedCall): Promise<Uint8Array | undefined> {
  const { series } = page;
  if (series === undefined) return undefined;
  const toMs = Math.ceil(call.now() / MINUTE) * MINUTE;
  const fromMs = Math.floor(Math.max(toMs - LONGEST, Math.min(page.sinceMs - HOUR / 2, toMs - HOUR)) / MINUTE) * MINUTE;
  const values = await minuteValues(config, call)(series.row, series.dimensions, fromMs, toMs);
  if (values === undefined || values.size === 0) return undefined;
  const points = Array.from({ length: (toMs - fromMs) / MINUTE }, (_, index) => {
    const atMs = fromMs + index * MINUTE;
    return { atMs, value: values.get(atMs) ?? null };
  });
  const { limit } = series;
  const title = `${page.source}: ${isMetricId(series.row) ? metricName(series.row) : series.row}`;
  const chart = { title, points, fromMs, toMs, sinceMs: page.sinceMs };
  return encodePng(drawLineChart({ ...chart, ...(limit === undefined ? {} : { limit }) }), palette);
}

async function read(
  call: SignedCall,
  stat: ReturnType<typeof metricStat>,
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<number, number>> {
  const service = { signingName: 'monitoring', host: 'monitoring', target: 'GraniteServiceVersion20100801.GetMetricData' };
  const answer = (await callJson(call, service, {
    MetricDataQueries: [
      {
        Id: 'series',
        MetricStat: {
          Metric: {
            Namespace: stat.namespace,
            MetricName: stat.metricName,
            Dimensions: Object.entries(stat.dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
          Period: stat.periodSeconds,
          Stat: stat.statistic,
        },
        ReturnData: true,
      },
    ],
    StartTime: fromMs / 1000,
    EndTime: toMs / 1000,
  })) as { readonly MetricDataResults?: readonly { readonly Timestamps?: readonly number[]; readonly Values?: readonly number[] }[] };
  const [found] = answer.MetricDataResults ?? [];
  return new Map((found?.Timestamps ?? []).map((seconds, index) => [seconds * 1000, found?.Values?.[index] ?? Number.NaN]));
}
