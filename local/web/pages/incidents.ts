/** What people handled: incidents, open ones first, each with its timeline. */
import { ApiError, api, type IncidentView } from '../api.ts';
import { h, keyed, replace } from '../dom.ts';
import { ago, formatDuration, formatMoment } from '../format.ts';
import { incidents, nowMs, refreshIncidents, tick } from '../live.ts';
import { unpressed } from '../presses.ts';
import { alarmHref, incidentHref, route } from '../router.ts';
import { zone } from '../theme.ts';
import type { PageContext } from './page.ts';

export const isOpen = (incident: IncidentView): boolean => incident.resolvedAt === undefined && incident.status !== 'resolved';

const statusWords: Readonly<Record<string, string>> = { open: 'Open', acknowledged: 'Acknowledged', resolved: 'Resolved' };
const stateOf = (incident: IncidentView) => (isOpen(incident) ? 'ALARM' : 'OK');

export function incidentsPage({ scope }: PageContext): HTMLElement {
  const list = h('div', { class: 'rows' });
  const none = h('p', { class: 'page-said' }, 'No incident so far. Provoke one to see how it is opened, paged and resolved.');
  const detail = h('div', { class: 'detail' });
  const element = h('div', { class: 'split' }, h('div', { class: 'split-list' }, list, none), detail);
  const draw = unpressed(() => {
    const { item } = route.get();
    const sorted = [...incidents.get()].sort(
      (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || Date.parse(b.openedAt) - Date.parse(a.openedAt),
    );
    keyed(list, sorted, {
      key: each => each.id,
      version: each =>
        JSON.stringify([each.status, each.title, each.resolvedAt, each.id === item, Math.floor(nowMs() / 60_000), zone.get()]),
      draw: each => incidentRow(each, each.id === item),
    });
    none.hidden = sorted.length > 0;
    const open = sorted.find(each => each.id === item || each.key === item);
    element.dataset['open'] = String(item !== undefined);
    if (open !== undefined) drawDetail(detail, open);
    else if (item !== undefined) replace(detail, h('p', { class: 'page-said' }, 'This incident is not known to the stack.'));
    else replace(detail, h('p', { class: 'page-said' }, 'Choose an incident to see what happened, minute by minute.'));
  });
  for (const source of [incidents, route, zone] as const) scope.add(source.onChange(draw));
  scope.add(tick.onChange(refreshIncidents));
  draw();
  return element;
}

function incidentRow(incident: IncidentView, selected: boolean): HTMLElement {
  const opened = Date.parse(incident.openedAt);
  const lasted = incident.resolvedAt === undefined ? '' : `, lasted ${formatDuration(Date.parse(incident.resolvedAt) - opened)}`;
  return h(
    'a',
    {
      class: 'row',
      href: incidentHref(incident.id),
      'data-testid': 'incident-row',
      'data-status': incident.status,
      'data-incident': incident.id,
      'aria-current': selected ? 'true' : undefined,
    },
    h(
      'span',
      { class: 'state', 'data-state': stateOf(incident) },
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      statusWords[incident.status] ?? incident.status,
    ),
    h('span', { class: 'row-title' }, incident.title),
    h('span', { class: 'row-side' }, h('span', { class: 'severity', 'data-severity': incident.severity }, incident.severity)),
    h(
      'span',
      { class: 'row-text' },
      `Opened ${ago(opened, nowMs())}${lasted} · ${incident.alarms.length} ${incident.alarms.length === 1 ? 'alarm' : 'alarms'}`,
    ),
  );
}

function drawDetail(host: HTMLElement, incident: IncidentView): void {
  const moments: readonly (readonly [string, string | undefined])[] = [
    ['Opened', incident.openedAt],
    ['Acknowledged', incident.acknowledgedAt],
    ['Resolved', incident.resolvedAt],
  ];
  replace(
    host,
    h('a', { class: 'back', href: '#/incidents' }, '← All incidents'),
    h(
      'div',
      { class: 'detail-title' },
      h('h2', {}, incident.title),
      h(
        'span',
        { class: 'state', 'data-state': stateOf(incident) },
        h('span', { class: 'dot', 'aria-hidden': 'true' }),
        statusWords[incident.status] ?? incident.status,
      ),
      h('span', { class: 'severity', 'data-severity': incident.severity }, incident.severity),
    ),
    h(
      'dl',
      { class: 'facts' },
      ...moments.flatMap(([name, at]) =>
        at === undefined ? [] : [h('div', {}, h('dt', {}, name), h('dd', {}, formatMoment(Date.parse(at), zone.get())))],
      ),
      h('div', {}, h('dt', {}, 'Key'), h('dd', {}, h('code', {}, incident.key))),
      h(
        'div',
        {},
        h('dt', {}, 'Alarms'),
        h('dd', {}, ...incident.alarms.flatMap((name, index) => [index === 0 ? '' : ', ', h('a', { href: alarmHref(name) }, name)])),
      ),
    ),
    postMortemPart(incident.id),
    h('h3', {}, 'Timeline'),
    h(
      'ol',
      { class: 'timeline', 'data-testid': 'timeline' },
      ...[...incident.timeline]
        .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
        .map(each => h('li', {}, h('time', { datetime: each.at }, formatMoment(Date.parse(each.at), zone.get())), h('p', {}, each.text))),
    ),
  );
}

/** Post-mortems that the reader opened; the page is drawn anew whenever an incident changes. */
const opened = new Map<string, string>();

/** The skeleton that `nightdesk incident ID --markdown` writes, to be read here and copied. */
function postMortemPart(id: string): HTMLElement {
  const known = opened.get(id);
  const text = h('pre', { class: 'json', hidden: known === undefined, tabindex: '0', 'data-testid': 'post-mortem-text' }, known ?? '');
  const button = h('button', { type: 'button', 'data-testid': 'post-mortem', 'aria-expanded': String(known !== undefined) }, 'Post-mortem');
  button.addEventListener('click', async () => {
    try {
      opened.set(id, (await api.postMortem(id)).markdown);
    } catch (error) {
      opened.set(id, error instanceof ApiError ? error.message : 'The post-mortem could not be read.');
    }
    text.textContent = opened.get(id) ?? '';
    text.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    refreshIncidents();
  });
  return h('div', {}, button, text);
}
