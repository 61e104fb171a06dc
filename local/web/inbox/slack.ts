/** A Slack message as its readers see it: blocks, attachments with their colour bar, fields, buttons. */
import type { InboxItem } from '../api.ts';
import { type Child, h, link } from '../dom.ts';
import { drawMarkdown } from '../markdown-view.ts';
import { plainColor } from '../palette.ts';
import { decodeEscapes, type Mrkdwn, parseMrkdwn, withEmoji } from './mrkdwn.ts';
import { pressButton } from './press.ts';

type Bag = Readonly<Record<string, unknown>>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function drawNode(node: Mrkdwn): Child {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'break':
      return h('br');
    case 'code':
      return h('code', {}, node.text);
    case 'pre':
      return h('pre', {}, node.text);
    case 'mention':
      return h('span', { class: 'mention' }, node.text);
    case 'link':
      return link(node.href, node.text);
    case 'bold':
      return h('strong', {}, ...drawMrkdwn(node.children));
    case 'italic':
      return h('em', {}, ...drawMrkdwn(node.children));
    case 'strike':
      return h('s', {}, ...drawMrkdwn(node.children));
    case 'quote':
      return h('blockquote', {}, ...drawMrkdwn(node.children));
  }
}

export const drawMrkdwn = (nodes: readonly Mrkdwn[]): Child[] => nodes.map(drawNode);

const mrkdwn = (source: string) => drawMrkdwn(parseMrkdwn(source));

/** A text object: mrkdwn is formatted, plain text is not. */
function textObject(value: unknown): Child[] {
  if (typeof value === 'string') return mrkdwn(value);
  const object = bag(value);
  return object['type'] === 'mrkdwn' ? mrkdwn(text(object['text'])) : [withEmoji(decodeEscapes(text(object['text'])))];
}

/** With the request that carried it, buttons work; without, they only show. */
export function drawSlack(body: unknown, item?: InboxItem): HTMLElement {
  const message = bag(body);
  const blocks = list(message['blocks']);
  const attachments = list(message['attachments']);
  const said = text(message['text']);
  const showsText = blocks.length === 0 && said !== '';
  return h(
    'div',
    { class: 'slack' },
    h('span', { class: 'slack-avatar', 'aria-hidden': 'true' }, '☾'),
    h(
      'div',
      { class: 'slack-main' },
      h('div', { class: 'slack-who' }, h('strong', {}, text(message['username']) || 'Nightdesk'), h('span', { class: 'slack-app' }, 'APP')),
      showsText ? h('div', { class: 'slack-text' }, ...mrkdwn(said)) : null,
      ...blocks.map(each => drawBlock(each, item)),
      ...attachments.map(each => drawAttachment(bag(each), item)),
      blocks.length === 0 && attachments.length === 0 && said === '' ? h('p', { class: 'quiet' }, 'This message has no text.') : null,
    ),
  );
}

const namedColors: Readonly<Record<string, string>> = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' };

function drawAttachment(attachment: Bag, item: InboxItem | undefined): HTMLElement {
  const given = text(attachment['color']);
  const color = namedColors[given] ?? plainColor(given.startsWith('#') ? given : `#${given}`) ?? '#8888';
  const title = text(attachment['title']);
  const link_ = text(attachment['title_link']);
  const fields = list(attachment['fields']).map(bag);
  return h(
    'div',
    { class: 'slack-attachment', style: { '--bar': color } },
    text(attachment['pretext']) === '' ? null : h('div', { class: 'slack-text' }, ...mrkdwn(text(attachment['pretext']))),
    title === ''
      ? null
      : h('div', { class: 'slack-title' }, link_ === '' ? h('strong', {}, ...mrkdwn(title)) : link(link_, ...mrkdwn(title))),
    text(attachment['text']) === '' ? null : h('div', { class: 'slack-text' }, ...mrkdwn(text(attachment['text']))),
    fields.length === 0
      ? null
      : h(
          'div',
          { class: 'slack-fields' },
          ...fields.map(each =>
            h(
              'div',
              { class: each['short'] === true ? '' : 'wide' },
              h('strong', {}, text(each['title'])),
              h('div', {}, ...mrkdwn(text(each['value']))),
            ),
          ),
        ),
    ...list(attachment['blocks']).map(each => drawBlock(each, item)),
    list(attachment['blocks']).length === 0 && title === '' && text(attachment['text']) === ''
      ? h('div', {}, text(attachment['fallback']))
      : null,
    text(attachment['footer']) === '' ? null : h('div', { class: 'slack-context' }, ...mrkdwn(text(attachment['footer']))),
  );
}

