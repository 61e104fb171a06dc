/** The column beside every page: what is wrong now, what is about to fire, and what happened last. */
import type { AlarmView, InboxItem } from './api.ts';
import { type Child, h, keyed, replace } from './dom.ts';
import { formatClock, formatDuration } from './format.ts';
import { decodeEscapes } from './inbox/mrkdwn.ts';
import { alarms, inbox, nowMs, status, type Transition, transitions } from './live.ts';
import { channelName, kindOf } from './pages/inbox.ts';
import { alarmHref } from './router.ts';
import { shortName, stateWord } from './state.ts';
import { zone } from './theme.ts';

const short = (name: string) => shortName(name, status.get()?.stage);

interface Entry {
  readonly key: string;
  readonly atMs: number;
  readonly draw: () => HTMLElement;
}

/** Two parts: what is wrong now, and what happened last. */
export function latestColumn(): { readonly now: HTMLElement; readonly feed: HTMLElement } {
  const now = h('div', { class: 'now', 'data-testid': 'now' });
  const feed = h('div', { class: 'feed', 'data-testid': 'latest' });
  const draw = () => {
    drawNow(now, alarms.get());
    const entries = [...transitions.get().slice(0, 40).map(transitionEntry), ...inbox.get().slice(0, 40).map(messageEntry)];
    const newest = entries.sort((a, b) => b.atMs - a.atMs).slice(0, 30);
    if (newest.length === 0)
      return replace(feed, h('p', { class: 'quiet' }, 'Nothing yet. Changes of alarms and messages will stand here.'));
    keyed(feed, newest, { key: each => each.key, version: () => zone.get(), draw: each => each.draw() });
  };
  for (const source of [alarms, inbox, transitions, zone] as const) source.onChange(draw);
  draw();
  return { now: h('section', {}, h('h2', {}, 'Now'), now), feed: h('section', {}, h('h2', {}, 'Latest'), feed) };
}

function drawNow(host: HTMLElement, all: readonly AlarmView[]): void {
  const firing = all.filter(each => each.state === 'ALARM');
  const pending = all.filter(each => each.state !== 'ALARM' && each.expected !== undefined);
  if (firing.length + pending.length === 0) {
    const ok = all.filter(each => each.state === 'OK').length;
    const unknown = all.length - ok;
    const words = all.length === 0 ? 'No alarms yet' : `Calm: ${ok} OK${unknown === 0 ? '' : `, ${unknown} not enough data`}`;
    replace(host, h('p', { class: 'calm' }, h('span', { class: 'dot', 'aria-hidden': 'true' }), words));
    return;
  }
  replace(
    host,
    ...[...firing, ...pending]
      .slice(0, 8)
      .map(each =>
        h(
          'a',
          { class: 'now-row', href: alarmHref(each.name), 'data-state': each.state === 'ALARM' ? 'ALARM' : 'PENDING' },
          h('span', { class: 'dot', 'aria-hidden': 'true' }),
          h(
            'span',
            {},
            h('strong', {}, short(each.name)),
            h(
              'span',
              { class: 'quiet' },
              each.state === 'ALARM' ? `in alarm for ${formatDuration(nowMs() - Date.parse(each.since))}` : each.expected,
            ),
          ),
        ),
      ),
    firing.length + pending.length > 8 ? h('a', { href: '#/alarms' }, `and ${firing.length + pending.length - 8} more`) : null,
  );
}

function entry(at: number, kind: string, href: string, state: string, ...children: readonly Child[]): HTMLElement {
  return h(
    'a',
    { class: 'feed-row', href, 'data-state': state },
    h('time', {}, formatClock(at, zone.get())),
    h('span', { class: 'feed-kind' }, kind),
    h('span', { class: 'feed-text' }, ...children),
  );
}

const transitionEntry = (each: Transition): Entry => ({
  key: `t${each.alarm}${each.atMs}`,
  atMs: each.atMs,
  draw: () =>
    entry(
      each.atMs,
      'Alarm',
      alarmHref(each.alarm),
      each.to,
      h('span', { class: 'state', 'data-state': each.to }, h('span', { class: 'dot', 'aria-hidden': 'true' }), stateWord(each.to)),
      ' ',
      short(each.alarm),
    ),
});

const messageEntry = (item: InboxItem): Entry => ({
  key: `m${item.id}`,
  atMs: Date.parse(item.at),
  draw: () => entry(Date.parse(item.at), channelName(item.channel), '#/inbox', item.state, headline(item)),
});

/** The first line of a message, as a phone would show it. */
export function headline(item: InboxItem): string {
  const body = item.request.body as Record<string, unknown>;
  if (kindOf(item) === 'pagerduty') {
    const payload = body['payload'] as Record<string, unknown> | undefined;
    const summary = payload?.['summary'];
    return typeof summary === 'string' ? summary : `${String(body['event_action'])}: ${item.alarm ?? String(body['dedup_key'] ?? '')}`;
  }
  const text = typeof body['text'] === 'string' ? body['text'] : (item.alarm ?? 'message');
  return decodeEscapes(text.replace(/<([^|>]+)\|([^>]+)>/g, '$2').replace(/[*`]/g, '')).split('\n')[0] ?? '';
}
