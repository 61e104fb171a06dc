import { rulesOf } from '../catalogue/alarm-definitions.ts';
import { rowOf } from '../catalogue/index.ts';
import { alarmAnchor } from '../catalogue/names.ts';
import type { FastBreach } from '../incidents/breach.ts';
import { incidentKey } from '../incidents/key.ts';
import { durationText } from '../incidents/quantity-text.ts';
import type { FleetVerdict } from './fleet.ts';
import type { Flip } from './silence.ts';

export const telemetryKey: string = incidentKey('telemetry-silent', {});

/** Everything fell silent, or is heard again, as the notifier takes it. */
export function telemetryBreach(flip: Flip, { silent, awaited }: FleetVerdict, nowMs: number): FastBreach {
  const rule = rulesOf(rowOf('telemetrySilent').metric).find(({ id }) => id === 'telemetry-silent')!;
  const heard = flip.since === 0 ? 'ever' : `for ${durationText(Math.round((nowMs - flip.since) / 1000))}`;
  return {
    row: 'telemetrySilent',
    alarm: rule.id,
    dimensions: {},
    state: flip.to,
    severity: rule.severity,
    atMs: flip.at,
    sinceMs: flip.since === 0 ? flip.at : flip.since,
    ...(flip.to === 'ALARM' ? { value: 1, limit: 0, unit: 'flag' } : {}),
    reason:
      flip.to === 'ALARM'
        ? `${silent} of ${awaited} bots are silent at once; nothing was heard ${heard}. One thing that they share is broken.`
        : 'Telemetry flows again; each bot that is still silent will be told of by itself.',
    firstAction: rule.first,
    runbook: alarmAnchor(rule.id),
  };
}
