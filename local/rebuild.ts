/** The state of strategies from their journal, folded by core exactly as the ledger does it, and put where the ledger keeps it. */
import { createStrategyStore } from '../adapters/aws/strategy-store.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { parseLine } from '../core/events/parse.ts';
import type { NightdeskEvent } from '../core/events/types.ts';
import type { Pulse } from '../core/health/pulse.ts';
import { emptyPulse, foldPulse } from '../core/health/pulse.ts';
import { encodeState } from '../core/ledger/codec.ts';
import { foldBatch } from '../core/ledger/fold.ts';
import { settingsFor } from '../core/ledger/settings.ts';
import type { StrategyState } from '../core/ledger/state.ts';
import { emptyState } from '../core/ledger/state.ts';
import { viewOf } from '../core/ledger/view-of.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { toEpochMs } from '../core/time/instant.ts';
import type { LocalStack } from './stack.ts';
import { stateTable } from './summary.ts';

export interface Rebuilt {
  readonly state: StrategyState;
  readonly pulse: Pulse;
}

export interface Rebuilder {
  /** Takes one line of the journal; lines that are no events are left out. */
  readonly line: (text: string) => void;
  /** Takes an event that is already read. */
  readonly event: (event: NightdeskEvent) => void;
  /** A strategy as of its newest event; undefined before its first. */
  readonly peek: (strategyId: string) => Rebuilt | undefined;
  readonly result: () => ReadonlyMap<string, Rebuilt>;
}

/** Events folded at once. */
const batchSize = 2_000;

interface Strand {
  rebuilt: Rebuilt;
  waiting: NightdeskEvent[];
}

export function createRebuilder(config: NightdeskConfig | undefined): Rebuilder {
  const strands = new Map<string, Strand>();

  function fold(strand: Strand): void {
    const newest = strand.waiting.at(-1);
    if (newest === undefined) return;
    const at = { receivedAtMs: toEpochMs(newest.tsSent) };
    const { state } = foldBatch(strand.rebuilt.state, strand.waiting, at);
    strand.rebuilt = { state, pulse: foldPulse(strand.rebuilt.pulse, strand.waiting, at.receivedAtMs) };
    strand.waiting = [];
  }

  const event = (next: NightdeskEvent) => {
    const { strategyId } = next;
    const strand = strands.get(strategyId) ?? {
      rebuilt: { state: emptyState(settingsFor(config, strategyId)), pulse: emptyPulse },
      waiting: [],
    };
    strands.set(strategyId, strand);
    strand.waiting.push(next);
    if (strand.waiting.length >= batchSize) fold(strand);
  };

  return {
    event,
    line(text) {
      const parsed = parseLine(text);
      if (parsed.kind === 'event') event(parsed.event);
    },
    peek(strategyId) {
      const strand = strands.get(strategyId);
      if (strand === undefined) return undefined;
      fold(strand);
      return strand.rebuilt;
    },
    result() {
      for (const strand of strands.values()) fold(strand);
      return new Map([...strands].map(([id, { rebuilt }]) => [id, rebuilt]));
    },
  };
}

/** Saves rebuilt strategies into the local table as their first version. Throws when a strategy already has a state. */
export async function storeRebuilt(stack: LocalStack, rebuilt: ReadonlyMap<string, Rebuilt>, nowMs: EpochMs): Promise<void> {
  const store = createStrategyStore(stateTable(stack));
  for (const [strategyId, { state, pulse }] of rebuilt) {
    const saved = await store.saveWith(strategyId, 0, encodeState(state), { pulse, view: viewOf(state, nowMs) });
    if (saved === 'conflict') throw new Error(`StateExists at ${strategyId}: a rebuild needs an empty table`);
  }
}
