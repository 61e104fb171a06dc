/** What the server answered, joined with the rows that asked for it. Pure. */
import type { SeriesResult } from '../api.ts';
import { rowIdOf } from './batch.ts';
import { dynamicLabel, rowLabels } from './label.ts';
import type { MetricRow } from './shorthand.ts';

export interface RowSeries {
  readonly row: MetricRow;
  readonly label: string;
  readonly unit?: string;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
  readonly periodSeconds: number;
  /** Further apart than this, points have a gap between them; absent means the period. */
  readonly gapSeconds?: number;
  /** The row's statistic over the whole range, where the widget shows that. */
  readonly whole?: number;
}

/** One entry for each visible row, and one for each series of a row that found several. Rows without data stay, empty. */
export function joinResults(given: {
  readonly key: string;
  readonly rows: readonly MetricRow[];
  readonly results: readonly SeriesResult[];
  readonly periodSeconds: (row: MetricRow) => number;
}): RowSeries[] {
  const visible = given.rows.filter(row => row.visible);
  const labels = rowLabels(visible);
  return visible.flatMap((row, index) => {
    const found = given.results.filter(result => rowIdOf(given.key, result.id) === row.id);
    const periodSeconds = given.periodSeconds(row);
    if (found.length === 0) return [{ row, label: plain(labels[index] ?? row.name, row), timestamps: [], values: [], periodSeconds }];
    return found.map(result => {
      const several = found.length > 1;
      const template = several && (row.label === undefined || !row.label.includes('${')) ? result.label : (labels[index] ?? result.label);
      const unit = result.unit === undefined ? {} : { unit: result.unit };
      return {
        row,
        label: dynamicLabel(template, row, result),
        ...unit,
        timestamps: result.timestamps,
        values: result.values,
        periodSeconds,
        ...(result.slotMs === undefined ? {} : { gapSeconds: Math.max(periodSeconds, (result.slotMs * 0.9) / 1000) }),
      };
    });
  });
}

const plain = (label: string, row: MetricRow) => dynamicLabel(label, row, { values: [] });

/** What each series comes to over the whole range, from the answers of `wholeRows`. Undefined without values. */
export function withWhole(series: readonly RowSeries[], whole: readonly RowSeries[]): RowSeries[] {
  return series.map((each, index) => {
    const value = whole[index]?.values.at(-1);
    return value === undefined ? each : { ...each, whole: value };
  });
}
