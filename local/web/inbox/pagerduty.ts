/** A PagerDuty event as the incident card that it becomes. */
import { h, link } from '../dom.ts';

type Bag = Readonly<Record<string, unknown>>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {});
const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);

const words: Readonly<Record<string, string>> = { trigger: 'Triggered', acknowledge: 'Acknowledged', resolve: 'Resolved' };

/** `trigger` is the body that opened the same incident, for events that carry only its key. */
export function drawPagerDuty(body: unknown, trigger?: unknown): HTMLElement {
  const event = bag(body);
  const opened = bag(trigger);
  const action = text(event['event_action']);
  const payload = { ...bag(opened['payload']), ...bag(event['payload']) };
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
