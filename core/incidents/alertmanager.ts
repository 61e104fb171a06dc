/**
 * An `alertmanager.yml` as our routing. What it cannot carry over is named, each with its place: nothing is dropped silently.
 * Source of the format: https://prometheus.io/docs/alerting/latest/configuration/ (2026-08).
 */

import { asArray, asObject, asText, type JsonObject } from '../cloudwatch/loose-json.ts';
import type { RouteInput, RoutingInput, TimeIntervalInput } from '../config/routing-input.ts';
import { parseMatcher, parseMatchers, showMatcher } from './matcher.ts';

/** What a receiver names, in our kinds of channels. The secrets are to be created by the user. */
export type ImportedChannel = Readonly<Record<string, unknown>> & { readonly kind: string };

export interface Imported {
  readonly routing: RoutingInput & { readonly receivers: Readonly<Record<string, readonly string[]>> };
  readonly channels: Readonly<Record<string, ImportedChannel>>;
  /** What was left behind or is to be done, each with its place. */
  readonly notes: readonly { readonly place: string; readonly note: string }[];
}

type Note = (place: string, note: string) => void;

export function importAlertmanager(config: unknown): Imported {
  const notes: { place: string; note: string }[] = [];
  const note: Note = (place, text) => notes.push({ place, note: text });
  const root = asObject(config) ?? {};
  for (const key of Object.keys(root)) if (!known.has(key)) note(key, 'is not known');
  if (root['global'] !== undefined)
    note(
      'global',
      'is left out: addresses and keys of channels are secrets here, resolve_timeout has no counterpart (alarms tell their end)',
    );
  if (root['templates'] !== undefined) note('templates', 'are left out: messages have one form per channel, with the first action in it');
  const channels: Record<string, ImportedChannel> = {};
  const receivers: Record<string, readonly string[]> = {};
  for (const [index, value] of asArray(root['receivers']).entries()) {
    const receiver = asObject(value) ?? {};
    const name = asText(receiver['name']) ?? `receiver-${index}`;
    receivers[name] = channelsOf(receiver, name, `receivers[${index}]`, channels, note);
  }
  const intervals = [...asArray(root['time_intervals']), ...asArray(root['mute_time_intervals'])];
  const route = asObject(root['route']);
  if (route === undefined) note('route', 'is missing');
  const inhibitRules = asArray(root['inhibit_rules']).flatMap((rule, index) =>
    inhibitRule(asObject(rule) ?? {}, `inhibit_rules[${index}]`, note),
  );
  const routing = {
    ...(route === undefined ? {} : { route: { groupBy: [], ...routeOf(route, 'route', note) } }),
    receivers,
    ...(inhibitRules.length === 0 ? {} : { inhibitRules }),
    ...(intervals.length === 0 ? {} : { timeIntervals: intervalsOf(intervals, note) }),
  };
  note(
    'labels',
    'are those of our alerts: alertname is the id of the alarm (docs/metrics.md), severity, and each dimension by its own name (Strategy, Bot, …)',
  );
  return { routing, channels, notes };
}

const known = new Set(['global', 'route', 'receivers', 'inhibit_rules', 'templates', 'time_intervals', 'mute_time_intervals', 'tracing']);

const routeKeys = new Set([
  'receiver',
  'group_by',
  'continue',
  'match',
  'match_re',
  'matchers',
  'group_wait',
  'group_interval',
  'repeat_interval',
  'mute_time_intervals',
  'active_time_intervals',
  'routes',
  'labels',
]);

/** Alertmanager's own defaults are written out, since ours differ for critical alerts. */
function routeOf(node: JsonObject, place: string, note: Note): RouteInput {
  for (const key of Object.keys(node)) if (!routeKeys.has(key)) note(`${place}.${key}`, 'is not known');
  if (node['labels'] !== undefined) note(`${place}.labels`, 'labels of routes are left out');
  const isRoot = place === 'route';
  const text = (key: string) => asText(node[key]);
  const matchers = isRoot ? [] : matchersOf(node, place, note);
  const groupBy = node['group_by'] === undefined ? undefined : textsOf(node['group_by']);
  const routes = asArray(node['routes']).map((child, index) => routeOf(asObject(child) ?? {}, `${place}.routes[${index}]`, note));
  return present({
    receiver: text('receiver'),
    matchers: matchers.length === 0 ? undefined : matchers,
    groupBy,
    groupWait: text('group_wait') ?? (isRoot ? '30s' : undefined),
    groupInterval: text('group_interval'),
    repeatInterval: text('repeat_interval'),
    continue: node['continue'] === true ? true : undefined,
    muteTimeIntervals: isRoot ? undefined : listOf(node['mute_time_intervals']),
    activeTimeIntervals: isRoot ? undefined : listOf(node['active_time_intervals']),
    routes: routes.length === 0 ? undefined : routes,
  }) as RouteInput;
}

/** New matchers as text or list, and the two old forms. */
function matchersOf(
  node: JsonObject,
  place: string,
  note: Note,
  keys = { all: 'matchers', equal: 'match', pattern: 'match_re' },
): readonly string[] {
  const written = textsOf(node[keys.all]).flatMap((text, index) => {
    const read = parseMatchers(text);
    if (read.ok) return read.value.map(showMatcher);
    note(`${place}.${keys.all}[${index}]`, `${text}: ${read.error}`);
    return [];
  });
  const pairs = (key: string, operator: '=' | '=~') =>
    Object.entries(asObject(node[key]) ?? {}).flatMap(([label, value]) => {
      const matcher = showMatcher({ label, operator, value: scalar(value) });
      const read = parseMatcher(matcher);
      if (!read.ok) note(`${place}.${key}.${label}`, `${matcher}: ${read.error}`);
      return read.ok ? [matcher] : [];
    });
  return [...written, ...pairs(keys.equal, '='), ...pairs(keys.pattern, '=~')];
}

