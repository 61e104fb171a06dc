/**
 * Telegram with a bot token: one message per incident (sendMessage), edited as it changes (editMessageText), with buttons. News that must
 * wake somebody comes as a reply, since an edit is silent.
 * Source: https://core.telegram.org/bots/api (sendMessage, editMessageText, making requests), read 2026-11.
 */

import type { ChannelConfig } from '../../../core/config/types.ts';
import type { Answer, ChannelKind, FollowUp, Verdict } from '../channel.ts';
import { bodyOf, judgeStatus } from '../judge.ts';
import { telegramBody, telegramText } from './render.ts';

export type TelegramConfig = Extract<ChannelConfig, { readonly kind: 'telegram' }>;

export const telegram: ChannelKind<TelegramConfig> = {
  secretsOf: ({ botToken }) => ({ botToken }),
  render: ({ page, config, secrets, previous }) => {
    const messageId = previous?.['messageId'];
    const method = messageId === undefined ? 'sendMessage' : 'editMessageText';
    return {
      url: `https://api.telegram.org/bot${secrets['botToken']}/${method}`,
      headers: { 'content-type': 'application/json' },
      body: {
        chat_id: previous?.['chatId'] ?? config.chatId,
        ...(messageId === undefined ? {} : { message_id: Number(messageId) }),
        ...telegramBody(page, { hasButtons: config.webhookSecret !== undefined }),
      },
    };
  },
  judge,
  tellNews: reply,
};

/** `ok: false` comes with the matching HTTP status; 429 names its wait in the body; an edit without change is done already. */
function judge(answer: Answer): Verdict {
  const body = bodyOf(answer.body);
  if (body['ok'] === true) {
    const result = bodyOf(JSON.stringify(body['result'] ?? {}));
    const chat = bodyOf(JSON.stringify(result['chat'] ?? {}));
    if (result['message_id'] === undefined) return { ok: true };
    return {
      ok: true,
      reference: { messageId: String(result['message_id']), ...(chat['id'] === undefined ? {} : { chatId: String(chat['id']) }) },
    };
  }
  const description = String(body['description'] ?? '').slice(0, 200);
  if (/message is not modified/i.test(description)) return { ok: true };
  if (/message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i.test(description))
    return { ok: false, retry: 'anew', kind: 'client', detail: `Telegram says ${description}` };
  const seconds = Number(bodyOf(JSON.stringify(body['parameters'] ?? {}))['retry_after'] ?? Number.NaN);
  // A wrong token is 404 on the method's address, as long as the body says so in these words.
  const verdict = judgeStatus({ status: answer.status === 404 ? 401 : answer.status, body: description }, seconds);
  return verdict.ok ? { ok: false, retry: 'later', kind: 'server', detail: 'an answer that is not of the Bot API' } : verdict;
}

async function reply({ page, reference, secrets, call }: FollowUp<TelegramConfig>, news: string): Promise<Verdict | undefined> {
  if (reference['messageId'] === undefined) return undefined;
  const { verdict } = await call(
    {
      url: `https://api.telegram.org/bot${secrets['botToken']}/sendMessage`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        chat_id: reference['chatId'],
        reply_parameters: { message_id: Number(reference['messageId']), allow_sending_without_reply: true },
        text: telegramText(news, 1_000),
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        // Only the end and an escalation may ring.
        disable_notification: page.duty === 'acknowledge',
      }),
    },
    judge,
  );
  return verdict;
}