function drawBlock(value: unknown, item: InboxItem | undefined): HTMLElement {
  const block = bag(value);
  switch (block['type']) {
    case 'header':
      return h('div', { class: 'slack-header' }, ...textObject(block['text']));
    case 'section':
      return h(
        'div',
        { class: 'slack-section' },
        block['text'] === undefined ? null : h('div', { class: 'slack-text' }, ...textObject(block['text'])),
        list(block['fields']).length === 0
          ? null
          : h('div', { class: 'slack-fields' }, ...list(block['fields']).map(each => h('div', {}, ...textObject(each)))),
        block['accessory'] === undefined ? null : drawElement(block['accessory'], item),
      );
    case 'context':
      return h('div', { class: 'slack-context' }, ...list(block['elements']).map(each => h('span', {}, ...textObject(each))));
    case 'divider':
      return h('hr');
    case 'actions':
      return h('div', { class: 'slack-actions' }, ...list(block['elements']).map(each => drawElement(each, item)));
    case 'markdown':
      return drawMarkdown(text(block['text']));
    case 'rich_text':
      return h('div', { class: 'slack-text' }, ...list(block['elements']).map(each => richText(bag(each))));
    case 'image':
      return drawImage(block);
    default:
      return h('div', { class: 'slack-context' }, `A block of type "${text(block['type'])}" is not drawn here.`);
  }
}

/** An uploaded file; images from elsewhere are not fetched here. */
function drawImage(block: Bag): HTMLElement {
  const id = text(bag(block['slack_file'])['id']);
  if (id === '') return h('div', { class: 'slack-context' }, `Image: ${text(block['alt_text'])}`);
  return h('img', {
    class: 'slack-image',
    src: `/inbox-files/${encodeURIComponent(id)}.png`,
    alt: text(block['alt_text']),
    loading: 'lazy',
  });
}

function drawElement(value: unknown, item: InboxItem | undefined): HTMLElement {
  const element = bag(value);
  const label = textObject(element['text']);
  const style = text(element['style']);
  const url = text(element['url']);
  if (element['type'] !== 'button') return h('span', { class: 'quiet' }, text(element['type']));
  if (url === '' && item?.channelId !== undefined) return pressable(element, item, item.channelId);
  const made = url === '' ? h('span', { title: 'Works in Slack only' }, ...label) : link(url, ...label);
  made.classList.add('slack-button');
  if (style !== '') made.dataset['style'] = style;
  return made;
}

function pressable(element: Bag, item: InboxItem, channel: string): HTMLElement {
  const ask = text(bag(bag(element['confirm'])['text'])['text']);
  const message = item.message?.parent ?? item.message?.id;
  return pressButton(
    withEmoji(decodeEscapes(text(bag(element['text'])['text']))),
    { channel, action: text(element['action_id']), value: text(element['value']), ...(message === undefined ? {} : { message }) },
    { style: text(element['style']), ...(ask === '' ? {} : { ask }) },
  );
}

const richStyles = [
  ['bold', 'strong'],
  ['italic', 'em'],
  ['strike', 's'],
  ['code', 'code'],
] as const;

function richText(part: Bag): HTMLElement {
  const children = list(part['elements']).map(each => richElement(bag(each)));
  if (part['type'] === 'rich_text_list')
    return h(part['style'] === 'ordered' ? 'ol' : 'ul', {}, ...list(part['elements']).map(each => h('li', {}, richText(bag(each)))));
  if (part['type'] === 'rich_text_preformatted') return h('pre', {}, ...children);
  return h(part['type'] === 'rich_text_quote' ? 'blockquote' : 'div', {}, ...children);
}

function richElement(element: Bag): Child {
  if (element['type'] === 'link') return link(text(element['url']), text(element['text']) || text(element['url']));
  if (element['type'] === 'emoji') return withEmoji(`:${text(element['name'])}:`);
  if (element['type'] !== 'text')
    return h('span', { class: 'mention' }, `@${text(element['user_id'] ?? element['range'] ?? element['type'])}`);
  const style = bag(element['style']);
  return richStyles.reduce<Child>((inner, [name, tag]) => (style[name] === true ? h(tag, {}, inner) : inner), text(element['text']));
}
