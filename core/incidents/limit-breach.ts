import { rulesOf } from '../catalogue/alarm-definitions.ts';
import { catalogue } from '../catalogue/index.ts';
import { alarmAnchor } from '../catalogue/names.ts';
import type { Breach } from '../ledger/breaches.ts';
import type { EpochMs } from '../time/instant.ts';
import type { FastBreach } from './breach.ts';

const rules = new Map(catalogue.flatMap(({ metric }) => rulesOf(metric).map(rule => [rule.id, rule] as const)));

/** For limits that have no CloudWatch alarm. */
const ownFirstAction = 'Compare the position with the venue; reduce it, or raise the limit on purpose.';

/** The ledger's crossed limits as breaches under the ids of the catalogue, so that both alert paths meet in one incident. */
export function limitBreaches(strategyId: string, breaches: readonly Breach[], now: EpochMs): readonly FastBreach[] {
  return breaches.map(({ row, alarm, severity, value, limit, unit, reason, instrumentId }) => {
    const rule = rules.get(alarm);
    return {
      row,
      alarm,
      dimensions: { Strategy: strategyId, ...(instrumentId === undefined ? {} : { Instrument: instrumentId }) },
      state: 'ALARM',
      severity: rule?.severity ?? severity,
      atMs: now,
      sinceMs: now,
      value,
      limit,
      unit,
      reason,
      firstAction: rule?.first ?? ownFirstAction,
      ...(rule === undefined ? {} : { runbook: alarmAnchor(alarm) }),
    };
  });
}
