import type { ChannelConfig } from '../../../core/config/types.ts';
import type { ChannelKind } from '../channel.ts';
import { judgeStatus } from '../judge.ts';
import { pagerDutyBody } from './render.ts';

export const pagerDutyHosts = { us: 'events.pagerduty.com', eu: 'events.eu.pagerduty.com' } as const;

/**
 * 202 means accepted (not yet paged). 400 names errors and must not be repeated; 429 and 5xx should be, later.
 * Source: https://developer.pagerduty.com/docs/events-api-v2-overview
 */
export const pagerDuty: ChannelKind<Extract<ChannelConfig, { readonly kind: 'pagerduty' }>> = {
  secretsOf: ({ routingKey }) => ({ routingKey }),
  routedBy: 'routingKey',
  render: ({ page, config, secrets }) => ({
    url: `https://${pagerDutyHosts[config.region]}/v2/enqueue`,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: pagerDutyBody(page, secrets['routingKey']!),
  }),
  judge: answer => judgeStatus(answer),
};
