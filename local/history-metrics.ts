/** Gauges of the past, computed by core while the journal is folded again: what the ledger would have published then. */
import { gaugesToEmf, strategyValues } from '../core/catalogue/emit.ts';
import { namespaceOf } from '../core/catalogue/names.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { parseLine } from '../core/events/parse.ts';
import type { StrategyGauges } from '../core/ledger/gauges.ts';
import { strategyGauges } from '../core/ledger/strategy-gauges.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { toEpochMs } from '../core/time/instant.ts';
import type { Rebuilder } from './rebuild.ts';
import { emfSamples } from './services/emf.ts';
import type { LocalStack } from './stack.ts';

const hourMs = 3_600_000;

/** One point in five minutes in the last half day, one an hour in the last two days, one in four hours before. */
const afterPoint = (atMs: EpochMs, endMs: EpochMs): EpochMs => {
  const ageMs = endMs - atMs;
  const everyMs = ageMs <= 12 * hourMs ? hourMs / 12 : ageMs < 48 * hourMs ? hourMs : 4 * hourMs;
  return atMs - (atMs % everyMs) + everyMs;
};

/** Ages say something about the moment only; a single point of one would look like an hour of silence. */
function withoutAges({ marketDataAgeSeconds: _feed, markAgeSeconds: _mark, ...gauges }: StrategyGauges): StrategyGauges {
  return gauges;
}

/** Folds the lines (each strategy's in order) and puts the gauges of the moments between into the metric store, as the sweep would have. */
export function publishHistory(
  stack: LocalStack,
  config: NightdeskConfig,
  rebuilder: Rebuilder,
  lines: readonly { readonly line: string }[],
  endMs: EpochMs,
): void {
  const namespace = namespaceOf(config.stage);
  const dueOf = new Map<string, EpochMs>();
  for (const { line } of lines) {
    const parsed = parseLine(line);
    if (parsed.kind !== 'event') continue;
    const { strategyId, tsSent } = parsed.event;
    const atMs = toEpochMs(tsSent);
    let due = dueOf.get(strategyId) ?? afterPoint(atMs, endMs);
    for (; due <= Math.min(atMs, endMs); due = afterPoint(due, endMs)) {
      const rebuilt = rebuilder.peek(strategyId);
      if (rebuilt === undefined) continue;
      for (const text of gaugesToEmf(
        namespace,
        strategyValues(withoutAges(strategyGauges(rebuilt.state, due)), config),
        { Strategy: strategyId },
        due,
      )) {
        for (const { name, dimensions, values } of emfSamples(text) ?? []) stack.store().put(namespace, name, dimensions, due, { values });
      }
    }
    dueOf.set(strategyId, due);
    rebuilder.event(parsed.event);
  }
}
