/** What widgets work with: the request, and readers of the state that each asks for what it shows. */
import type { AlarmStates } from '../../adapters/aws/alarm-states.ts';
import type { HistoryStore } from '../../adapters/aws/history-store.ts';
import type { StrategyHead } from '../../adapters/aws/strategy-store.ts';
import type { SweepState, SweepStore } from '../../adapters/aws/sweep-store.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { ActionTools } from '../../core/incidents/actions.ts';
import type { IncidentStore } from '../../core/incidents/store.ts';
import type { WidgetRequest } from './request.ts';

export interface WidgetStores {
  readonly config: NightdeskConfig;
  readonly sweeps: Pick<SweepStore, 'read'>;
  readonly history: Pick<HistoryStore, 'read' | 'readDays' | 'readMarks'>;
  readonly incidents: Pick<IncidentStore, 'list'>;
  readonly actions: ActionTools;
  readonly alarms: AlarmStates;
}

export interface Shown extends WidgetStores {
  readonly request: WidgetRequest;
  readonly nowMs: number;
}

/** The sweep's state of the bots and strategies that are asked for. */
export function readSweep({ sweeps, request: { bots, strategies }, nowMs }: Shown): Promise<SweepState> {
  const ids = new Set([...strategies.map(({ id }) => id), ...bots.map(bot => bot.heartbeat.strategyId)]);
  return sweeps.read(
    bots.map(({ id }) => id),
    [...ids],
    nowMs,
  );
}

/** Of each strategy that is asked for, also of those without state. */
export async function readHeads(shown: Shown): Promise<readonly StrategyHead[]> {
  const { heads } = await readSweep(shown);
  return shown.request.strategies.map(({ id: strategyId }) => heads.get(strategyId) ?? { strategyId, version: 0 });
}

/** One page of a list. */
export function pageOf<T>(
  all: readonly T[],
  page: number,
  size: number,
): { readonly rows: readonly T[]; readonly page: number; readonly pages: number } {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const at = Math.min(page, pages);
  return { rows: all.slice((at - 1) * size, at * size), page: at, pages };
}
