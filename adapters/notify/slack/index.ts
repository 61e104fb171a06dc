import type { ChannelConfig } from '../../../core/config/types.ts';
import type { ChannelKind } from '../channel.ts';
import { judgeStatus } from '../judge.ts';
import { isWorthAMessage } from '../text.ts';
import { slackBody, slackNews } from './render.ts';

/**
 * Incoming webhooks can only add messages. They answer 200 `ok`; 400 and 403 mean that the message or the token is wrong, 404 and 410 that
 * the channel is gone; 429 carries `Retry-After` in seconds; 5xx pass.
 * Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const slack: ChannelKind<Extract<ChannelConfig, { readonly kind: 'slack' }>> = {
  secretsOf: ({ webhook }) => ({ webhook }),
  masked: { webhook: 'https://hooks.slack.com/services/***' },
  render: ({ page, secrets }) =>
    isWorthAMessage(page)
      ? {
          url: secrets['webhook']!,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: page.duty === 'trigger' || page.duty === 'resolve' ? slackBody(page) : slackNews(page),
        }
      : undefined,
  judge: answer => judgeStatus(answer),
};
