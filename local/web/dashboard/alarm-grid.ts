/** Alarms as a grid of lights: colour, shape and word say the same. */
import type { AlarmView } from '../api.ts';
import { h, keyed } from '../dom.ts';
import { ago } from '../format.ts';
import { nowMs, status } from '../live.ts';
import { alarmHref } from '../router.ts';
import { shortName, stateWord } from '../state.ts';
import type { AlarmSpec } from './model.ts';

const order = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];

export function sortAlarms(list: readonly AlarmView[], sortBy: string): AlarmView[] {
  const rank = (alarm: AlarmView) => order.indexOf(alarm.state);
  if (sortBy === 'stateUpdatedTimestamp' || sortBy === 'timestamp')
    return [...list].sort((a, b) => Date.parse(b.since) - Date.parse(a.since));
  return [...list].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

export function drawAlarmGrid(host: HTMLElement, list: readonly AlarmView[], missing: readonly string[], spec: AlarmSpec): void {
  const shown = sortAlarms(
    list.filter(each => spec.states.length === 0 || spec.states.includes(each.state)),
    spec.sortBy,
  );
  keyed(host, [...shown.map(alarm => ({ alarm, name: alarm.name })), ...missing.map(name => ({ alarm: undefined, name }))], {
    key: each => each.name,
    version: each => `${each.alarm?.state}${each.alarm?.since}`,
    draw: ({ alarm, name }) =>
      h(
        'a',
        {
          class: 'light',
          href: alarmHref(name),
          'data-state': alarm?.state ?? 'MISSING',
          title: alarm?.sentence ?? `${name} is not defined in this stack`,
        },
        h('span', { class: 'dot', 'aria-hidden': 'true' }),
        h('span', { class: 'light-name' }, shortName(name, status.get()?.stage)),
        h(
          'span',
          { class: 'light-state' },
          alarm === undefined ? 'not defined' : `${stateWord(alarm.state)} · ${ago(Date.parse(alarm.since), nowMs())}`,
        ),
      ),
  });
}
