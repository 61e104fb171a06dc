/**
 * Discord over a webhook: one message per incident, edited as it changes; `wait=true` makes the answer hold its id. Nobody is ever
 * mentioned. Limits: content 2,000, embed title 256, description 4,096, 25 fields of 256 and 1,024, footer 2,048, 6,000 in all.
 * Source: https://docs.discord.com/developers/resources/webhook and /message, read 2026-11.
 */

import type { ChannelConfig } from '../../../core/config/types.ts';
import type { Answer, ChannelKind, FollowUp, Verdict } from '../channel.ts';
import { bodyOf, judgeStatus } from '../judge.ts';
import { discordBody, discordText } from './render.ts';

type DiscordConfig = Extract<ChannelConfig, { readonly kind: 'discord' }>;

export const discord: ChannelKind<DiscordConfig> = {
  secretsOf: ({ webhook }) => ({ webhook }),
  masked: { webhook: 'https://discord.com/api/webhooks/***' },
  render: ({ page, secrets, previous }) => {
    const messageId = previous?.['messageId'];
    const base = secrets['webhook']!.replace(/\/+$/, '');
    return {
      ...(messageId === undefined
        ? { url: `${base}?wait=true` }
        : { url: `${base}/messages/${encodeURIComponent(messageId)}`, method: 'PATCH' as const }),
      headers: { 'content-type': 'application/json' },
      body: discordBody(page),
    };
  },
  judge,
  tellNews: asMessage,
};

const UNKNOWN_MESSAGE = 10_008;

function judge(answer: Answer): Verdict {
  const body = bodyOf(answer.body);
  if (body['code'] === UNKNOWN_MESSAGE)
    return { ok: false, retry: 'anew', kind: 'client', detail: 'Discord says that the message is gone' };
  const verdict = judgeStatus(answer, Number(body['retry_after'] ?? Number.NaN));
  return verdict.ok && typeof body['id'] === 'string' ? { ok: true, reference: { messageId: body['id'] } } : verdict;
}

/** An edit rings nowhere: news come as a message of their own. */
async function asMessage({ page, secrets, call }: FollowUp<DiscordConfig>, news: string): Promise<Verdict> {
  const { verdict } = await call(
    {
      url: `${secrets['webhook']!.replace(/\/+$/, '')}?wait=true`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content: discordText(`${page.headline}: ${news}`, 1_900), allowed_mentions: { parse: [] }, flags: 4 }),
    },
    judge,
  );
  return verdict;
}
