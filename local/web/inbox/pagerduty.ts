/** The events of one PagerDuty incident as the card that they become. */
import type { InboxItem } from '../api.ts';
import { h, link } from '../dom.ts';
import { formatMoment } from '../format.ts';
import { zone } from '../theme.ts';
import { pressButton } from './press.ts';

type Bag = Readonly<Record<string, unknown>>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {});
const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);

const words: Readonly<Record<string, string>> = { trigger: 'Triggered', acknowledge: 'Acknowledged', resolve: 'Resolved' };

/** `versions` are its events, oldest first. */
export function drawPagerDuty(versions: readonly InboxItem[]): HTMLElement {
  const events = versions.map(({ request }) => bag(request.body));
  const opened = events.findLast(each => each['event_action'] === 'trigger') ?? {};
  const last = events.at(-1) ?? {};
  const event: Bag = { ...opened, dedup_key: last['dedup_key'] };
  // A later trigger adds to what is acknowledged, and pages nobody again.
  const action = stateOf(events);
  const payload = bag(opened['payload']);
  const details = Object.entries(bag(payload['custom_details']));
  const links = Array.isArray(event['links']) ? event['links'].map(bag) : [];
  const severity = text(payload['severity']);
  const places: readonly (readonly [string, string])[] = [
    ['Source', text(payload['source'])],
    ['Component', text(payload['component'])],
    ['Group', text(payload['group'])],
    ['Class', text(payload['class'])],
    ['Key', text(event['dedup_key'])],
  ];
  return h(
    'div',
    { class: 'pagerduty', 'data-action': action },
    h(
      'div',
      { class: 'pd-head' },
      h('span', { class: 'pd-status' }, words[action] ?? action),
      severity === '' ? null : h('span', { class: 'pd-severity', 'data-severity': severity }, severity),
      h('span', { class: 'quiet' }, text(event['client']) || 'PagerDuty'),
    ),
    h('div', { class: 'pd-summary' }, text(payload['summary']) || 'An incident without a summary'),
    action === 'resolve'
      ? null
      : h(
          'dl',
          { class: 'pd-details' },
          ...details.map(([name, value]) => h('div', {}, h('dt', {}, name.replace(/_/g, ' ')), h('dd', {}, ...detailOf(value)))),
        ),
    h(
      'dl',
      { class: 'pd-places' },
      ...places.flatMap(([name, value]) => (value === '' ? [] : [h('div', {}, h('dt', {}, name), h('dd', {}, value))])),
    ),
    ownButtons(action, text(event['dedup_key']), versions),
    versions.length < 2
      ? null
      : h(
          'ol',
          { class: 'pd-log' },
          ...versions.map((version, index) => {
            const { event_action: did, by } = events[index] ?? {};
            const who = text(by) === '' ? '' : ` by ${text(by)}`;
            return h('li', {}, `${formatMoment(Date.parse(version.at), zone.get())}: ${words[text(did)] ?? text(did)}${who}`);
          }),
        ),
    links.length === 0 && text(event['client_url']) === ''
      ? null
      : h(
          'div',
          { class: 'slack-actions' },
          ...links.map(each => button(text(each['href']), text(each['text']) || 'Link')),
          text(event['client_url']) === '' ? null : button(text(event['client_url']), 'Open in Nightdesk'),
        ),
  );
}

/** A change event: shown beside incidents, and nobody is notified. */
export function drawChange(body: unknown): HTMLElement {
  const payload = bag(bag(body)['payload']);
  return h(
    'div',
    { class: 'pagerduty', 'data-action': 'change' },
    h('div', { class: 'pd-head' }, h('span', { class: 'pd-status' }, 'Change'), h('span', { class: 'quiet' }, 'notifies nobody')),
    h('div', {}, text(payload['summary'])),
  );
}

function stateOf(events: readonly Bag[]): string {
  const actions = events.map(each => text(each['event_action']));
  if (actions.at(-1) === 'resolve') return 'resolve';
  return actions.includes('acknowledge') ? 'acknowledge' : 'trigger';
}

/** What a responder can do inside PagerDuty, which comes back by its webhook. */
function ownButtons(state: string, key: string, versions: readonly InboxItem[]): HTMLElement | null {
  const channel = versions[0]?.channelId;
  if (channel === undefined || state === 'resolve') return null;
  const press = (action: string) => ({ channel, action, value: key });
  return h(
    'div',
    { class: 'slack-actions', 'aria-label': 'Inside PagerDuty' },
    state === 'acknowledge' ? null : pressButton('Acknowledge in PagerDuty', press('acknowledge')),
    pressButton('Resolve in PagerDuty', press('resolve')),
  );
}

function button(href: string, label: string): HTMLElement {
  const made = link(href, label);
  made.classList.add('slack-button');
  return made;
}

function detailOf(value: unknown): (string | HTMLElement)[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return [
      h(
        'dl',
        { class: 'pd-nested' },
        ...Object.entries(value).map(([name, inner]) => h('div', {}, h('dt', {}, name), h('dd', {}, text(inner)))),
      ),
    ];
  }
  const said = Array.isArray(value) ? value.map(text).join(', ') : text(value);
  return /^https?:\/\/\S+$/.test(said) ? [link(said, said)] : [said];
}
