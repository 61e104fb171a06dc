/** A Telegram message as its readers see it: the few tags that we send, and its keyboard. */
import type { InboxItem } from '../api.ts';
import { type Child, h, link } from '../dom.ts';
import { pressButton } from './press.ts';

type Bag = Readonly<Record<string, unknown>>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export type TelegramPart = { readonly tag?: 'b' | 'code' | 'pre'; readonly text: string };

/** Telegram's HTML in parts. Our tags are never nested; entities are decoded after the structure is known. */
export function parseTelegram(html: string): readonly TelegramPart[] {
  const parts: TelegramPart[] = [];
  const decode = (said: string) => said.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  let from = 0;
  for (const match of html.matchAll(/<(b|code|pre)>([\s\S]*?)<\/\1>/g)) {
    if (match.index > from) parts.push({ text: decode(html.slice(from, match.index)) });
    parts.push({ tag: match[1] as 'b' | 'code' | 'pre', text: decode(match[2] ?? '') });
    from = match.index + match[0].length;
  }
  if (from < html.length) parts.push({ text: decode(html.slice(from)) });
  return parts;
}

const drawPart = ({ tag, text: said }: TelegramPart): Child => (tag === undefined ? said : h(tag, {}, said));

export function drawTelegram(item: InboxItem): HTMLElement {
  const body = bag(item.request.body);
  const rows = bag(body['reply_markup'])['inline_keyboard'];
  const keyboard = (Array.isArray(rows) ? rows : []).flatMap(row => (Array.isArray(row) ? row : [])).map(bag);
  return h(
    'div',
    { class: 'telegram' },
    h('div', { class: 'telegram-text' }, ...parseTelegram(text(body['text'])).map(drawPart)),
    keyboard.length === 0 ? null : h('div', { class: 'slack-actions' }, ...keyboard.map(button => drawKey(button, item))),
  );
}

function drawKey(button: Bag, item: InboxItem): HTMLElement {
  if (text(button['url']) !== '') {
    const made = link(text(button['url']), text(button['text']));
    made.classList.add('slack-button');
    return made;
  }
  const message = item.message?.id;
  return pressButton(text(button['text']), {
    channel: item.channelId ?? item.channel,
    value: text(button['callback_data']),
    ...(message === undefined ? {} : { message }),
  });
}
