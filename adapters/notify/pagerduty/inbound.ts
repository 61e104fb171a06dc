/**
 * PagerDuty's v3 webhooks. `x-pagerduty-signature` holds one or more `v1=<hex HMAC-SHA256 of the raw body>`, several while a secret is
 * rotated; one that matches is enough. They carry no timestamp, so a replay is possible and harmless: each only acknowledges or resolves
 * what is open, under an incident's key.
 * Source: https://developer.pagerduty.com/docs/webhooks-overview, /verifying-webhook-signatures (2026-11).
 */
import type { ChannelConfig } from '../../../core/config/types.ts';
import { plainText } from '../../../core/incidents/plain-text.ts';
import { hmacHex, type InboundKind, isSame, type Requested } from '../inbound.ts';
import { bodyOf } from '../judge.ts';

type PagerDutyConfig = Extract<ChannelConfig, { readonly kind: 'pagerduty' }>;

export const pagerDutyInbound: InboundKind<PagerDutyConfig> = {
  secretsOf: ({ webhookSecret }) => (webhookSecret === undefined ? undefined : { webhookSecret }),
  read: ({ headers, body }, _config, secrets) => {
    const secret = secrets['webhookSecret'] ?? '';
    const expected = `v1=${hmacHex(secret, body)}`;
    const given = (headers['x-pagerduty-signature'] ?? '').split(',').map(each => each.trim());
    if (secret === '' || !given.some(each => isSame(each, expected)))
      return { ok: false, status: 401, reason: 'no signature matches the body' };
    const event = object(bodyOf(Buffer.from(body).toString('utf8'))['event']);
    return { ok: true, requests: requestsOf(event) };
  },
};

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function requestsOf(event: Json): readonly Requested[] {
  const wanted = { 'incident.acknowledged': 'acknowledge', 'incident.resolved': 'resolve' } as const;
  const type = text(event['event_type']);
  const data = object(event['data']);
  // Incidents that Events API v2 opened carry its dedup_key as their incident_key.
  const key = text(data['incident_key']);
  if (!Object.hasOwn(wanted, type) || key === '') return [];
  const agent = object(event['agent']);
  // Without an agent it was the service itself, usually our own event coming back.
  const who = text(agent['summary']) || text(agent['id']);
  const doneAtMs = Date.parse(text(event['occurred_at']));
  const action = wanted[type as keyof typeof wanted];
  return [
    {
      command: { do: action, incident: { by: 'key', key } },
      who: `${who === '' ? 'an automation' : plainText(who, 60)} (PagerDuty)`,
      isKnownThere: true,
      ...(Number.isNaN(doneAtMs) ? {} : { doneAtMs }),
      reply: () => undefined,
    },
  ];
}
