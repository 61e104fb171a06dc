/** Messages of the channels that have no buttons of ours: e-mail, Discord, Teams, Amazon Q, signed webhooks. */
import { type Child, h, link } from '../dom.ts';
import { parseMrkdwn } from './mrkdwn.ts';
import { drawMrkdwn } from './slack.ts';

type Bag = Readonly<Record<string, unknown>>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {});
const bags = (value: unknown): readonly Bag[] => (Array.isArray(value) ? value.map(bag) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const drawEmail = (body: unknown): HTMLElement =>
  h('div', { class: 'letter' }, h('strong', {}, text(bag(body)['Subject'])), h('pre', {}, text(bag(body)['Message'])));

/** Discord's Markdown as we send it: escaped marks, code, bold, links in angle brackets. */
export function discordParts(
  source: string,
): readonly { readonly tag?: 'code' | 'pre' | 'strong' | 'a'; readonly text: string; readonly href?: string }[] {
  const parts: { tag?: 'code' | 'pre' | 'strong' | 'a'; text: string; href?: string }[] = [];
  const rule = /```\n?([\s\S]*?)\n?```|`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[((?:\\.|[^\]\\])+)\]\(<([^>]+)>\)/g;
  const plain = (said: string) => said.replace(/\\([!-/:-@[-`{-~])/g, '$1');
  let from = 0;
  for (const match of source.matchAll(rule)) {
    if (source[match.index - 1] === '\\') continue;
    if (match.index > from) parts.push({ text: plain(source.slice(from, match.index)) });
    from = match.index + match[0].length;
    if (match[1] !== undefined) parts.push({ tag: 'pre', text: match[1] });
    else if (match[2] !== undefined) parts.push({ tag: 'code', text: match[2] });
    else if (match[3] !== undefined) parts.push({ tag: 'strong', text: plain(match[3]) });
    else parts.push({ tag: 'a', text: plain(match[4] ?? ''), href: match[5] ?? '' });
  }
  if (from < source.length) parts.push({ text: plain(source.slice(from)) });
  return parts;
}

const drawDiscordText = (source: string): Child[] =>
  discordParts(source).map(({ tag, text: said, href }) =>
    tag === undefined ? said : tag === 'a' ? link(href ?? '', said) : h(tag, {}, said),
  );

export function drawDiscord(body: unknown): HTMLElement {
  const [embed = {}] = bags(bag(body)['embeds']);
  const colour = typeof embed['color'] === 'number' ? `#${embed['color'].toString(16).padStart(6, '0')}` : '#8888';
  return h(
    'div',
    { class: 'slack-attachment discord', style: { '--bar': colour } },
    h('strong', {}, ...drawDiscordText(text(embed['title']) || text(bag(body)['content']))),
    h('div', { class: 'telegram-text' }, ...drawDiscordText(text(embed['description']))),
    ...bags(embed['fields']).map(field => h('div', {}, ...drawDiscordText(text(field['value'])))),
    h('div', { class: 'quiet' }, text(bag(embed['footer'])['text'])),
  );
}

export function drawTeams(body: unknown): HTMLElement {
  const [attachment = {}] = bags(bag(body)['attachments']);
  const card = bag(attachment['content']);
  return h(
    'div',
    { class: 'letter teams' },
    ...bags(card['body']).map(drawCardPart),
    h('div', { class: 'slack-actions' }, ...bags(card['actions']).map(each => linkButton(text(each['url']), text(each['title'])))),
  );
}

function drawCardPart(part: Bag): HTMLElement {
  if (part['type'] === 'Container')
    return h('div', { class: 'card-head', 'data-style': text(part['style']) }, ...bags(part['items']).map(drawCardPart));
  return h(
    'p',
    {},
    ...bags(part['inlines']).map(each => {
      const said = text(each['text']);
      if (each['weight'] === 'Bolder') return h('strong', {}, said);
      if (each['fontType'] === 'Monospace') return h('pre', {}, said);
      return each['isSubtle'] === true ? h('span', { class: 'quiet' }, said) : said;
    }),
  );
}

export function drawAmazonQ(body: unknown): HTMLElement {
  const content = bag(bag(body)['content']);
  const steps = Array.isArray(content['nextSteps']) ? content['nextSteps'].map(text) : [];
  const said = (source: string) => drawMrkdwn(parseMrkdwn(source));
  return h(
    'div',
    { class: 'slack' },
    h(
      'div',
      { class: 'slack-main' },
      h('div', { class: 'slack-who' }, h('strong', {}, 'Amazon Q Developer'), h('span', { class: 'slack-app' }, 'APP')),
      h('div', { class: 'slack-text' }, h('strong', {}, ...said(text(content['title'])))),
      h('div', { class: 'slack-text' }, ...said(text(content['description']))),
      steps.length === 0
        ? null
        : h('div', { class: 'slack-text' }, h('strong', {}, 'Next steps'), ...steps.map(step => h('p', {}, ...said(step)))),
    ),
  );
}

export function drawJson(body: unknown): HTMLElement {
  const rows = Object.entries(bag(body)).map(([name, value]) =>
    h('div', {}, h('dt', {}, name), h('dd', {}, typeof value === 'string' ? value : JSON.stringify(value))),
  );
  return h('div', { class: 'pagerduty' }, h('dl', { class: 'pd-details' }, ...rows));
}

function linkButton(href: string, label: string): HTMLElement {
  const made = link(href, label);
  made.classList.add('slack-button');
  return made;
}
