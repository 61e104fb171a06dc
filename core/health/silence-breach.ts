import { rulesOf } from '../catalogue/alarm-definitions.ts';
import { catalogue } from '../catalogue/index.ts';
import { alarmAnchor } from '../catalogue/names.ts';
import type { BeatConfig, BotConfig } from '../config/types.ts';
import type { FastBreach } from '../incidents/breach.ts';
import { incidentKey } from '../incidents/key.ts';
import { durationText } from '../incidents/quantity-text.ts';
import { scheduleText } from './job-schedule.ts';
import { deadAfterSeconds, type Flip, type SilenceVerdict } from './silence.ts';

/** The catalogue's alarm on missing heartbeats: the fast path speaks under its id, so both meet in one incident. */
const found = catalogue
  .flatMap(row => rulesOf(row.metric).map(rule => ({ row, rule })))
  .find(({ rule }) => rule.kind === 'heartbeat' && rule.id === 'heartbeat-missing');

const dimensionsOf = (bot: BotConfig) => ({ Strategy: bot.heartbeat.strategyId });

/** Key of the incident that the bot's silence opens. */
export const silenceKey = (bot: BotConfig): string => incidentKey('heartbeat-missing', dimensionsOf(bot));

/** A death or a return, as the notifier takes it. */
export function silenceBreach(
  bot: BotConfig,
  flip: Flip,
  { silent, parts, hasFailed, excuse }: Pick<SilenceVerdict, 'silent' | 'parts' | 'hasFailed' | 'excuse'>,
  nowMs: number,
): FastBreach {
  if (found === undefined) throw new Error('the catalogue has no alarm heartbeat-missing');
  const rule = ruleOf(bot, silent);
  const limit = deadAfterSeconds(rule);
  const silentSeconds = Math.round((nowMs - flip.since) / 1000);
  return {
    row: 'heartbeatAge',
    alarm: found.rule.id,
    dimensions: dimensionsOf(bot),
    state: flip.to,
    severity: found.rule.severity,
    atMs: flip.at,
    sinceMs: flip.since,
    ...(flip.to === 'ALARM' && !hasFailed ? { value: silentSeconds, limit, unit: 'seconds' } : {}),
    reason:
      flip.to === 'OK'
        ? `${bot.id} ${endings[excuse ?? 'heard'] ?? endings.heard}.`
        : hasFailed
          ? `${who(bot, silent, parts)} said that it failed.`
          : `${who(bot, silent, parts)} has sent no heartbeat for ${durationText(silentSeconds)}; ${expectation(rule)}.`,
    firstAction: found.rule.first,
    runbook: alarmAnchor(found.rule.id),
  };
}

/** How a silence ends: not always by a heartbeat. */
const endings: Readonly<Partial<Record<NonNullable<SilenceVerdict['excuse']>, string>>> & { readonly heard: string } = {
  heard: 'sends heartbeats again',
  maintenance: 'is in maintenance now; its silence is told again when that ends',
  stopped: 'has said that it stops',
};

/** Part names come from the bot; they are escaped where they are shown. */
function who(bot: BotConfig, silent: readonly string[], parts: number): string {
  if (silent.length === 0 || silent.length >= parts) return bot.id;
  const named = silent.slice(0, 5).join(', ');
  return `${named}${silent.length > 5 ? ` and ${silent.length - 5} more` : ''} of ${bot.id} (${parts - silent.length} of ${parts} parts live)`;
}

/** That of the one part that is silent, where it has its own; else the bot's. */
function ruleOf({ heartbeat }: BotConfig, [name, ...others]: readonly string[]): BeatConfig {
  const own = name !== undefined && others.length === 0 && Object.hasOwn(heartbeat.components ?? {}, name);
  return own ? heartbeat.components![name]! : heartbeat;
}

function expectation({ schedule, intervalSeconds }: BeatConfig): string {
  return schedule === undefined ? `it should every ${intervalSeconds} s` : `it should ${scheduleText(schedule)}`;
}
