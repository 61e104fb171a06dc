import type { SweepState } from '../../adapters/aws/sweep-store.ts';
import type { BotConfig } from '../../core/config/types.ts';
import { healthGauges } from '../../core/health/gauges.ts';
import { judgeSilence, newHealth } from '../../core/health/silence.ts';
import { durationText } from '../../core/incidents/quantity-text.ts';
import { tableHtml } from './html.ts';

/** Bots as the next sweep would judge them. */
export function healthTable(bots: readonly BotConfig[], { heads, health }: SweepState, nowMs: number): string {
  const rows = bots.map(bot => {
    const pulse = heads.get(bot.heartbeat.strategyId)?.pulse;
    const judged = judgeSilence(health.get(bot.id)?.value ?? newHealth(nowMs), pulse, bot.heartbeat, nowMs).health;
    const gauges = healthGauges(judged, pulse, nowMs);
    const flag = (value: 0 | 1 | undefined) => (value === undefined ? '–' : value === 1 ? 'yes' : 'no');
    return [
      bot.id,
      judged.status,
      gauges.heartbeatAge === undefined ? 'never' : durationText(gauges.heartbeatAge),
      flag(gauges.liveness),
      flag(gauges.readiness),
      flag(gauges.startup),
      pulse?.heartbeat?.tradingState ?? '–',
    ];
  });
  return tableHtml('Bots', ['Bot', 'State', 'Last heartbeat', 'Alive', 'Ready', 'Started', 'Trading'], rows, 'No bots.');
}
