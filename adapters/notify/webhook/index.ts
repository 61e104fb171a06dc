/**
 * JSON to an address of the user, signed. `x-nightdesk-signature` is `v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>` under the shared
 * secret, `x-nightdesk-timestamp` the seconds of its sending: a receiver compares in constant time and refuses what is older than five
 * minutes. `x-nightdesk-delivery` is the same for the same news, so that repetitions are recognised.
 */
import { createHmac } from 'node:crypto';
import type { ChannelConfig } from '../../../core/config/types.ts';
import { fingerprint } from '../../../core/incidents/key.ts';
import type { Page } from '../../../core/incidents/page.ts';
import { isoFromMs } from '../../../core/time/instant.ts';
import { type ChannelKind, MASK } from '../channel.ts';
import { judgeStatus } from '../judge.ts';

export const webhook: ChannelKind<Extract<ChannelConfig, { readonly kind: 'webhook' }>> = {
  secretsOf: ({ url, signingSecret }) => ({ url, signingSecret }),
  masked: { url: 'https://webhook.example/***' },
  render: ({ page, secrets, nowMs }) => {
    const body = webhookBody(page);
    return {
      url: secrets['url']!,
      headers: {
        'content-type': 'application/json',
        'x-nightdesk-delivery': fingerprint(`${page.key} ${page.duty} ${page.atMs} ${page.news ?? ''}`),
        ...signatureHeaders(JSON.stringify(body), secrets['signingSecret']!, nowMs),
      },
      body,
    };
  },
  judge: answer => judgeStatus(answer),
};

export function signatureHeaders(body: string, secret: string, nowMs: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = secret === MASK ? MASK : createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-nightdesk-timestamp': timestamp, 'x-nightdesk-signature': `v1=${signature}` };
}

function webhookBody(page: Page): Readonly<Record<string, unknown>> {
  const { key, duty, severity, headline, sentence, firstAction, runbook, reason, raw, news, handling, incident, atMs, sinceMs } = page;
  const facts = (list: Page['facts']) => Object.fromEntries(list.map(({ label, value }) => [label, value]));
  return {
    schemaVersion: 1,
    key,
    duty,
    status: duty === 'resolve' ? 'resolved' : duty === 'acknowledge' ? 'acknowledged' : 'open',
    severity,
    headline,
    at: isoFromMs(atMs),
    since: isoFromMs(sinceMs),
    source: page.source,
    class: page.class,
    facts: facts(page.facts),
    moneyAtRisk: facts(page.moneyAtRisk),
    ...(page.measures.length === 0 ? {} : { measures: facts(page.measures) }),
    links: Object.fromEntries([...(runbook === undefined ? [] : [runbook]), ...page.links].map(({ text, url }) => [text, url])),
    ...Object.fromEntries(
      Object.entries({ incident, sentence, firstAction, news, handling, reason, raw }).filter(([, value]) => value !== undefined),
    ),
  };
}
