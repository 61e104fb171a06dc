import type { EpochMs } from '../time/instant.ts';
import type { FastBreach } from './breach.ts';
import { type Incident, isOpen } from './incident.ts';

/**
 * Recoveries that got lost on the way: open incidents in which the fast path still fires, while it does not in fact. Said again, they
 * end incidents that CloudWatch never saw and would never end. `firing` holds the keys that fire now.
 */
export function forgottenRecoveries(incidents: readonly Incident[], firing: ReadonlySet<string>, now: EpochMs): readonly FastBreach[] {
  return incidents
    .filter(incident => isOpen(incident) && incident.firing.includes('fast') && !firing.has(incident.key))
    .map(({ signal, severity }) => ({
      row: signal.row ?? signal.alarm,
      alarm: signal.alarmId ?? signal.alarm,
      dimensions: signal.dimensions,
      state: 'OK',
      severity,
      atMs: now,
      sinceMs: signal.atMs,
      reason: 'back within its limit',
    }));
}
