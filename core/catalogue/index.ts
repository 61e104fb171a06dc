/** All rows, in the order in which documents and dashboards show them. */
import { application } from './application.ts';
import { errorLines } from './errors.ts';
import { health } from './health.ts';
import { limitRows } from './limits.ts';
import type { Category, Metric } from './metric.ts';
import { orderQuality } from './order-quality.ts';
import { performance } from './performance.ts';
import { riskGroups } from './risk-groups.ts';
import { self } from './self.ts';
import { system } from './system.ts';
import { trading } from './trading.ts';

const categories = {
  system,
  application,
  trading: { ...trading, ...performance, ...orderQuality, ...limitRows, ...riskGroups },
  health,
  errors: errorLines,
  self,
} as const satisfies Record<Category, Readonly<Record<string, unknown>>>;

type Rows = typeof system &
  typeof application &
  typeof trading &
  typeof performance &
  typeof orderQuality &
  typeof limitRows &
  typeof riskGroups &
  typeof health &
  typeof errorLines &
  typeof self;
export type MetricId = keyof Rows;

export interface CatalogueRow {
  readonly id: MetricId;
  readonly category: Category;
  readonly metric: Metric;
}

export const catalogue: readonly CatalogueRow[] = Object.entries(categories).flatMap(([category, rows]) =>
  Object.entries(rows as Readonly<Record<string, Metric>>).map(([id, row]) => ({
    id: id as MetricId,
    category: category as Category,
    metric: row,
  })),
);

const byId: ReadonlyMap<string, CatalogueRow> = new Map(catalogue.map(row => [row.id, row]));

/** The row of an id. @throws RangeError for an id that the catalogue does not have. */
export function rowOf(id: MetricId): CatalogueRow {
  const row = byId.get(id);
  if (row === undefined) throw new RangeError(`no metric "${id}" in the catalogue`);
  return row;
}

export const isMetricId = (text: string): text is MetricId => byId.has(text);
