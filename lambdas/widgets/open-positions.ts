import type { StrategyHead } from '../../adapters/aws/strategy-store.ts';
import { durationText, moneyText, utcText } from '../../core/incidents/quantity-text.ts';
import type { ViewPosition } from '../../core/ledger/view.ts';

export const openPositionsDocs = `## Open positions
Positions of every strategy as the ledger knows them, with unrealized profit and the age of the mark behind it.

### Widget parameters
Param | Description
---|---
**strategies** | list of strategy ids; without it all of the stage

### Example parameters
\`\`\` yaml
strategies: [momentum-btc]
\`\`\`
`;

/** A table that follows the console's light and dark colours: it sets none of its own. */
export function openPositionsHtml(heads: readonly StrategyHead[], nowMs: number): string {
  const rows = heads.flatMap(head => (head.view?.positions ?? []).map(position => rowOf(head, position, nowMs)));
  const totals = heads.map(head => totalOf(head, nowMs)).join('');
  const table =
    rows.length === 0
      ? '<p>No open positions.</p>'
      : `<table><thead><tr><th>Strategy</th><th>Instrument</th><th>Quantity</th><th>Average price</th><th>Unrealized</th><th>Mark age</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return `${table}<table><thead><tr><th>Strategy</th><th>Session P&amp;L</th><th>Equity</th><th>Last heard</th></tr></thead><tbody>${totals}</tbody></table><p>${utcText(nowMs)}</p>`;
}

function rowOf({ strategyId }: StrategyHead, position: ViewPosition, nowMs: number): string {
  const unrealized = position.unrealizedPnl === undefined ? '–' : `${position.unrealizedPnl} ${position.currency ?? ''}`;
  const age = position.markedAtMs === undefined ? 'no mark' : durationText((nowMs - position.markedAtMs) / 1000);
  return cells([strategyId, position.instrumentId, position.qty, position.avgPx ?? '–', unrealized, age]);
}

function totalOf({ strategyId, view, pulse }: StrategyHead, nowMs: number): string {
  const { sessionPnl, equity, incomplete } = view?.gauges ?? {};
  const money = (value: number | undefined) => (value === undefined ? '–' : moneyText(value, view?.currency));
  const heard = pulse?.lastEventMs === undefined ? 'never' : `${durationText((nowMs - pulse.lastEventMs) / 1000)} ago`;
  return cells([incomplete === 1 ? `${strategyId} (incomplete)` : strategyId, money(sessionPnl), money(equity), heard]);
}

const cells = (texts: readonly string[]) => `<tr>${texts.map(text => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => entities[character]!);
