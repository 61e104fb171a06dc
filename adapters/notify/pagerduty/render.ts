/**
 * A page as an event of PagerDuty's Events API v2. The incident key is the `dedup_key`, so that a trigger that comes twice is one
 * alert and a resolve finds it. Limits kept (https://developer.pagerduty.com/docs/events-api-v2-overview): summary 1,024 characters,
 * dedup_key 255, body 512 KB.
 */
import type { Severity } from '../../../core/config/types.ts';
import type { Fact, Page } from '../../../core/incidents/page.ts';
import { isoFromMs } from '../../../core/time/instant.ts';

/** PagerDuty knows critical, error, warning and info. */
const severities: Readonly<Record<Severity, string>> = { critical: 'critical', warning: 'warning', info: 'info' };

export function pagerDutyBody(page: Page, routingKey: string): Readonly<Record<string, unknown>> {
  const event = { routing_key: routingKey, dedup_key: page.key };
  if (page.duty === 'resolve' || page.duty === 'acknowledge') return { ...event, event_action: page.duty };
  return {
    ...event,
    event_action: 'trigger',
    payload: {
      summary: page.headline,
      source: page.source,
      severity: severities[page.severity],
      timestamp: isoFromMs(page.atMs),
      class: page.class,
      ...(page.component === undefined ? {} : { component: page.component }),
      ...(page.group === undefined ? {} : { group: page.group }),
      custom_details: {
        ...(page.firstAction === undefined ? {} : { 'First action': page.firstAction }),
        ...(page.runbook === undefined ? {} : { Runbook: page.runbook.url }),
        ...(page.moneyAtRisk.length === 0 ? {} : { 'Money at risk': details(page.moneyAtRisk) }),
        ...(page.sentence === undefined ? {} : { Meaning: page.sentence }),
        ...details(page.facts),
        ...(page.reason === undefined ? {} : { Reason: page.reason }),
        ...(page.raw === undefined ? {} : { 'Message as received': page.raw }),
      },
    },
    client: 'Nightdesk',
    ...(page.links[0] === undefined ? {} : { client_url: page.links[0].url }),
    links: [...(page.runbook === undefined ? [] : [page.runbook]), ...page.links].map(({ text, url }) => ({ href: url, text })),
  };
}

const details = (facts: readonly Fact[]): Readonly<Record<string, string>> =>
  Object.fromEntries(facts.map(({ label, value }) => [label, value]));
