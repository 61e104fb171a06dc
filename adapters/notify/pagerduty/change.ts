/**
 * What was changed in a strategy, as a change event: PagerDuty shows it beside incidents and notifies nobody.
 * Limits: summary 1,024 characters, body 512 KB; images are not taken. Source: https://developer.pagerduty.com/docs/send-change-event (2026-11).
 */
import type { ChannelConfig } from '../../../core/config/types.ts';
import type { StrategyChange } from '../../../core/incidents/changes.ts';
import { plainText } from '../../../core/incidents/plain-text.ts';
import { isoFromMs } from '../../../core/time/instant.ts';
import { judgeStatus } from '../judge.ts';
import { type Outcome, type SendTools, send } from '../send.ts';
import { pagerDutyHosts } from './index.ts';

type PagerDutyConfig = Extract<ChannelConfig, { readonly kind: 'pagerduty' }>;

export function changeBody(
  { strategyId, at, action, actor, reason }: StrategyChange,
  routingKey: string,
): Readonly<Record<string, unknown>> {
  return {
    routing_key: routingKey,
    payload: {
      summary: plainText(`${strategyId}: ${action} by ${actor}: ${reason}`, 1_000),
      timestamp: isoFromMs(at),
      source: plainText(strategyId, 200) || 'a strategy without a name',
      custom_details: { Strategy: plainText(strategyId, 200), Action: action, By: plainText(actor, 200), Why: plainText(reason, 2_000) },
    },
  };
}

export const sendChange = (change: StrategyChange, { region }: PagerDutyConfig, routingKey: string, tools: SendTools): Promise<Outcome> =>
  send(
    {
      url: `https://${pagerDutyHosts[region]}/v2/change/enqueue`,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: changeBody(change, routingKey),
    },
    judgeStatus,
    tools,
  );
