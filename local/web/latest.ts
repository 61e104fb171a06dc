/** The column beside every page: what is wrong now, what is about to fire, and what happened last. */
import type { AlarmView, InboxItem } from './api.ts';
import { type Child, h, keyed, replace } from './dom.ts';
import { formatClock, formatDuration } from './format.ts';
import { headline } from './inbox/headline.ts';
import { alarms, inbox, nowMs, status, type Transition, transitions } from './live.ts';
import { channelName } from './pages/inbox.ts';
import { unpressed } from './presses.ts';
import { alarmHref } from './router.ts';
import { ownAlarms, shortName, stateWord } from './state.ts';
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
  const draw = unpressed(() => {
    const own = ownAlarms(alarms.get());
    const helpers = new Set(
      alarms
        .get()
        .filter(each => !own.includes(each))
        .map(each => each.name),
    );
    drawNow(now, own);
    const entries = [
      ...transitions
        .get()
        .filter(each => isNews(each) && !helpers.has(each.alarm))
        .slice(0, 40)
        .map(transitionEntry),
      ...inbox.get().slice(0, 40).map(messageEntry),
    ];
    const newest = entries.sort((a, b) => b.atMs - a.atMs).slice(0, 30);
    if (newest.length === 0)
      return replace(feed, h('p', { class: 'quiet' }, 'Nothing yet. Changes of alarms and messages will stand here.'));
    keyed(feed, newest, { key: each => each.key, version: () => zone.get(), draw: each => each.draw() });
  });
  for (const source of [alarms, inbox, transitions, zone] as const) source.onChange(draw);
  draw();
  return { now: h('section', {}, h('h2', {}, 'Now'), now), feed: h('section', {}, h('h2', {}, 'Latest'), feed) };
}

/** That an alarm got its first data is no news. */
const isNews = (each: Transition) => each.from === 'ALARM' || each.to === 'ALARM' || each.from === 'OK';

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
  const rows = [...firing, ...pending];
  const most = rows.length > 6 ? 5 : 6;
  replace(
    host,
    ...rows.slice(0, most).map(nowRow),
    rows.length > most ? h('a', { class: 'now-more', href: '#/alarms' }, `and ${rows.length - most} more`) : null,
  );
}

function nowRow(alarm: AlarmView): HTMLElement {
  const isFiring = alarm.state === 'ALARM';
  const lasted = formatDuration(nowMs() - Date.parse(alarm.since));
  return h(
    'a',
    {
      class: 'now-row',
      href: alarmHref(alarm.name),
      'data-state': isFiring ? 'ALARM' : 'PENDING',
      title: `${alarm.sentence}\n${isFiring ? `In alarm for ${lasted}` : alarm.expected}`,
    },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h('strong', {}, short(alarm.name)),
    h('span', { class: 'now-side' }, isFiring ? lasted : 'pending'),
    isFiring ? null : h('span', { class: 'now-expected' }, alarm.expected),
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
