/**
 * Telegram's updates. `x-telegram-bot-api-secret-token` holds the secret that setWebhook was given; nothing else proves the sender. Only the
 * configured chat is listened to, and where people are named only they.
 * Source: https://core.telegram.org/bots/api#setwebhook, #callbackquery (2026-11).
 */
import { confirmationOf } from '../../../core/incidents/bot-signal.ts';
import { plainText } from '../../../core/incidents/plain-text.ts';
import type { RawRequest } from '../channel.ts';
import { type Command, type Confirmed, type InboundKind, type IncidentName, isSame, type Reply, type Requested } from '../inbound.ts';
import { bodyOf } from '../judge.ts';
import { callbackData, readCallbackData, type TelegramAction } from './callback.ts';
import type { TelegramConfig } from './index.ts';
import { telegramText } from './render.ts';

const HOUR = 3_600_000;

export const telegramInbound: InboundKind<TelegramConfig> = {
  secretsOf: ({ webhookSecret, botToken }) => (webhookSecret === undefined ? undefined : { webhookSecret, botToken }),
  read: ({ headers, body }, config, secrets) => {
    const secret = secrets['webhookSecret'] ?? '';
    if (secret === '' || !isSame(headers['x-telegram-bot-api-secret-token'] ?? '', secret))
      return { ok: false, status: 401, reason: 'the secret token does not match' };
    const update = bodyOf(Buffer.from(body).toString('utf8'));
    const token = secrets['botToken'] ?? '';
    const request = update['callback_query'] === undefined ? readMessage(update, config, token) : readCallback(update, config, token);
    return { ok: true, requests: request === undefined ? [] : [request] };
  },
};

/** Other chats get no answer at all. */
const nobody = () => undefined;

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const id = (value: unknown): string => (typeof value === 'number' || typeof value === 'string' ? String(value) : '');

function readCallback(update: Json, config: TelegramConfig, token: string): Requested | undefined {
  const query = object(update['callback_query']);
  const data = readCallbackData(String(query['data'] ?? ''));
  const message = object(query['message']);
  const chat = object(message['chat']);
  if (data === undefined) return undefined;
  const from = object(query['from']);
  const queryId = id(query['id']);
  const incident: IncidentName = { by: 'fingerprint', fingerprint: data.fingerprint };
  const reply = ({ text, confirm }: Reply): RawRequest | undefined =>
    confirm === undefined
      ? call(token, 'answerCallbackQuery', { callback_query_id: queryId, text: plainText(text, 200), show_alert: true })
      : call(token, 'sendMessage', {
          chat_id: id(chat['id']),
          text: telegramText(text, 1_000),
          parse_mode: 'HTML',
          reply_markup: {
            inline_keyboard: [[{ text: `Yes: ${confirm.botId}`, callback_data: confirmData(confirm) }]],
          },
        });
  // The second step's message tells when it was asked.
  const askedAtMs = typeof message['date'] === 'number' ? message['date'] * 1000 : 0;
  return {
    command: commandOf(data.action, incident, { askedAtMs, about: data.about ?? '' }),
    ...sender(chat, from, config),
    reply: isOurChat(chat, config) ? reply : nobody,
  };
}

const confirmData = ({ signal, botId, key }: NonNullable<Reply['confirm']>) =>
  callbackData(`${signal}-yes`, key, confirmationOf(botId, key));

function commandOf(action: TelegramAction, incident: IncidentName, confirmed: Confirmed): Command {
  switch (action) {
    case 'acknowledge':
      return { do: 'acknowledge', incident };
    case 'silence-1h':
      return { do: 'silence', incident, durationMs: HOUR };
    case 'silence-4h':
      return { do: 'silence', incident, durationMs: 4 * HOUR };
    case 'halt':
    case 'reduceOnly':
      return { do: 'signal', signal: action, incident };
    case 'halt-yes':
      return { do: 'signal', signal: 'halt', incident, confirmed };
    case 'reduceOnly-yes':
      return { do: 'signal', signal: 'reduceOnly', incident, confirmed };
  }
}

function readMessage(update: Json, config: TelegramConfig, token: string): Requested | undefined {
  const message = object(update['message'] ?? update['channel_post']);
  const said = String(message['text'] ?? '');
  if (!said.startsWith('/')) return undefined;
  const chat = object(message['chat']);
  const reply = ({ text }: Reply): RawRequest | undefined =>
    call(token, 'sendMessage', {
      chat_id: id(chat['id']),
      reply_parameters: { message_id: Number(message['message_id']), allow_sending_without_reply: true },
      text: telegramText(text, 4_000),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
  return { command: readCommand(said), ...sender(chat, object(message['from']), config), reply: isOurChat(chat, config) ? reply : nobody };
}

/** `/ack`, `/ack 2`, `/silence 2 1h`, `/silence 30m`, `/status`, each also with the bot's name behind. */
export function readCommand(said: string): Command {
  const [name = '', ...words] = said.trim().split(/\s+/);
  const number = words.find(word => /^\d{1,3}$/.test(word));
  const incident: IncidentName = number === undefined ? { by: 'only' } : { by: 'number', number: Number(number) };
  switch (name.toLowerCase().replace(/@.*$/, '')) {
    case '/status':
      return { do: 'status' };
    case '/ack':
    case '/acknowledge':
      return { do: 'acknowledge', incident };
    case '/silence': {
      const word = words.find(each => /^\d+[mhd]$/i.test(each)) ?? '1h';
      const unit = { m: 60_000, h: HOUR, d: 24 * HOUR }[word.slice(-1).toLowerCase() as 'm' | 'h' | 'd'];
      const durationMs = Number(word.slice(0, -1)) * unit;
      if (durationMs <= 0 || durationMs > 7 * 24 * HOUR) return { do: 'help', because: 'A silence lasts from 1m to 7d.' };
      return { do: 'silence', incident, durationMs };
    }
    case '/start':
    case '/help':
      return { do: 'help' };
    default:
      return { do: 'help', because: `${plainText(name, 40)} is not a command here.` };
  }
}

/** Who it was, and whether that person may. */
function sender(chat: Json, from: Json, config: TelegramConfig): Pick<Requested, 'who' | 'refused'> {
  const { people } = config;
  const name = plainText(String(from['username'] ?? from['first_name'] ?? ''), 60) || id(from['id']) || 'somebody';
  const who = `${name} (Telegram)`;
  if (!isOurChat(chat, config)) return { who, refused: 'another chat' };
  return people === undefined || people.includes(id(from['id']))
    ? { who }
    : { who, refused: 'You are not on the list of people who may do this.' };
}

const isOurChat = (chat: Json, { chatId }: TelegramConfig): boolean =>
  id(chat['id']) === chatId || (chatId.startsWith('@') && `@${String(chat['username'] ?? '')}` === chatId);

const call = (token: string, method: string, body: Json): RawRequest => ({
  url: `https://api.telegram.org/bot${token}/${method}`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
