/** The post-mortem of an incident of this stack, as the command writes it, for the viewer. */
import { createIncidentStore } from '../adapters/aws/incident-store.ts';
import { isMetricId, rowOf } from '../core/catalogue/index.ts';
import { metricName, namespaceOf } from '../core/catalogue/names.ts';
import { notesFrom, type PostMortemPoint, postMortem } from '../core/incidents/post-mortem.ts';
import type { LocalStack } from './stack.ts';
import { stateTable } from './summary.ts';

const MINUTE = 60_000;
const AROUND = 15 * MINUTE;
const DAY = 1_440 * MINUTE;

/** Markdown; undefined when there is no such incident. */
export async function postMortemOf(stack: LocalStack, stage: string, id: string): Promise<string | undefined> {
  const now = stack.clock.now();
  const incidents = createIncidentStore(stateTable(stack), stack.clock.now);
  const incident = await incidents.find(id);
  if (incident === undefined) return undefined;
  const { key, openedAt, signal } = incident;
  const end = incident.resolvedAt ?? now;
  const notes = await incidents.notes(key, notesFrom(incident), Math.min(end + DAY, now + MINUTE));
  const fromMs = Math.floor(openedAt / MINUTE) * MINUTE - AROUND;
  const toMs = Math.min(Math.ceil(end / MINUTE) * MINUTE + AROUND, fromMs + DAY);
  const read = (metric: string, dimensions: Readonly<Record<string, string>>) =>
    seriesOf(stack, stage, { metric, dimensions, fromMs, toMs });
  const points = signal.row === undefined ? [] : read(signal.row, signal.dimensions);
  const strategy = signal.dimensions['Strategy'];
  const pnl = strategy === undefined ? [] : read('sessionPnl', { Strategy: strategy });
  const before = pnl.findLast(({ atMs }) => atMs <= openedAt)?.value ?? pnl[0]?.value;
  const during = pnl.flatMap(({ atMs, value }) => (atMs >= openedAt - MINUTE && atMs <= end && value !== null ? [value] : []));
  return postMortem({
    incident,
    notes,
    now,
    ...(points.length === 0 || signal.row === undefined || !isMetricId(signal.row)
      ? {}
      : { series: { name: metricName(signal.row), points } }),
    ...(during.length === 0 || before === undefined || before === null
      ? {}
      : { money: { before, worst: Math.min(...during), after: during.at(-1)! } }),
  });
}

interface Wanted {
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Minutes with a value. */
function seriesOf(stack: LocalStack, stage: string, { metric, dimensions, fromMs, toMs }: Wanted): readonly PostMortemPoint[] {
  if (!isMetricId(metric)) return [];
  const query = {
    id: 'm',
    namespace: namespaceOf(stage),
    metricName: metricName(metric),
    dimensions,
    stat: rowOf(metric).metric.statistic,
    period: 60,
  };
  const [found] = stack.alarms.data([query], fromMs, toMs);
  return (found?.timestamps ?? []).map((atMs, index) => ({ atMs, value: found?.values[index] ?? null }));
}
