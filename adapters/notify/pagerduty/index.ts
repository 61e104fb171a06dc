import type { ChannelConfig } from '../../../core/config/types.ts';
import type { Answer, ChannelKind, Verdict } from '../channel.ts';
import { pagerDutyBody } from './render.ts';

const hosts = { us: 'events.pagerduty.com', eu: 'events.eu.pagerduty.com' } as const;

export const pagerDuty: ChannelKind<Extract<ChannelConfig, { readonly kind: 'pagerduty' }>> = {
  secretOf: config => config.routingKey,
  render: (page, config, secret) => ({
    url: `https://${hosts[config.region]}/v2/enqueue`,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: pagerDutyBody(page, secret),
  }),
  judge,
  maskedSecret: '***',
};

/**
 * 202 means accepted (not yet paged). 400 names errors and must not be repeated; 429 and 5xx should be, later.
 * Source: https://developer.pagerduty.com/docs/events-api-v2-overview
 */
function judge({ status, body }: Answer): Verdict {
  if (status >= 200 && status < 300) return { ok: true };
  const detail = `HTTP ${status} ${body.slice(0, 200)}`;
  if (status === 429) return { ok: false, retry: 'later', kind: 'rate', detail };
  if (status >= 500 || status === 408) return { ok: false, retry: 'later', kind: 'server', detail };
  return { ok: false, retry: 'never', kind: status === 401 || status === 403 ? 'auth' : 'client', detail };
}
