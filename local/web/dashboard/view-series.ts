/** Time series and stacked areas, with the thresholds of the widget and of the alarms it names. */
import type { AlarmView } from '../api.ts';
import { alarms } from '../live.ts';
import { createChart, type OnZoom } from './chart.ts';
import { thresholdMarks } from './threshold.ts';
import type { View } from './view.ts';

export function seriesView(onZoom: OnZoom): View {
  const chart = createChart(onZoom);
  return {
    element: chart.element,
    draw: ({ spec, series, range, title }) =>
      chart.draw({
        title,
        range,
        series: series.map(each => ({
          label: each.label,
          ...(each.row.color === undefined ? {} : { color: each.row.color }),
          ...(each.unit === undefined ? {} : { unit: each.unit }),
          yAxis: each.row.yAxis,
          timestamps: each.timestamps,
          values: each.values,
          periodSeconds: each.gapSeconds ?? each.periodSeconds,
          isThinned: each.gapSeconds !== undefined,
        })),
        horizontal: [...spec.horizontal, ...spec.alarms.flatMap(name => thresholdMarks(find(name)))],
        vertical: spec.vertical,
        stacked: spec.stacked,
        left: spec.left,
        right: spec.right,
        legend: spec.legend,
      }),
    destroy: () => chart.destroy(),
  };
}

/** By name or ARN. */
export const find = (nameOrArn: string): AlarmView | undefined => alarms.get().find(each => each.name === alarmName(nameOrArn));

export const alarmName = (nameOrArn: string): string => /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.*)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
