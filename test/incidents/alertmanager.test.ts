import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../core/config/parse.ts';
import { importAlertmanager } from '../../core/incidents/alertmanager.ts';
import { routesFor, routingOf } from '../../core/incidents/routing.ts';

const yaml = `
global: { resolve_timeout: 5m, slack_api_url: 'https://hooks.slack.com/services/x/y/z' }
templates: ['*.tmpl']
route:
  receiver: default
  group_by: [alertname, Strategy]
  group_wait: 10s
  repeat_interval: 3h
  routes:
    - matchers: [severity="critical", 'Strategy=~"btc-.*|eth-.*"']
      receiver: pager
      group_by: ['...']
      continue: true
    - match: { severity: warning }
      match_re: { Strategy: "btc.*" }
      mute_time_intervals: [nights]
      routes:
        - matchers: '{Bot="b1",team!="x"}'
          receiver: webhook
receivers:
  - name: default
    slack_configs: [{ channel: '#ops', send_resolved: true, title: '{{ .Title }}' }]
  - name: pager
    pagerduty_configs: [{ routing_key: secret }]
    opsgenie_configs: [{ api_key: x }]
  - name: webhook
    webhook_configs: [{ url: 'https://x' }]
    email_configs: [{ to: 'a@example.com, b@example.com' }]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_match: { severity: warning }
    equal: [Strategy]
  - target_match: { severity: info }
time_intervals:
  - name: nights
    time_intervals:
      - times: [{ start_time: '00:00', end_time: '06:00' }]
        weekdays: ['monday:friday']
        days_of_month: ['-3:-1']
        location: Europe/Berlin
`;

describe('an alertmanager.yml', () => {
  const { routing, channels, notes } = importAlertmanager(parse(yaml));
  const parsed = parseConfig({ bots: [{ id: 's1' }], channels, ...routing });

  it('becomes a config that is valid', () => {
    expect(parsed.ok ? [] : parsed.error).toEqual([]);
  });

  it('routes as before', () => {
    if (!parsed.ok) throw new Error('invalid');
    const { route, timeIntervals, inhibitRules } = routingOf(parsed.value);
    const to = (labels: Record<string, string>) => routesFor(route, labels).map(({ receiver }) => receiver);
    expect(to({ severity: 'critical', Strategy: 'btc-1' })).toEqual(['pager']);
    expect(to({ severity: 'warning', Strategy: 'btc-1', Bot: 'b1' })).toEqual(['webhook']);
    expect(to({ severity: 'warning', Strategy: 'btc-1', Bot: 'b1', team: 'x' })).toEqual(['default']);
    expect(to({ severity: 'info' })).toEqual(['default']);
    expect(route).toMatchObject({
      groupBy: ['alertname', 'Strategy'],
      groupWaitMs: 10_000,
      groupIntervalMs: 300_000,
      repeatIntervalMs: 10_800_000,
    });
    expect(route.routes[0]).toMatchObject({ groupBy: ['...'], continue: true });
    expect(timeIntervals['nights']?.[0]).toMatchObject({ weekdays: [{ from: 1, to: 5 }], daysOfMonth: [{ from: -3, to: -1 }] });
    expect(inhibitRules.at(-1)).toMatchObject({ equal: ['Strategy'] });
  });

  it('makes channels of receivers, with references in the place of secrets', () => {
    expect(channels).toEqual({
      'default-slack': { kind: 'slack', webhook: { secretName: 'nightdesk/default-slack' } },
      'pager-pagerduty': { kind: 'pagerduty', routingKey: { secretName: 'nightdesk/pager-pagerduty' } },
      'webhook-webhook': {
        kind: 'webhook',
        url: { secretName: 'nightdesk/webhook-webhook-url' },
        signingSecret: { secretName: 'nightdesk/webhook-webhook-signing' },
      },
      'webhook-email': { kind: 'email', addresses: ['a@example.com', 'b@example.com'] },
    });
    expect(JSON.stringify({ channels, routing, notes })).not.toContain('hooks.slack.com');
  });

  it.each([
    ['global', 'left out'],
    ['templates', 'left out'],
    ['receivers[0].slack_configs[0]', 'left out: title'],
    ['receivers[1].opsgenie_configs[0]', 'no such kind'],
    ['inhibit_rules[1]', 'left out'],
  ])('names what it leaves behind at %s', (place, words) => {
    expect(notes.find(note => note.place === place)?.note).toContain(words);
  });

  it.each([
    null,
    5,
    'x',
    [],
    {},
    { route: 7, receivers: [null, { name: 3, slack_configs: [null] }], inhibit_rules: 'x', time_intervals: [[]] },
  ])('does not throw on %j', input => {
    expect(importAlertmanager(input).notes.length).toBeGreaterThan(0);
  });
});
