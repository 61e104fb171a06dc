/**
 * Slack's interactivity requests. Signature: `v0=` and the hex HMAC-SHA256 of `v0:<timestamp>:<raw body>`; older or newer than 300 seconds
 * is refused. The body is a form with the JSON in `payload`; it must be answered within three seconds.
 * Source: https://docs.slack.dev/authentication/verifying-requests-from-slack, /interactivity/handling-user-interaction (2026-11).
 */
import { confirmationOf } from '../../../core/incidents/bot-signal.ts';
import { plainText } from '../../../core/incidents/plain-text.ts';
import type { RawRequest } from '../channel.ts';
import type { Command, Inbound, InboundKind, Incoming, Reply, Requested } from '../inbound.ts';
import { hmacHex, isSame } from '../inbound.ts';
import { bodyOf } from '../judge.ts';
import { escaped } from '../slack/escape.ts';
import { slackActions } from './blocks.ts';
import type { SlackAppConfig } from './index.ts';

const CLOCK_SECONDS = 300;
const HOUR = 3_600_000;

export const slackInbound: InboundKind<SlackAppConfig> = {
  secretsOf: ({ signingSecret }) => (signingSecret === undefined ? undefined : { signingSecret }),
  read: (incoming, config, secrets) => {
    const unproven = whyUnproven(incoming, secrets['signingSecret'] ?? '');
    if (unproven !== undefined) return { ok: false, status: 401, reason: unproven };
    const payload = bodyOf(new URLSearchParams(Buffer.from(incoming.body).toString('utf8')).get('payload') ?? '');
    return readPayload(payload, config);
  },
};

function whyUnproven({ headers, body, nowMs }: Incoming, secret: string): string | undefined {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  const signature = headers['x-slack-signature'] ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || signature === '') return 'no signature';
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > CLOCK_SECONDS) return `signed ${timestamp}, outside of ${CLOCK_SECONDS} s`;
  if (secret === '') return 'no signing secret';
  return isSame(signature, `v0=${hmacHex(secret, `v0:${timestamp}:`, body)}`) ? undefined : 'the signature does not match';
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function readPayload(payload: Json, config: SlackAppConfig): Inbound {
  if (payload['type'] !== 'block_actions') return { ok: true, requests: [] };
  const user = object(payload['user']);
  const userId = text(user['id']);
  const refused = whyRefused(text(object(payload['channel'])['id']), userId, config);
  const who = `${plainText(text(user['username']) || text(user['name']) || userId, 60)} (Slack)`;
  const reply = replyTo(text(payload['response_url']));
  const actions = Array.isArray(payload['actions']) ? payload['actions'].map(object) : [];
  const requests = actions.flatMap((action): Requested[] => {
    const command = commandOf(text(action['action_id']), text(action['value']));
    return command === undefined ? [] : [{ command, who, reply, ...(refused === undefined ? {} : { refused }) }];
  });
  return { ok: true, requests };
}

function whyRefused(channel: string, userId: string, { channel: allowed, people }: SlackAppConfig): string | undefined {
  if (channel !== allowed) return 'Buttons work in the channel that Nightdesk pages only.';
  return people === undefined || people.includes(userId) ? undefined : 'You are not on the list of people who may do this.';
}

/** Buttons that only open a page come here too, and ask for nothing. */
function commandOf(action: string, value: string): Command | undefined {
  const incident = { by: 'key' as const, key: value };
  switch (action) {
    case slackActions.acknowledge:
      return { do: 'acknowledge', incident };
    case slackActions.silenceHour:
      return { do: 'silence', incident, durationMs: HOUR };
    case slackActions.silenceFourHours:
      return { do: 'silence', incident, durationMs: 4 * HOUR };
    case slackActions.halt:
    case slackActions.reduceOnly:
      return { do: 'signal', signal: action, incident };
    case 'confirm-halt':
    case 'confirm-reduceOnly': {
      const [, askedAt = '', about = '', key = ''] = /^(\d{1,15}) ([0-9a-f]{16}) ([\s\S]+)$/.exec(value) ?? [];
      const signal = action === 'confirm-halt' ? 'halt' : 'reduceOnly';
      if (key === '') return undefined;
      return { do: 'signal', signal, incident: { by: 'key', key }, confirmed: { askedAtMs: Number(askedAt), about } };
    }
    default:
      return undefined;
  }
}

/** To the person alone; the message itself is edited by the notifier. Slack's own host, whatever the payload says. */
const replyTo =
  (url: string) =>
  ({ text: said, confirm }: Reply): RawRequest | undefined => {
    if (!/^https:\/\/hooks\.slack(?:-gov)?\.com\//.test(url)) return undefined;
    const words = escaped(said, 2_500);
    const body = {
      response_type: 'ephemeral',
      replace_original: false,
      text: words,
      mrkdwn: false,
      ...(confirm === undefined ? {} : { blocks: confirmBlocks(words, confirm) }),
    };
    return { url, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
  };

function confirmBlocks(words: string, { signal, botId, key, askedAtMs }: NonNullable<Reply['confirm']>): readonly Json[] {
  return [
    { type: 'section', text: { type: 'plain_text', text: words, emoji: false } },
    {
      type: 'actions',
      elements: [
        {
          type: 'button',
          action_id: `confirm-${signal}`,
          style: 'danger',
          text: { type: 'plain_text', text: escaped(`Yes: ${signal === 'halt' ? 'halt' : 'reduce only'} ${botId}`, 75), emoji: false },
          value: `${askedAtMs} ${confirmationOf(botId, key)} ${key}`,
        },
      ],
    },
  ];
}
