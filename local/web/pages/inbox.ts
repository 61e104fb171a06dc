/** The local inbox: what was sent to each channel, drawn as its readers would see it. */
import type { InboxItem } from '../api.ts';
import { h, keyed, replace } from '../dom.ts';
import { formatMoment } from '../format.ts';
import { foldInbox, type InboxMessage, latestOf } from '../inbox/fold.ts';
import { drawChange, drawPagerDuty } from '../inbox/pagerduty.ts';
import { drawAmazonQ, drawDiscord, drawEmail, drawJson, drawTeams } from '../inbox/plain.ts';
import { drawSlack } from '../inbox/slack.ts';
import { drawTelegram } from '../inbox/telegram.ts';
import { inbox, refreshInbox, tick } from '../live.ts';
import { jsonNodes } from '../log-line.ts';
import { unpressed } from '../presses.ts';
import { alarmHref, amend, incidentHref, route } from '../router.ts';
import { signal } from '../signal.ts';
import { zone } from '../theme.ts';
import type { PageContext } from './page.ts';

const seen = new Set<string>();

/** How many messages came since the inbox was last looked at. */
export const unread = signal<number>(0);

export function countUnread(): void {
  if (route.get().page === 'inbox') for (const item of inbox.get()) seen.add(item.id);
  // A change event notifies nobody.
  const count = inbox.get().filter(item => !seen.has(item.id) && item.message?.isChange !== true).length;
  if (count !== unread.get()) unread.set(count);
}

export function inboxPage({ scope, toolbar }: PageContext): HTMLElement {
  const tools = h('div', { class: 'filters', role: 'group', 'aria-label': 'Channel' });
  const list = h('div', { class: 'messages', 'aria-live': 'polite' });
  const none = h(
    'div',
    { class: 'page-said' },
    h('p', {}, 'Nobody was paged yet. Messages to Slack and PagerDuty arrive here instead of leaving this machine.'),
    h('p', {}, 'Press "Bot dies" to see one.'),
  );
  toolbar.append(tools);
  const draw = unpressed(() => {
    const items = inbox.get();
    const channels = ['all', ...new Set(items.map(item => item.channel))];
    const chosen = route.get().search['channel'] ?? 'all';
    replace(
      tools,
      ...(channels.length < 3
        ? []
        : channels.map(channel =>
            h(
              'button',
              { type: 'button', 'aria-pressed': String(channel === chosen), on: { click: () => amend({ channel }) } },
              channelName(channel),
            ),
          )),
    );
    const shown = foldInbox(items.filter(item => chosen === 'all' || item.channel === chosen)).slice(0, 300);
    keyed(list, shown, {
      key: message => message.id,
      version: ({ versions, replies }) =>
        `${versions.length} ${replies.length} ${versions.at(-1)?.ok}${versions.at(-1)?.state}${zone.get()}`,
      draw: drawMessage,
    });
    none.hidden = shown.length > 0;
    countUnread();
  });
  for (const source of [inbox, zone, route] as const) scope.add(source.onChange(draw));
  scope.add(tick.onChange(refreshInbox));
  draw();
  return h('div', { class: 'inbox' }, list, none);
}

const names: Readonly<Record<string, string>> = {
  slack: 'Slack',
  slackApp: 'Slack',
  pagerduty: 'PagerDuty',
  telegram: 'Telegram',
  email: 'E-mail',
  discord: 'Discord',
  teams: 'Teams',
  webhook: 'Webhook',
  amazonQ: 'Amazon Q',
  bot: 'Signal to the bot',
  all: 'All',
};
export const channelName = (channel: string): string => names[channel] ?? channel;

/** How each kind of channel draws a message; another kind is shown as its fields. */
function drawBody(message: InboxMessage): HTMLElement {
  const item = latestOf(message);
  const { body } = item.request;
  switch (item.channel) {
    case 'slack':
    case 'slackApp':
      return drawSlack(body, item);
    case 'pagerduty':
      return item.message?.isChange === true ? drawChange(body) : drawPagerDuty(message.versions);
    case 'telegram':
      return drawTelegram(item);
    case 'email':
      return drawEmail(body);
    case 'discord':
      return drawDiscord(body);
    case 'teams':
      return drawTeams(body);
    case 'amazonQ':
      return drawAmazonQ(body);
    default:
      return drawJson(body);
  }
}

function drawReply(reply: InboxItem): HTMLElement {
  const only = reply.message?.isPrivate === true ? h('p', { class: 'quiet' }, 'Only visible to you') : null;
  const draw = reply.channel === 'telegram' ? drawTelegram(reply) : drawSlack(reply.request.body, reply);
  return h('div', { class: 'reply', 'data-testid': 'inbox-reply' }, only, draw);
}

function drawMessage(message: InboxMessage): HTMLElement {
  const item = latestOf(message);
  const first = message.versions[0]!;
  const raw = h('pre', { class: 'json raw', hidden: true, tabindex: '0' });
  const toggle = h('button', { type: 'button', class: 'quiet-button', 'aria-expanded': 'false' }, 'Raw JSON');
  toggle.addEventListener('click', () => {
    if (raw.childNodes.length === 0) raw.append(...jsonNodes(JSON.stringify(item.request, null, 2)));
    raw.hidden = !raw.hidden;
    toggle.setAttribute('aria-expanded', String(!raw.hidden));
  });
  const age =
    first.ageSeconds === undefined
      ? ''
      : ` · sent ${first.ageSeconds < 10 ? first.ageSeconds.toFixed(1) : Math.round(first.ageSeconds)} s after the fact`;
  const edits = message.versions.length - 1;
  const edited = edits === 0 || item.channel === 'pagerduty' ? '' : ` · edited ${edits === 1 ? 'once' : `${edits} times`}`;
  return h(
    'article',
    {
      class: 'message',
      'data-testid': 'inbox-item',
      // Both ways to Slack look the same to a reader.
      'data-channel': item.channel === 'slackApp' ? 'slack' : item.channel,
      'data-state': message.versions.findLast(each => each.state !== '')?.state ?? '',
      'data-alarm': first.alarm ?? item.alarm ?? '',
      'data-ok': String(item.ok),
      'aria-label': `${channelName(item.channel)} message, ${item.state}`,
    },
    h(
      'header',
      {},
      h('strong', {}, channelName(item.channel)),
      h('time', { datetime: first.at }, formatMoment(Date.parse(first.at), zone.get())),
      h('span', { class: 'quiet' }, `${item.ok ? 'delivered' : 'not delivered, will be tried again'}${age}${edited}`),
      h(
        'span',
        { class: 'message-links' },
        first.alarm === undefined ? null : h('a', { href: alarmHref(first.alarm) }, 'alarm'),
        item.incident === undefined ? null : h('a', { href: incidentHref(item.incident) }, 'incident'),
        toggle,
      ),
    ),
    drawBody(message),
    message.replies.length === 0 ? null : h('div', { class: 'thread', 'aria-label': 'Thread' }, ...message.replies.map(drawReply)),
    raw,
  );
}
