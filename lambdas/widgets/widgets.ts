import { errorFields, type Output } from '../../adapters/aws/output.ts';
import type { StrategyHead } from '../../adapters/aws/strategy-store.ts';
import type { SweepState, SweepStore } from '../../adapters/aws/sweep-store.ts';
import { asArray, asObject, asText } from '../../core/cloudwatch/loose-json.ts';
import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import { utcText } from '../../core/incidents/quantity-text.ts';
import { healthTable } from './health-table.ts';
import { escapeHtml } from './html.ts';
import { positionsTable, ratiosTable, resultsTable } from './strategy-tables.ts';
import { systemTable } from './system-table.ts';

export interface WidgetTools {
  readonly config: NightdeskConfig;
  readonly sweeps: Pick<SweepStore, 'read'>;
  readonly now: () => number;
  readonly output: Output;
}

interface Shown {
  readonly bots: readonly BotConfig[];
  /** Of each strategy that is shown, also of those without state. */
  readonly heads: readonly StrategyHead[];
  readonly state: SweepState;
  readonly nowMs: number;
}

/** Widgets by the name in their parameters. */
const widgets: Readonly<Record<string, (shown: Shown) => string>> = {
  positions: ({ heads, nowMs }) => positionsTable(heads, nowMs) + resultsTable(heads, nowMs) + ratiosTable(heads, nowMs),
  results: ({ heads, nowMs }) => resultsTable(heads, nowMs),
  ratios: ({ heads, nowMs }) => ratiosTable(heads, nowMs),
  health: ({ bots, state, nowMs }) => healthTable(bots, state, nowMs),
  system: ({ bots, state, nowMs }) => systemTable(bots, state, nowMs),
};

const documentation = `## Nightdesk tables
What the ledger knows of each strategy, and the sweep of each bot, with the age of every figure.

### Widget parameters
Param | Description
---|---
**widget** | \`positions\` (open positions, profit and loss, ratios), \`results\`, \`ratios\`, \`health\` or \`system\`
**strategies** | list of strategy ids; without it all of the stage

### Example parameters
\`\`\` yaml
widget: positions
strategies: [momentum-btc]
\`\`\`
`;

/**
 * Answers a dashboard's custom widget: HTML as text, or its documentation for `{"describe": true}`. Parameters come at the top level of
 * the event and again in `widgetContext.params`. Source: CloudWatch user guide, "Create a custom widget for a dashboard".
 */
export async function widget(event: unknown, { config, sweeps, now, output }: WidgetTools): Promise<string> {
  const input = asObject(event) ?? {};
  if (input['describe'] === true) return documentation;
  const params = { ...input, ...asObject(asObject(input['widgetContext'])?.['params']) };
  const name = asText(params['widget']) ?? 'positions';
  const render = Object.hasOwn(widgets, name) ? widgets[name] : undefined;
  if (render === undefined) return `<p>Unknown widget ${escapeHtml(name)}: ${Object.keys(widgets).join(', ')}.</p>`;
  const wanted = asArray(params['strategies']).flatMap(id => asText(id) ?? []);
  const isWanted = (id: string) => wanted.length === 0 || wanted.includes(id);
  const bots = config.bots.filter(bot => bot.strategies.some(({ id }) => isWanted(id)));
  const ids = bots.flatMap(bot => bot.strategies.map(({ id }) => id)).filter(isWanted);
  const nowMs = now();
  try {
    const state = await sweeps.read(
      bots.map(({ id }) => id),
      [...new Set([...ids, ...bots.map(bot => bot.heartbeat.strategyId)])],
      nowMs,
    );
    const heads = ids.map(strategyId => state.heads.get(strategyId) ?? { strategyId, version: 0 });
    return `${render({ bots, heads, state, nowMs })}<p>${utcText(nowMs)}</p>`;
  } catch (error) {
    output.error('widget failed', { widget: name, ...errorFields(error) });
    return `<p>The table could not be read: ${escapeHtml(error instanceof Error ? error.name : 'error')}.</p>`;
  }
}
