import { rulesOf } from '../catalogue/alarm-definitions.ts';
import { catalogue } from '../catalogue/index.ts';
import { alarmAnchor } from '../catalogue/names.ts';
import type { Breach } from '../ledger/breaches.ts';
import type { EpochMs } from '../time/instant.ts';
import type { FastBreach } from './breach.ts';

const rules = new Map(catalogue.flatMap(({ metric }) => rulesOf(metric).map(rule => [rule.id, rule] as const)));

/** Dimensions that all breaches of one strategy or group carry. */
export type Owner = Readonly<Record<'Strategy', string>> | Readonly<Record<'RiskGroup', string>>;

/** Crossed limits as breaches under the ids of the catalogue, so that both alert paths meet in one incident. @throws RangeError for an alarm that the catalogue does not have. */
export function limitBreaches(owner: Owner, breaches: readonly Breach[], now: EpochMs): readonly FastBreach[] {
  return breaches.map(({ row, alarm, value, limit, unit, reason, instrumentId }) => {
    const rule = rules.get(alarm);
    if (rule === undefined) throw new RangeError(`no alarm "${alarm}" in the catalogue`);
    return {
      row,
      alarm,
      dimensions: { ...owner, ...(instrumentId === undefined ? {} : { Instrument: instrumentId }) },
      state: 'ALARM',
      severity: rule.severity,
      atMs: now,
      sinceMs: now,
      value,
      limit,
      unit,
      reason,
      firstAction: rule.first,
      runbook: alarmAnchor(alarm),
    };
  });
}
