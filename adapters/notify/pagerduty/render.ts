/**
 * A page as an event of PagerDuty's Events API v2. The incident key is the `dedup_key`, so that a trigger that comes twice is one
 * alert and a resolve finds it. Limits kept (https://developer.pagerduty.com/docs/events-api-v2-overview): summary 1,024 characters,
 * dedup_key 255, body 512 KB.
 */
import type { Severity } from '../../../core/config/types.ts';
import type { Fact, Page } from '../../../core/incidents/page.ts';
import { clip } from '../../../core/incidents/plain-text.ts';
import { isoFromMs } from '../../../core/time/instant.ts';
import { allLinks } from '../text.ts';

type Json = Readonly<Record<string, unknown>>;

/** PagerDuty knows critical, error, warning and info. */
const severities: Readonly<Record<Severity, string>> = { critical: 'critical', warning: 'warning', info: 'info' };

/** 512 KB with a margin for the reader that counts otherwise. */
export const BODY_LIMIT = 500_000;

export function pagerDutyBody(page: Page, routingKey: string): Json {
  const event = { routing_key: routingKey, dedup_key: page.key };
  if (page.duty === 'resolve') return { ...event, event_action: 'resolve' };
  if (page.duty === 'acknowledge') return { ...event, event_action: 'acknowledge' };
  const whole = (details: Json): Json => ({
    ...event,
    event_action: 'trigger',
    payload: { ...payloadOf(page), custom_details: details },
    client: 'Nightdesk',
    ...(page.links[0] === undefined ? {} : { client_url: page.links[0].url }),
    links: allLinks(page).map(({ text, url }) => ({ href: url, text })),
  });
  const complete = whole(detailsOf(page));
  if (bytesOf(complete) <= BODY_LIMIT) return complete;
  return whole({
    Note: `The details were left out: the event had ${bytesOf(complete)} bytes, and PagerDuty takes 512 KB. They are in Nightdesk under ${page.shownKey}.`,
    ...(page.firstAction === undefined ? {} : { 'First action': page.firstAction }),
  });
}

const bytesOf = (body: Json): number => new TextEncoder().encode(JSON.stringify(body)).length;

function payloadOf(page: Page): Json {
  return {
    summary: clip(page.headline, 1_024),
    source: page.source,
    severity: severities[page.severity],
    timestamp: isoFromMs(page.atMs),
    class: page.class,
    ...(page.component === undefined ? {} : { component: page.component }),
    ...(page.group === undefined ? {} : { group: page.group }),
  };
}

function detailsOf(page: Page): Json {
  return {
    ...(page.news === undefined || page.duty === 'trigger' ? {} : { News: page.news }),
    ...details(page.measures),
    ...(page.firstAction === undefined ? {} : { 'First action': page.firstAction }),
    ...(page.runbook === undefined ? {} : { Runbook: page.runbook.url }),
    ...(page.moneyAtRisk.length === 0 ? {} : { 'Money at risk': details(page.moneyAtRisk) }),
    ...(page.sentence === undefined ? {} : { Meaning: page.sentence }),
    ...(page.handling === undefined ? {} : { Handling: page.handling }),
    ...details(page.facts),
    ...(page.reason === undefined ? {} : { Reason: page.reason }),
    ...(page.raw === undefined ? {} : { 'Message as received': page.raw }),
  };
}

const details = (facts: readonly Fact[]): Readonly<Record<string, string>> =>
  Object.fromEntries(facts.map(({ label, value }) => [label, value]));
