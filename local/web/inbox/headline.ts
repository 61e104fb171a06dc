import type { InboxItem } from '../api.ts';
import { decodeEscapes } from './mrkdwn.ts';
import { discordParts } from './plain.ts';
import { parseTelegram } from './telegram.ts';

type Bag = Readonly<Record<string, unknown>>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null ? (value as Bag) : {});
const first = (value: unknown): Bag => bag(Array.isArray(value) ? value[0] : undefined);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The first line of a message, as a phone would show it. */
export function headline(item: InboxItem): string {
  const body = bag(item.request.body);
  const said = headlineOf(item.channel, body) ?? item.alarm ?? 'message';
  return said.split('\n')[0] ?? '';
}

function headlineOf(kind: string, body: Bag): string | undefined {
  // A change event has no action, and a summary all the same.
  if (kind === 'pagerduty' || body['event_action'] !== undefined)
    return text(bag(body['payload'])['summary']) ?? [body['event_action'], body['dedup_key']].flatMap(each => text(each) ?? []).join(': ');
  if (kind === 'telegram')
    return parseTelegram(text(body['text']) ?? '')
      .map(part => part.text)
      .join('');
  if (kind === 'discord')
    return discordParts(text(first(body['embeds'])['title']) ?? text(body['content']) ?? '')
      .map(part => part.text)
      .join('');
  if (kind === 'teams') return text(bag(first(body['attachments'])['content'])['fallbackText']);
  if (kind === 'amazonQ') return text(bag(body['metadata'])['summary']);
  const said = text(body['text']) ?? text(body['Subject']) ?? text(body['headline']) ?? text(body['signal']);
  return said === undefined ? undefined : decodeEscapes(said.replace(/<([^|>]+)\|([^>]+)>/g, '$2').replace(/[*`]/g, ''));
}
