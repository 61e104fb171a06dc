/** Gauges of the past, computed by core while the journal is folded again: what the ledger would have published then. */
import { createHistoryStore } from '../adapters/aws/history-store.ts';
import { gaugesToEmf, strategyValues } from '../core/catalogue/emit.ts';
import { namespaceOf } from '../core/catalogue/names.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { parseLine } from '../core/events/parse.ts';
import type { StrategyGauges } from '../core/ledger/gauges.ts';
import { type HistoryRow, sampleOf } from '../core/ledger/history.ts';
import { ledgerDays } from '../core/ledger/ledger-days.ts';
import { strategyGauges } from '../core/ledger/strategy-gauges.ts';
import { orderCounts } from '../core/ledger/view-of.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { toEpochMs } from '../core/time/instant.ts';
import type { Rebuilder, Rebuilt } from './rebuild.ts';
import { emfSamples } from './services/emf.ts';
import type { LocalStack } from './stack.ts';
import { stateTable } from './summary.ts';

const hourMs = 3_600_000;

/** One point in five minutes in the last half day, in a quarter of an hour in the last day, one an hour in the last two days, one in four hours before. */
const afterPoint = (atMs: EpochMs, endMs: EpochMs): EpochMs => {
  const ageMs = endMs - atMs;
  const everyMs = ageMs <= 12 * hourMs ? hourMs / 12 : ageMs <= 26 * hourMs ? hourMs / 4 : ageMs < 48 * hourMs ? hourMs : 4 * hourMs;
  return atMs - (atMs % everyMs) + everyMs;
};

/** Ages say something about the moment only; a single point of one would look like an hour of silence. */
function withoutAges({ marketDataAgeSeconds: _feed, markAgeSeconds: _mark, ...gauges }: StrategyGauges): StrategyGauges {
  return gauges;
}

/**
 * Folds the lines (each strategy's in order) and puts the gauges of the moments between into the metric store, as the sweep would have.
 * Returns what the sweep would have kept of each strategy's value.
 */
export function publishHistory(
  stack: LocalStack,
  config: NightdeskConfig,
  rebuilder: Rebuilder,
  lines: readonly { readonly line: string }[],
  endMs: EpochMs,
): ReadonlyMap<string, readonly HistoryRow[]> {
  const namespace = namespaceOf(config.stage);
  const dueOf = new Map<string, EpochMs>();
  const rows = new Map<string, HistoryRow[]>();
  for (const { line } of lines) {
    const parsed = parseLine(line);
    if (parsed.kind !== 'event') continue;
    const { strategyId, tsSent } = parsed.event;
    const atMs = toEpochMs(tsSent);
    let due = dueOf.get(strategyId) ?? afterPoint(atMs, endMs);
    for (; due <= Math.min(atMs, endMs); due = afterPoint(due, endMs)) {
      const rebuilt = rebuilder.peek(strategyId);
      if (rebuilt === undefined) continue;
      const gauges = strategyGauges(rebuilt.state, due);
      const row = sampleOf(gauges, due, orderCounts(rebuilt.state));
      if (row !== null) rows.set(strategyId, [...(rows.get(strategyId) ?? []), row]);
      for (const text of gaugesToEmf(namespace, strategyValues(withoutAges(gauges), config), { Strategy: strategyId }, due)) {
        for (const { name, dimensions, values } of emfSamples(text) ?? []) stack.store().put(namespace, name, dimensions, due, { values });
      }
    }
    dueOf.set(strategyId, due);
    rebuilder.event(parsed.event);
  }
  return rows;
}

/** Puts the values of the past, and the ledger's days, where the sweep keeps them. */
export async function storeHistory(
  stack: LocalStack,
  rows: ReadonlyMap<string, readonly HistoryRow[]>,
  rebuilt: ReadonlyMap<string, Rebuilt>,
  nowMs: EpochMs,
): Promise<void> {
  const history = createHistoryStore(stateTable(stack));
  for (const [strategyId, own] of rows) for (const row of own) await history.record(strategyId, row);
  for (const [strategyId, { state }] of rebuilt) await history.saveDays(strategyId, ledgerDays(state, nowMs));
}