const scalar = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

function inhibitRule(rule: JsonObject, place: string, note: Note) {
  const sourceMatchers = matchersOf(rule, place, note, { all: 'source_matchers', equal: 'source_match', pattern: 'source_match_re' });
  const targetMatchers = matchersOf(rule, place, note, { all: 'target_matchers', equal: 'target_match', pattern: 'target_match_re' });
  if (sourceMatchers.length === 0 || targetMatchers.length === 0) {
    note(place, 'is left out: it has no matchers for its source or its target');
    return [];
  }
  const equal = textsOf(rule['equal']);
  return [{ sourceMatchers, targetMatchers, ...(equal.length === 0 ? {} : { equal }) }];
}

function intervalsOf(entries: readonly unknown[], note: Note): Readonly<Record<string, readonly TimeIntervalInput[]>> {
  return Object.fromEntries(
    entries.map((value, index) => {
      const entry = asObject(value) ?? {};
      const name = asText(entry['name']) ?? `interval-${index}`;
      return [name, asArray(entry['time_intervals']).map((interval, at) => intervalOf(asObject(interval) ?? {}, `${name}[${at}]`, note))];
    }),
  );
}

const intervalKeys = new Set(['times', 'weekdays', 'days_of_month', 'months', 'years', 'location']);

function intervalOf(interval: JsonObject, place: string, note: Note): TimeIntervalInput {
  for (const key of Object.keys(interval)) if (!intervalKeys.has(key)) note(`time_intervals.${place}.${key}`, 'is not known');
  const times = asArray(interval['times']).map(value => {
    const time = asObject(value) ?? {};
    return { start: asText(time['start_time']) ?? '', end: asText(time['end_time']) ?? '' };
  });
  const location = asText(interval['location']);
  if (location === 'Local') note(`time_intervals.${place}.location`, 'Local is left out: functions run in UTC; name a zone');
  return present({
    times: times.length === 0 ? undefined : times,
    weekdays: listOf(interval['weekdays']),
    daysOfMonth: listOf(interval['days_of_month']),
    months: listOf(interval['months']),
    years: listOf(interval['years']),
    location: location === 'Local' ? undefined : location,
  }) as TimeIntervalInput;
}

/** Receivers of kinds that we have. Everything secret becomes a reference to a secret that is yet to be made. */
function channelsOf(
  receiver: JsonObject,
  name: string,
  place: string,
  channels: Record<string, ImportedChannel>,
  note: Note,
): readonly string[] {
  const ids: string[] = [];
  for (const [key, value] of Object.entries(receiver)) {
    if (key === 'name') continue;
    for (const [index, each] of asArray(value).entries()) {
      const id = unused(slug(`${name}-${key.replace(/_configs?$/, '')}`), channels);
      const made = channelOf(key, asObject(each) ?? {}, id);
      if (made === undefined) {
        note(`${place}.${key}[${index}]`, `${name}: there is no such kind of channel here; use a signed webhook`);
        continue;
      }
      channels[id] = made;
      ids.push(id);
      const secrets = Object.values(made).flatMap(part => asText(asObject(part)?.['secretName']) ?? []);
      const toDo = secrets.length === 0 ? '' : `put its key or address into the secret ${secrets.join(', ')}; `;
      const dropped = Object.keys(asObject(each) ?? {}).filter(option => !carried.has(option));
      note(`${place}.${key}[${index}]`, `is the channel ${id}: ${toDo}left out: ${dropped.length === 0 ? 'nothing' : dropped.join(', ')}`);
    }
  }
  return ids;
}

const carried = new Set([
  'api_url',
  'api_url_file',
  'channel',
  'routing_key',
  'routing_key_file',
  'service_key',
  'service_key_file',
  'bot_token',
  'bot_token_file',
  'chat_id',
  'to',
  'webhook_url',
  'webhook_url_file',
  'url',
  'url_file',
  'send_resolved',
  'topic_arn',
]);

function channelOf(kind: string, options: JsonObject, id: string): ImportedChannel | undefined {
  const secret = (suffix = '') => ({ secretName: `nightdesk/${id}${suffix}` });
  switch (kind) {
    case 'slack_configs':
      return { kind: 'slack', webhook: secret() };
    case 'pagerduty_configs':
      return { kind: 'pagerduty', routingKey: secret() };
    case 'telegram_configs':
      return { kind: 'telegram', botToken: secret(), chatId: scalar(options['chat_id']) || '0' };
    case 'email_configs':
      return {
        kind: 'email',
        addresses: (asText(options['to']) ?? '')
          .split(',')
          .map(to => to.trim())
          .filter(to => to !== ''),
      };
    case 'discord_configs':
      return { kind: 'discord', webhook: secret() };
    case 'msteams_configs':
    case 'msteamsv2_configs':
      return { kind: 'teams', webhook: secret() };
    case 'webhook_configs':
      return { kind: 'webhook', url: secret('-url'), signingSecret: secret('-signing') };
    case 'sns_configs':
      return asText(options['topic_arn']) === undefined ? undefined : { kind: 'email', topicArn: asText(options['topic_arn']) };
    default:
      return undefined;
  }
}

const slug = (text: string) => text.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);

function unused(id: string, channels: Readonly<Record<string, unknown>>): string {
  let free = id;
  for (let n = 2; Object.hasOwn(channels, free); n++) free = `${id}-${n}`;
  return free;
}

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(scalar).filter(text => text !== '');

const listOf = (value: unknown): readonly string[] | undefined => (value === undefined || value === null ? undefined : textsOf(value));

const present = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
