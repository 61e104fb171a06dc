/**
 * Slack with a bot token: one message per incident (chat.postMessage), edited as it changes (chat.update), news and chart in its thread.
 * The Web API answers HTTP 200 with `ok: false` for most failures. Scopes: `chat:write`, for charts `files:write`.
 * Source: https://docs.slack.dev/reference/methods (chat.postMessage, chat.update, files.getUploadURLExternal), read 2026-11.
 */
import type { ChannelConfig } from '../../../core/config/types.ts';
import type { Answer, ChannelKind, Message, Verdict } from '../channel.ts';
import { bodyOf, judgeStatus } from '../judge.ts';
import { slackBody } from '../slack/render.ts';
import { buttons, chartBlock } from './blocks.ts';
import { inThread, withChart } from './thread.ts';

export type SlackAppConfig = Extract<ChannelConfig, { readonly kind: 'slackApp' }>;

export const slackApp: ChannelKind<SlackAppConfig> = {
  secretsOf: ({ botToken }) => ({ botToken }),
  render: message => {
    const { config, secrets, previous } = message;
    const isEdit = previous?.['ts'] !== undefined;
    return {
      url: `https://slack.com/api/${isEdit ? 'chat.update' : 'chat.postMessage'}`,
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${secrets['botToken']}` },
      body: { channel: previous?.['channel'] ?? config.channel, ...(isEdit ? { ts: previous['ts'] } : {}), ...slackAppBody(message) },
    };
  },
  judge,
  tellNews: inThread,
  followUp: withChart,
};

/** The message itself: as over a webhook, with buttons while it is open, and the chart once it is uploaded. */
export function slackAppBody({ page, config, previous }: Pick<Message<SlackAppConfig>, 'page' | 'config' | 'previous'>) {
  const chart = previous?.['file'];
  return slackBody(page, {
    before: [...(chart === undefined ? [] : [chartBlock(page, chart)]), ...(config.signingSecret === undefined ? [] : buttons(page))],
  });
}

/** Errors that passing time heals. */
const passing = new Set(['ratelimited', 'rate_limited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);
const wrongToken = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'no_permission',
  'missing_scope',
]);
const channelGone = new Set(['channel_not_found', 'is_archived', 'not_in_channel', 'channel_is_archived']);
/** The message to edit is no more, or too old to be edited: a new one takes its place. */
const messageGone = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

export function judge(answer: Answer): Verdict {
  const byStatus = judgeStatus(answer);
  if (!byStatus.ok) return byStatus;
  const body = bodyOf(answer.body);
  if (body['ok'] === true) {
    const { channel, ts } = body;
    return typeof channel === 'string' && typeof ts === 'string' ? { ok: true, reference: { channel, ts } } : { ok: true };
  }
  const error = typeof body['error'] === 'string' ? body['error'].slice(0, 80) : 'an answer that is not of the Web API';
  const detail = `Slack says ${error}`;
  if (passing.has(error)) return { ok: false, retry: 'later', kind: error.startsWith('rate') ? 'rate' : 'server', detail };
  if (wrongToken.has(error)) return { ok: false, retry: 'never', kind: 'auth', detail };
  if (channelGone.has(error)) return { ok: false, retry: 'never', kind: 'gone', detail };
  return { ok: false, retry: messageGone.has(error) ? 'anew' : 'never', kind: 'client', detail };
}
