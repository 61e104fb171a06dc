/**
 * The other half of the stand-ins: what a person does inside Slack, Telegram or PagerDuty comes back as that service sends it, signed with the
 * channel's own secret, to the stack's own endpoint for actions. Nothing here goes around the function's checks.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { httpApiName } from '../core/catalogue/names.ts';
import type { ChannelConfig, NightdeskConfig } from '../core/config/types.ts';
import { isoFromMs } from '../core/time/instant.ts';
import { AwsError } from './endpoint/errors.ts';
import { text } from './endpoint/service.ts';
import type { LocalStack } from './stack.ts';
import { tokenOf } from './stand-ins.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Pressed {
  readonly status: number;
}

/** The person at this machine, as each service would name them. */
const person = { slack: { id: 'U0000000000', username: 'you' }, telegram: { id: 1, username: 'you' }, pagerDuty: 'You' };

export function createPresses(stack: LocalStack, config: NightdeskConfig): (input: Json) => Promise<Pressed> {
  const secretOf = (reference: { readonly secretName: string } | undefined, channelId: string): string => {
    const value = reference === undefined ? undefined : stack.outbound.secretValue(reference.secretName);
    if (value === undefined) throw new AwsError('NoSecret', `channel ${channelId} has no secret that could prove a press`, { status: 409 });
    return value;
  };

  async function send(channelId: string, body: string, headers: Readonly<Record<string, string>>): Promise<Pressed> {
    const url = `${stack.endpoint.url}/execute-api/${httpApiName(config.stage)}/actions/${encodeURIComponent(channelId)}`;
    const response = await fetch(url, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return { status: response.status };
  }

  function slackPress(channelId: string, channel: Extract<ChannelConfig, { kind: 'slackApp' }>, input: Json): Promise<Pressed> {
    const message = text(input['message']) ?? '';
    const payload = {
      type: 'block_actions',
      user: person.slack,
      channel: { id: channel.channel },
      response_url: `https://hooks.slack.com/actions/${tokenOf(channel.botToken.secretName)}/${encodeURIComponent(message)}`,
      actions: [{ type: 'button', action_id: text(input['action']) ?? '', value: text(input['value']) ?? '' }],
    };
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const timestamp = String(Math.floor(stack.clock.now() / 1000));
    const secret = secretOf(channel.signingSecret, channelId);
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    return send(channelId, body, {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    });
  }

  function telegramUpdate(channelId: string, channel: Extract<ChannelConfig, { kind: 'telegram' }>, input: Json): Promise<Pressed> {
    const chat = { id: Number(channel.chatId) || channel.chatId };
    const [, messageId = '1'] = (text(input['message']) ?? '').split(' ');
    const message = { message_id: Number(messageId), chat, date: Math.floor(stack.clock.now() / 1000) };
    const from = person.telegram;
    const update =
      input['text'] === undefined
        ? { callback_query: { id: randomUUID(), from, message, data: text(input['value']) ?? '' } }
        : { message: { ...message, from, text: text(input['text']) ?? '' } };
    return send(channelId, JSON.stringify({ update_id: 1, ...update }), {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': secretOf(channel.webhookSecret, channelId),
    });
  }

  async function pagerDutyEvent(channelId: string, channel: Extract<ChannelConfig, { kind: 'pagerduty' }>, input: Json): Promise<Pressed> {
    const action = input['action'] === 'resolve' ? 'resolve' : 'acknowledge';
    const key = text(input['value']) ?? '';
    const event = {
      id: randomUUID(),
      event_type: action === 'resolve' ? 'incident.resolved' : 'incident.acknowledged',
      resource_type: 'incident',
      occurred_at: isoFromMs(stack.clock.now()),
      agent: { id: 'PLOCAL', type: 'user_reference', summary: person.pagerDuty },
      data: { id: 'QLOCAL', type: 'incident', status: action === 'resolve' ? 'resolved' : 'acknowledged', incident_key: key },
    };
    const body = JSON.stringify({ event });
    const signature = createHmac('sha256', secretOf(channel.webhookSecret, channelId)).update(body).digest('hex');
    // PagerDuty's own state changes first, whatever becomes of the webhook.
    stack.outbound.changed(
      { id: channelId, kind: channel.kind },
      { event_action: action, dedup_key: key, by: 'somebody inside PagerDuty' },
    );
    return send(channelId, body, { 'content-type': 'application/json', 'x-pagerduty-signature': `v1=${signature}` });
  }

  return input => {
    const channelId = text(input['channel']) ?? '';
    const channel = Object.hasOwn(config.channels, channelId) ? config.channels[channelId] : undefined;
    if (channel?.kind === 'slackApp') return slackPress(channelId, channel, input);
    if (channel?.kind === 'telegram') return telegramUpdate(channelId, channel, input);
    if (channel?.kind === 'pagerduty') return pagerDutyEvent(channelId, channel, input);
    throw new AwsError('NotPressable', `channel "${channelId}" has no buttons`, { status: 404 });
  };
}
