/** A replay's result for a person. */
import type { Summary } from '../../local/summary.ts';

export function summaryText(summary: Summary): string {
  const { clock, events, invocations } = summary;
  const lines = [
    `${clock.from} to ${clock.to}: ${clock.virtualMinutes} minutes in ${clock.wallSeconds.toFixed(1)} s`,
    `events      ${events.accepted} accepted, ${events.duplicates} duplicates, ${events.rejected} rejected`,
    `invocations ${Object.entries(invocations)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    ...Object.entries(summary.strategies).map(
      ([id, { currency, netPnl, trades, fills }]) =>
        `${id}: net ${netPnl ?? 'unknown'} ${currency ?? ''} in ${trades} trades, ${fills} fills`,
    ),
    `alarms      ${summary.transitions.filter(({ to }) => to === 'ALARM').length} went to ALARM, ${summary.notifications.length} notifications, ${summary.incidents.length} incidents`,
  ];
  return `${lines.join('\n')}\n`;
}
