import type { HistoryStore } from '../../adapters/aws/history-store.ts';
import type { StrategyHead, StrategyStore } from '../../adapters/aws/strategy-store.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { decodeState } from '../../core/ledger/codec.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import { sampleOf } from '../../core/ledger/history.ts';
import { ledgerDays } from '../../core/ledger/ledger-days.ts';
import { settingsFor } from '../../core/ledger/settings.ts';

export type RecordHistory = (
  strategyId: string,
  gauges: StrategyGauges,
  head: Pick<StrategyHead, 'pulse' | 'view'> | undefined,
  nowMs: number,
) => Promise<void>;

/**
 * Keeps what curves and calendars are drawn from: each minute a sample, with the counts of orders every tenth, each hour the ledger's exact days, and marks of deploys and
 * halts as they are seen. A strategy that nobody has recorded yet gets its days at once, so its past is there from the first look.
 */
export function createRecordHistory(
  config: NightdeskConfig,
  history: HistoryStore,
  strategies: Pick<StrategyStore, 'load'>,
): RecordHistory {
  /** What this process has already kept as marks, as text. */
  const marked = new Map<string, string>();
  return async (strategyId, gauges, head, nowMs) => {
    const recent = head?.pulse?.controls ?? [];
    const controls = JSON.stringify(recent);
    if (controls !== (marked.get(strategyId) ?? '[]')) {
      await history.addMarks(strategyId, recent);
      marked.set(strategyId, controls);
    }
    const row = sampleOf(gauges, nowMs, head?.view?.orders);
    if (row === null) return;
    const { isNewHour } = await history.record(strategyId, row);
    if (!isNewHour) return;
    const stored = await strategies.load(strategyId);
    if (stored === undefined) return;
    const state = decodeState(stored.encoded.head, stored.encoded.parts, settingsFor(config, strategyId));
    await history.saveDays(strategyId, ledgerDays(state, nowMs));
  };
}
