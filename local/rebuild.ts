/** The state of strategies from their journal, folded by core exactly as the ledger does it, and put where the ledger keeps it. */
import { createStrategyStore } from '../adapters/aws/strategy-store.ts';
import type { StrategyConfig } from '../core/config/types.ts';
import { parseLine } from '../core/events/parse.ts';
import type { NightdeskEvent } from '../core/events/types.ts';
import type { Pulse } from '../core/health/pulse.ts';
import { emptyPulse, foldPulse } from '../core/health/pulse.ts';
import { encodeState, withRetention } from '../core/ledger/codec.ts';
import { foldBatch } from '../core/ledger/fold.ts';
import { emptyState, type Retention, type StrategyState, storedRetention } from '../core/ledger/state.ts';
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

/** While a journal is folded more is kept than in a stored state, so that what came late or was changed late finds its place. */
const rebuildRetention: Retention = { ...storedRetention, entries: 200_000, horizonMs: 400 * 86_400_000 };

/** Events folded at once. */
const batchSize = 2_000;

interface Strand {
  rebuilt: Rebuilt;
  waiting: NightdeskEvent[];
  receivedAtMs: EpochMs;
}

export function createRebuilder(settingsOf: (strategyId: string) => StrategyConfig): Rebuilder {
  const strands = new Map<string, Strand>();

  function fold(strand: Strand): void {
    const [oldest, newest] = [strand.waiting[0], strand.waiting.at(-1)];
    if (oldest === undefined || newest === undefined) return;
    // A journal has no times of receipt: a line dated far ahead of both ends of its batch is one from the future.
    strand.receivedAtMs = Math.max(strand.receivedAtMs, toEpochMs(oldest.tsSent), toEpochMs(newest.tsSent));
    const at = { receivedAtMs: strand.receivedAtMs };
    const { state } = foldBatch(strand.rebuilt.state, strand.waiting, at);
    strand.rebuilt = { state, pulse: foldPulse(strand.rebuilt.pulse, strand.waiting, at.receivedAtMs) };
    strand.waiting = [];
  }

  const event = (next: NightdeskEvent) => {
    const { strategyId } = next;
    const strand = strands.get(strategyId) ?? {
      rebuilt: { state: emptyState(settingsOf(strategyId), rebuildRetention), pulse: emptyPulse },
      waiting: [],
      receivedAtMs: 0,
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
      return new Map([...strands].map(([id, { rebuilt }]) => [id, { ...rebuilt, state: withRetention(rebuilt.state, storedRetention) }]));
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
