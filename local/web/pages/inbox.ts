/** The local inbox: what was sent to each channel, drawn as its readers would see it. */
import type { InboxItem } from '../api.ts';
import { h, keyed, replace } from '../dom.ts';
import { formatMoment } from '../format.ts';
import { drawPagerDuty } from '../inbox/pagerduty.ts';
import { drawSlack } from '../inbox/slack.ts';
import { inbox, refreshInbox, tick } from '../live.ts';
import { jsonNodes } from '../log-line.ts';
import { alarmHref, amend, incidentHref, route } from '../router.ts';
import { signal } from '../signal.ts';
import { zone } from '../theme.ts';
import type { PageContext } from './page.ts';

const seen = new Set<string>();

/** How many messages came since the inbox was last looked at. */
export const unread = signal<number>(0);

export function countUnread(): void {
  if (route.get().page === 'inbox') for (const item of inbox.get()) seen.add(item.id);
  const count = inbox.get().filter(item => !seen.has(item.id)).length;
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
  const draw = () => {
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
    const shown = items.filter(item => chosen === 'all' || item.channel === chosen).slice(0, 300);
    keyed(list, shown, {
      key: item => item.id,
      version: item => `${item.ok}${item.state}${zone.get()}`,
      draw: item => drawItem(item, items),
    });
    none.hidden = shown.length > 0;
    countUnread();
  };
  for (const source of [inbox, zone, route] as const) scope.add(source.onChange(draw));
  scope.add(tick.onChange(refreshInbox));
  draw();
  return h('div', { class: 'inbox' }, list, none);
}

export const channelName = (channel: string): string => ({ slack: 'Slack', pagerduty: 'PagerDuty', all: 'All' })[channel] ?? channel;

/** Drawn by the address it went to, so that a channel of any name looks right. */
export function kindOf(item: InboxItem): 'slack' | 'pagerduty' | 'other' {
  const body = typeof item.request.body === 'object' && item.request.body !== null ? item.request.body : {};
  if ('event_action' in body || 'routing_key' in body) return 'pagerduty';
  if ('blocks' in body || 'attachments' in body || 'text' in body) return 'slack';
  return 'other';
}

function triggerOf(item: InboxItem, all: readonly InboxItem[]): unknown {
  const key = dedupKey(item);
  const at = Date.parse(item.at);
  return all.find(each => dedupKey(each) === key && Date.parse(each.at) <= at && actionOf(each) === 'trigger')?.request.body;
}

const field = (item: InboxItem, name: string): unknown =>
  typeof item.request.body === 'object' && item.request.body !== null ? Reflect.get(item.request.body, name) : undefined;
const dedupKey = (item: InboxItem) => field(item, 'dedup_key');
const actionOf = (item: InboxItem) => field(item, 'event_action');

function drawItem(item: InboxItem, all: readonly InboxItem[]): HTMLElement {
  const kind = kindOf(item);
  const raw = h('pre', { class: 'json raw', hidden: true, tabindex: '0' });
  const toggle = h('button', { type: 'button', class: 'quiet-button', 'aria-expanded': 'false' }, 'Raw JSON');
  toggle.addEventListener('click', () => {
    if (raw.childNodes.length === 0) raw.append(...jsonNodes(JSON.stringify(item.request, null, 2)));
    raw.hidden = !raw.hidden;
    toggle.setAttribute('aria-expanded', String(!raw.hidden));
  });
  const message =
    kind === 'slack' ? drawSlack(item.request.body) : kind === 'pagerduty' ? drawPagerDuty(item.request.body, triggerOf(item, all)) : null;
  if (message === null) {
    raw.hidden = false;
    raw.append(...jsonNodes(JSON.stringify(item.request, null, 2)));
  }
  const age =
    item.ageSeconds === undefined
      ? ''
      : ` · sent ${item.ageSeconds < 10 ? item.ageSeconds.toFixed(1) : Math.round(item.ageSeconds)} s after the fact`;
  return h(
    'article',
    {
      class: 'message',
      'data-testid': 'inbox-item',
      'data-channel': item.channel,
      'data-state': item.state,
      'data-alarm': item.alarm ?? '',
      'data-ok': String(item.ok),
      'aria-label': `${channelName(item.channel)} message, ${item.state}`,
    },
    h(
      'header',
      {},
      h('strong', {}, channelName(item.channel)),
      h('time', { datetime: item.at }, formatMoment(Date.parse(item.at), zone.get())),
      h('span', { class: 'quiet' }, `${item.ok ? 'delivered' : 'not delivered, will be tried again'}${age}`),
      h(
        'span',
        { class: 'message-links' },
        item.alarm === undefined ? null : h('a', { href: alarmHref(item.alarm) }, 'alarm'),
        item.incident === undefined ? null : h('a', { href: incidentHref(item.incident) }, 'incident'),
        toggle,
      ),
    ),
    message,
    raw,
  );
}
