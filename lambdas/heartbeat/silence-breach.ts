import { rulesOf } from '../../core/catalogue/alarm-definitions.ts';
import { catalogue } from '../../core/catalogue/index.ts';
import { alarmAnchor } from '../../core/catalogue/names.ts';
import type { BotConfig } from '../../core/config/types.ts';
import { deadAfterSeconds, type SilenceVerdict } from '../../core/health/silence.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { incidentKey } from '../../core/incidents/key.ts';
import { durationText } from '../../core/incidents/quantity-text.ts';

/** The catalogue's alarm on missing heartbeats: the fast path speaks under its id, so both meet in one incident. */
const found = catalogue
  .flatMap(row => rulesOf(row.metric).map(rule => ({ row, rule })))
  .find(({ rule }) => rule.kind === 'heartbeat' && rule.id === 'heartbeat-missing');

const dimensionsOf = (bot: BotConfig) => ({ Strategy: bot.heartbeat.strategyId });

/** Key of the incident that the bot's silence opens. */
export const silenceKey = (bot: BotConfig): string => incidentKey('heartbeat-missing', dimensionsOf(bot));

/** A death or a return, as the notifier takes it. */
export function silenceBreach(bot: BotConfig, flip: NonNullable<SilenceVerdict['flip']>, nowMs: number): FastBreach {
  if (found === undefined) throw new Error('the catalogue has no alarm heartbeat-missing');
  const limit = deadAfterSeconds(bot.heartbeat);
  const silentSeconds = Math.round((nowMs - flip.since) / 1000);
  return {
    row: 'heartbeatAge',
    alarm: found.rule.id,
    dimensions: dimensionsOf(bot),
    state: flip.to,
    severity: found.rule.severity,
    atMs: flip.at,
    sinceMs: flip.since,
    ...(flip.to === 'ALARM' ? { value: silentSeconds, limit, unit: 'seconds' } : {}),
    reason:
      flip.to === 'ALARM'
        ? `${bot.id} has sent no heartbeat for ${durationText(silentSeconds)}; it should every ${bot.heartbeat.intervalSeconds} s.`
        : `${bot.id} sends heartbeats again.`,
    firstAction: found.rule.first,
    runbook: alarmAnchor(found.rule.id),
  };
}
