import { groupOwner } from '../../adapters/aws/fired-store.ts';
import type { SweepState } from '../../adapters/aws/sweep-store.ts';
import type { NightdeskConfig, RiskGroup } from '../../core/config/types.ts';
import { fastFlips } from '../../core/incidents/fast-path.ts';
import { limitBreaches } from '../../core/incidents/limit-breach.ts';
import { groupNow } from '../../core/ledger/groups.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import type { HeartbeatTools } from './heartbeat.ts';

/**
 * A group as of the sweep: its sums, and the limits that they break. The ledger says breaches at once; here they are said again after a crash
 * of every ledger, and end.
 */
export async function sweepRiskGroup(
  group: RiskGroup,
  { heads }: Pick<SweepState, 'heads'>,
  nowMs: number,
  { config, sweeps, topics, output, groupLines }: Pick<HeartbeatTools, 'config' | 'sweeps' | 'topics' | 'output' | 'groupLines'>,
): Promise<void> {
  const now = groupNow(group, membersOf(group, config, heads), nowMs);
  output.metrics(groupLines(group.id, now.gauges, nowMs));
  const owner = groupOwner(group.id);
  const fired = await sweeps.readFired(owner);
  const flips = fastFlips(fired.value, limitBreaches({ RiskGroup: group.id }, now.breaches, nowMs), nowMs);
  for (const breach of flips.publish) await topics.publish(breach);
  if (flips.changed) await sweeps.saveFired(owner, fired.version, flips.fired);
}

const membersOf = ({ strategies }: RiskGroup, config: NightdeskConfig, heads: SweepState['heads']) =>
  strategies.map(strategyId => ({ strategyId, calendar: settingsFor(config, strategyId).calendar, view: heads.get(strategyId)?.view }));
