import type { EpochMs } from '../time/instant.ts';
import { type Alert, isFiring } from './alert.ts';
import type { FastBreach } from './breach.ts';

/**
 * Recoveries that got lost on the way: alerts in which the fast path still fires, while it does not in fact. Said again, they end
 * incidents that CloudWatch never saw and would never end. `firing` holds the keys that fire now.
 */
export function forgottenRecoveries(alerts: readonly Alert[], firing: ReadonlySet<string>, now: EpochMs): readonly FastBreach[] {
  return alerts.flatMap(alert => {
    const { signal, key, sources, severity } = alert;
    const fast = sources['fast'];
    if (signal === undefined || !isFiring(alert, now) || fast === undefined || fast.state === 'OK' || firing.has(key)) return [];
    return [
      {
        row: signal.row ?? signal.alarm,
        alarm: signal.alarmId ?? signal.alarm,
        dimensions: signal.dimensions,
        state: 'OK',
        severity,
        atMs: now,
        sinceMs: signal.atMs,
        reason: 'back within its limit',
      } satisfies FastBreach,
    ];
  });
}
