/** Gauges of the past, computed by core while the journal is folded again: what the ledger would have published then. */
import { gaugesToEmf, strategyValues } from '../core/catalogue/emit.ts';
import { namespaceOf } from '../core/catalogue/names.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { parseLine } from '../core/events/parse.ts';
import { strategyGauges } from '../core/ledger/strategy-gauges.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { toEpochMs } from '../core/time/instant.ts';
import type { Rebuilder } from './rebuild.ts';
import { emfSamples } from './services/emf.ts';
import type { LocalStack } from './stack.ts';

/** One point an hour. */
const everyMs = 3_600_000;

/** Folds the lines (each strategy's in order) and puts the gauges of every whole hour into the metric store. */
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
    let due = dueOf.get(strategyId) ?? atMs - (atMs % everyMs) + everyMs;
    for (; due <= Math.min(atMs, endMs); due += everyMs) {
      const rebuilt = rebuilder.peek(strategyId);
      if (rebuilt === undefined) continue;
      for (const text of gaugesToEmf(
        namespace,
        strategyValues(strategyGauges(rebuilt.state, due), config),
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
