/**
 * The services behind the channels, as far as our requests reach them: each answers as the real one answers to a request that it accepts,
 * and says which message a request makes or edits. Shapes: the services' own references (adapters/notify/<channel>/ names them).
 */
import { createHash } from 'node:crypto';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** How long the service asks to wait, in its own words. */
  readonly retryAfter?: string;
}

/** What a request did on the service's side. */
export interface Effect {
  readonly answer: Answer;
  /** The message that it made or edited; absent for requests that show nobody anything. */
  readonly message?: {
    readonly id: string;
    readonly isEdit: boolean;
    /** The message in whose thread it stands. */
    readonly parent?: string;
    /** It is about no incident: a change event. */
    readonly isChange?: boolean;
    /** Only the person who pressed sees it. */
    readonly isPrivate?: boolean;
  };
}

export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly bytes: Buffer;
  /** The body as JSON, where it is. */
  readonly body: unknown;
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
const json = (body: unknown, status = 200): Answer => ({ status, type: 'application/json', body: JSON.stringify(body) });
const ok: Answer = { status: 200, type: 'text/plain', body: 'ok' };

export interface StandIns {
  readonly take: (asked: Asked, nowMs: number) => Effect;
  /** An uploaded file, by its id. */
  readonly file: (id: string) => Buffer | undefined;
}

/** Whether a request tells PagerDuty of a change, which pages nobody. */
export function isChangeEvent(address: string): boolean {
  const { hostname, pathname } = new URL(address);
  return hostname.endsWith('pagerduty.com') && pathname === '/v2/change/enqueue';
}

export function createStandIns(): StandIns {
  let count = 0;
  const files = new Map<string, Buffer>();
  const next = () => {
    count += 1;
    return count;
  };

  function slackApi(method: string, body: Json, nowMs: number): Effect {
    const channel = text(body['channel']) ?? 'C0000000000';
    if (method === 'chat.postMessage') {
      const ts = `${Math.floor(nowMs / 1000)}.${String(next()).padStart(6, '0')}`;
      const parent = text(body['thread_ts']);
      return {
        answer: json({ ok: true, channel, ts }),
        message: { id: `${channel} ${ts}`, isEdit: false, ...(parent === undefined ? {} : { parent: `${channel} ${parent}` }) },
      };
    }
    if (method === 'chat.update') {
      const ts = text(body['ts']) ?? '';
      return { answer: json({ ok: true, channel, ts }), message: { id: `${channel} ${ts}`, isEdit: true } };
    }
    if (method === 'files.getUploadURLExternal') {
      const id = `F${String(next()).padStart(10, '0')}`;
      return { answer: json({ ok: true, upload_url: `https://files.slack.com/upload/v1/${id}`, file_id: id }) };
    }
    return { answer: json({ ok: true }) };
  }

  function slackUpload(url: string, bytes: Buffer): Effect {
    files.set(url.split('/').at(-1) ?? '', bytes);
    // As many as a day of trouble draws.
    if (files.size > 200) files.delete([...files.keys()][0]!);
    return { answer: { ...ok, body: `OK - ${bytes.length}` } };
  }

  function telegramApi(method: string, body: Json): Effect {
    const chat = text(body['chat_id']) ?? '0';
    if (method === 'answerCallbackQuery')
      return { answer: json({ ok: true, result: true }), message: { id: `private ${next()}`, isEdit: false, isPrivate: true } };
    const id = text(body['message_id']);
    const replied = text(object(body['reply_parameters'])['message_id']);
    const messageId = method === 'editMessageText' && id !== undefined ? id : String(next());
    return {
      answer: json({ ok: true, result: { message_id: Number(messageId), chat: { id: Number(chat) || chat } } }),
      message: {
        id: `${chat} ${messageId}`,
        isEdit: method === 'editMessageText',
        ...(replied === undefined ? {} : { parent: `${chat} ${replied}` }),
      },
    };
  }

  function discordWebhook(url: URL): Effect {
    const edited = /\/messages\/([^/]+)$/.exec(url.pathname)?.[1];
    const id = edited ?? String(next());
    return { answer: json({ id }), message: { id: `discord ${id}`, isEdit: edited !== undefined } };
  }

  return {
    file: id => files.get(id),
    take({ url: address, bytes, body }, nowMs) {
      const url = new URL(address);
      const sent = object(body);
      if (url.hostname === 'slack.com') return slackApi(url.pathname.split('/').at(-1) ?? '', sent, nowMs);
      if (url.hostname === 'files.slack.com') return slackUpload(address, bytes);
      if (url.hostname === 'api.telegram.org') return telegramApi(url.pathname.split('/').at(-1) ?? '', sent);
      if (url.hostname === 'discord.com') return discordWebhook(url);
      const message = { id: `m${next()}`, isEdit: false };
      if (url.hostname === 'hooks.slack.com' && url.pathname.startsWith('/actions/')) {
        // Ours name the message whose button was pressed.
        const parent = decodeURIComponent(url.pathname.split('/')[3] ?? '');
        return { answer: ok, message: { ...message, isPrivate: true, ...(parent === '' ? {} : { parent }) } };
      }
      if (isChangeEvent(address))
        return { answer: json({ status: 'success', message: 'Change event processed' }, 202), message: { ...message, isChange: true } };
      if (url.hostname.endsWith('pagerduty.com')) {
        const key = text(sent['dedup_key']) ?? 'local';
        return { answer: json({ status: 'success', message: 'Event processed', dedup_key: key }, 202), message };
      }
      return { answer: url.hostname.startsWith('teams.') ? { ...ok, status: 202 } : ok, message };
    },
  };
}

/** 32 hex digits of a secret's name: the shape of a PagerDuty routing key, and what leads a request back to its channel. */
export const tokenOf = (secret: string): string => createHash('sha256').update(`local ${secret}`).digest('hex').slice(0, 32);

/** A stand-in for a secret in the shape that its channel expects, with the token in it. */
export function secretShape(kind: string, role: string, token: string): string {
  const shapes: Readonly<Record<string, string>> = {
    'slack webhook': `https://hooks.slack.com/services/T00000000/B00000000/${token}`,
    'slackApp botToken': `xoxb-local-${token}`,
    'telegram botToken': `1000:${token}`,
    'discord webhook': `https://discord.com/api/webhooks/1/${token}`,
    'teams webhook': `https://teams.webhook.example/workflows/${token}`,
    'webhook url': `https://webhook.example/${token}`,
    'bot url': `https://bot.example/signals/${token}`,
  };
  return shapes[`${kind} ${role}`] ?? token;
}
