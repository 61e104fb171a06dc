import type { SweepState } from '../../adapters/aws/sweep-store.ts';
import type { BotConfig } from '../../core/config/types.ts';
import { durationText } from '../../core/incidents/quantity-text.ts';
import { tableHtml } from './html.ts';

const text = (value: number | undefined, unit: string, digits = 0) => (value === undefined ? '–' : `${value.toFixed(digits)} ${unit}`);

/** A sum of parts of which some may be unknown; undefined when all are. */
function sum(...parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter(part => part !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, part) => total + part, 0);
}

/** What each bot's process and machine used at its last heartbeat, with the age of that heartbeat. */
export function systemTable(bots: readonly BotConfig[], { heads }: SweepState, nowMs: number): string {
  const rows = bots.map(bot => {
    const beat = heads.get(bot.heartbeat.strategyId)?.pulse?.heartbeat;
    const used = beat?.resources ?? {};
    const kilobytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 1_000);
    return [
      bot.id,
      text(used.cpuPercent, '%', 1),
      text(used.memoryPercent, '%', 1),
      text(kilobytes(sum(used.diskReadBytesPerSecond, used.diskWriteBytesPerSecond)), 'kB/s', 1),
      text(kilobytes(sum(used.networkReceiveBytesPerSecond, used.networkTransmitBytesPerSecond)), 'kB/s', 1),
      text(used.networkLatencyMs, 'ms', 1),
      text(beat?.loopLagMs, 'ms', 1),
      text(beat?.queueDepth, 'waiting'),
      beat === undefined ? 'never' : `${durationText((nowMs - beat.at) / 1000)} ago`,
    ];
  });
  const columns = ['Bot', 'CPU', 'Memory', 'Disk I/O', 'Bandwidth', 'Network latency', 'Loop lag', 'Queue', 'Measured'];
  return tableHtml('Process and machine', columns, rows, 'No bots.');
}
