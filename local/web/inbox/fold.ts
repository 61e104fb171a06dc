/**
 * Requests to messages: an edit belongs to the message that it edits, a reply to its thread, and all events of one PagerDuty incident to one
 * card. Pure.
 */
import type { InboxItem } from '../api.ts';

export interface InboxMessage {
  /** Of the request that made it; stays while it is edited. */
  readonly id: string;
  /** Requests that made and edited it, oldest first; at least one. */
  readonly versions: readonly InboxItem[];
  readonly replies: readonly InboxItem[];
}

export const latestOf = ({ versions }: InboxMessage): InboxItem => versions.at(-1)!;

interface Growing {
  readonly id: string;
  readonly versions: InboxItem[];
  readonly replies: InboxItem[];
}

const field = (item: InboxItem, name: string): string | undefined => {
  const { body } = item.request;
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** `items` newest first, as the API gives them; so are the messages, by when each began. */
export function foldInbox(items: readonly InboxItem[]): readonly InboxMessage[] {
  const messages: Growing[] = [];
  const byName = new Map<string, Growing>();
  for (const item of [...items].reverse()) {
    const channel = item.channelId ?? item.channel;
    const { message } = item;
    const parent = message?.parent === undefined ? undefined : byName.get(`${channel} ${message.parent}`);
    const name = `${channel} ${pagerDutyName(item) ?? message?.id ?? item.id}`;
    const known = byName.get(name);
    if (parent !== undefined) parent.replies.push(item);
    else if (known !== undefined) known.versions.push(item);
    else {
      const made: Growing = { id: item.id, versions: [item], replies: [] };
      messages.push(made);
      byName.set(name, made);
    }
    // After its end a key opens a new incident.
    if (field(item, 'event_action') === 'resolve') byName.delete(name);
  }
  return messages.reverse();
}

function pagerDutyName(item: InboxItem): string | undefined {
  const key = field(item, 'dedup_key');
  return key === undefined || field(item, 'event_action') === undefined ? undefined : `incident ${key}`;
}
