import type { ChannelConfig } from '../../../core/config/types.ts';
import type { Answer, ChannelKind, Verdict } from '../channel.ts';
import { slackBody } from './render.ts';

export const slack: ChannelKind<Extract<ChannelConfig, { readonly kind: 'slack' }>> = {
  secretOf: config => config.webhook,
  render: (page, _config, secret) => ({
    url: secret,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: slackBody(page),
  }),
  judge,
  maskedSecret: 'https://hooks.slack.com/services/***',
};

/**
 * Incoming webhooks answer 200 `ok`; 400 and 403 mean the message or the token is wrong, 404 and 410 that the channel is gone;
 * 429 carries `Retry-After` in seconds; 5xx pass. Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
function judge({ status, body }: Answer): Verdict {
  if (status >= 200 && status < 300) return { ok: true };
  const detail = `HTTP ${status} ${body.slice(0, 120)}`;
  if (status === 429) return { ok: false, retry: 'later', kind: 'rate', detail };
  if (status >= 500 || status === 408) return { ok: false, retry: 'later', kind: 'server', detail };
  if (status === 404 || status === 410) return { ok: false, retry: 'never', kind: 'gone', detail };
  return { ok: false, retry: 'never', kind: status === 401 || status === 403 ? 'auth' : 'client', detail };
}
