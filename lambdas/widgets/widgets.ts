import { errorFields, type Output } from '../../adapters/aws/output.ts';
import type { StrategyStore } from '../../adapters/aws/strategy-store.ts';
import { asArray, asObject, asText } from '../../core/cloudwatch/loose-json.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { escapeHtml, openPositionsDocs, openPositionsHtml } from './open-positions.ts';

export interface WidgetTools {
  readonly config: NightdeskConfig;
  readonly strategies: Pick<StrategyStore, 'heads'>;
  readonly now: () => number;
  readonly output: Output;
}

/**
 * Answers a dashboard's custom widget: HTML as text, or its documentation for `{"describe": true}`. Parameters come at the top level of
 * the event and again in `widgetContext.params`. Source: CloudWatch user guide, "Create a custom widget for a dashboard".
 */
export async function widget(event: unknown, { config, strategies, now, output }: WidgetTools): Promise<string> {
  const input = asObject(event) ?? {};
  if (input['describe'] === true) return openPositionsDocs;
  const params = asObject(asObject(input['widgetContext'])?.['params']) ?? input;
  const wanted = asArray(params['strategies'] ?? input['strategies']).flatMap(id => asText(id) ?? []);
  const all = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  const ids = wanted.length === 0 ? all : all.filter(id => wanted.includes(id));
  try {
    const heads = await strategies.heads(ids);
    const known = ids.map(id => heads.find(({ strategyId }) => strategyId === id) ?? { strategyId: id, version: 0 });
    return openPositionsHtml(known, now());
  } catch (error) {
    output.error('widget failed', errorFields(error));
    return `<p>Positions could not be read: ${escapeHtml(error instanceof Error ? error.name : 'error')}.</p>`;
  }
}
