/**
 * Takes a page to one channel: reads its secrets, renders, sends, and gives back what the channel wants remembered. An edit whose message
 * is gone becomes a new message. Nothing throws, and no secret leaves in the outcome.
 */

import type { ChannelConfig, SecretReference } from '../../core/config/types.ts';
import type { MessageReference } from '../../core/incidents/incident.ts';
import type { Page } from '../../core/incidents/page.ts';
import type { Call, HttpRequest, Message, SecretValues } from './channel.ts';
import { type BoundChannel, bindChannel } from './index.ts';
import { defaultLimits, type Outcome, type SendLimits, type SendTools, send } from './send.ts';
import { within } from './within.ts';

export interface DeliveryTools {
  readonly secrets: { read(name: string): Promise<string>; forget(name: string): void };
  readonly send: SendTools;
  /** Publishes to an SNS topic; channels that need none do without. */
  readonly publish?: (topicArn: string, message: string, subject: string | undefined) => Promise<void>;
  /** ARN of the topic that the stack made for a channel. */
  readonly topicOf?: (channelId: string) => string | undefined;
  /** The chart of a page's series as PNG; undefined when there is no series. */
  readonly chart?: (page: Page) => Promise<Uint8Array | undefined>;
}

export interface Delivery {
  readonly page: Page;
  readonly channelId: string;
  readonly config: ChannelConfig;
  readonly previous?: MessageReference;
  /** Name of the secret that opened the incident there. */
  readonly routedBy?: string;
}

export type Delivered =
  | {
      readonly ok: true;
      readonly tries: number;
      readonly detail: string;
      readonly reference?: MessageReference;
      readonly routedBy?: string;
    }
  | {
      readonly ok: false;
      readonly tries: number;
      /** Whether the same delivery can succeed later. */
      readonly retry: 'later' | 'never';
      /** `secret`, or as the channel judged: `rate`, `server`, `client`, `auth`, `gone`. */
      readonly kind: string;
      readonly detail: string;
      readonly waitMs?: number;
    };

/** All of a delivery, well within the claim on its duty (CLAIM_MS): whoever takes over must not meet one that is still sending. */
export const DELIVERY_MS = 20_000;
/** What is left of it when a chart may still begin. */
const CALM_MS = 8_000;
/** Secrets that take longer count as unreadable. */
const SECRETS_MS = 5_000;
const FOLLOWING_LIMITS: SendLimits = { timeoutMs: 4_000, tries: 2, budgetMs: 6_000 };

export async function deliver(delivery: Delivery, tools: DeliveryTools): Promise<Delivered> {
  const channel = bindChannel(delivery.config, tools.topicOf?.(delivery.channelId));
  const references = boundTo(channel, delivery.routedBy);
  const endMs = tools.send.now() + DELIVERY_MS;
  const read = await readSecrets(references, tools);
  if ('unreadable' in read) return { ok: false, tries: 0, retry: 'later', kind: 'secret', detail: read.unreadable };
  const first = await attempt(channel, delivery, read.values, tools, endMs);
  const { previous: _, ...withoutPrevious } = delivery;
  const outcome =
    !first.ok && first.retry === 'anew' ? await attempt(channel, withoutPrevious, read.values, tools, endMs, delivery.previous) : first;
  if (!outcome.ok && outcome.kind === 'auth') for (const { secretName } of Object.values(references)) tools.secrets.forget(secretName);
  const detail = withoutSecrets(outcome.detail, read.values);
  if (outcome.ok) {
    const reference = outcome.reference ?? delivery.previous;
    const routedBy = channel.routedBy === undefined ? undefined : references[channel.routedBy]?.secretName;
    return {
      ok: true,
      tries: outcome.tries,
      detail,
      ...(reference === undefined ? {} : { reference }),
      ...(routedBy === undefined ? {} : { routedBy }),
    };
  }
  const { tries, kind, retry, waitMs } = outcome;
  return { ok: false, tries, kind, detail, retry: retry === 'later' ? 'later' : 'never', ...(waitMs === undefined ? {} : { waitMs }) };
}

/** The end of an incident goes where its beginning went, whatever the config says by now. */
function boundTo({ secrets, routedBy }: BoundChannel, secretName: string | undefined): Readonly<Record<string, SecretReference>> {
  return routedBy === undefined || secretName === undefined ? secrets : { ...secrets, [routedBy]: { secretName } };
}

async function readSecrets(
  references: Readonly<Record<string, SecretReference>>,
  { secrets }: DeliveryTools,
): Promise<{ readonly values: SecretValues } | { readonly unreadable: string }> {
  const values: Record<string, string> = {};
  const names = Object.entries(references);
  for (const [role, { secretName }] of names) {
    try {
      values[role] = await within(SECRETS_MS / names.length, secrets.read(secretName));
    } catch (error) {
      return { unreadable: `secret ${secretName} unreadable (${error instanceof Error ? error.name : 'error'})` };
    }
  }
  return { values };
}

async function attempt(
  channel: BoundChannel,
  delivery: Delivery,
  secrets: SecretValues,
  tools: DeliveryTools,
  endMs: number,
  kept?: MessageReference,
): Promise<Outcome> {
  const { page, previous } = delivery;
  const nowMs = tools.send.now();
  const message = { page, secrets, nowMs, ...(previous === undefined ? {} : { previous }) };
  let request: HttpRequest | undefined;
  try {
    request = channel.render(message);
  } catch (error) {
    return { ok: false, tries: 0, retry: 'never', kind: 'client', detail: error instanceof Error ? error.message : String(error) };
  }
  if (request === undefined) return { ok: true, tries: 0, detail: 'nothing to send here' };
  if (channel.transport === 'sns') return publishOnce(request, tools);
  const outcome = await send(request, channel.judge, tools.send, {
    ...defaultLimits,
    budgetMs: Math.max(1, Math.min(defaultLimits.budgetMs, endMs - nowMs)),
  });
  return outcome.ok ? following(channel, { message, accepted: outcome, kept, endMs }, tools) : outcome;
}

interface Following {
  readonly message: Omit<Message<never>, 'config'>;
  readonly accepted: Accepted;
  readonly kept: MessageReference | undefined;
  readonly endMs: number;
}

type Accepted = Extract<Outcome, { readonly ok: true }>;
type Refused = Extract<Outcome, { readonly ok: false }>;

/** What comes after an accepted message: news that must ring, then what is best effort. */
async function following(
  channel: BoundChannel,
  { message, accepted, kept, endMs }: Following,
  tools: DeliveryTools,
): Promise<Accepted | Refused> {
  const { page, previous } = message;
  const startMs = tools.send.now();
  const call: Call = async (raw, judge) => {
    const budgetMs = Math.min(FOLLOWING_LIMITS.budgetMs, endMs - tools.send.now());
    if (budgetMs <= 0) return { verdict: { ok: false, retry: 'later', kind: 'server', detail: 'no time is left for it' } };
    const called = await send(raw, judge, tools.send, { ...FOLLOWING_LIMITS, budgetMs });
    return called.ok ? { verdict: { ok: true }, ...(called.answer === undefined ? {} : { answer: called.answer }) } : { verdict: called };
  };
  const reference = { ...kept, ...previous, ...accepted.reference };
  const after = { ...message, reference, call, chart: async () => tools.chart?.(page) };
  if (channel.tellNews !== undefined && page.news !== undefined && previous !== undefined) {
    const verdict = await channel.tellNews(after, page.news);
    // The edit alone wakes nobody.
    if (verdict?.ok === false && page.duty === 'trigger') return { ...verdict, tries: accepted.tries + 1 };
  }
  if (channel.followUp === undefined || startMs > endMs - CALM_MS) return { ...accepted, reference };
  try {
    return { ...accepted, reference: await channel.followUp(after) };
  } catch (error) {
    const detail = `${accepted.detail}; what follows it failed: ${error instanceof Error ? error.message : 'error'}`;
    return { ...accepted, reference, detail };
  }
}

/** SNS retries by itself; its SDK tries three times before it gives up. */
async function publishOnce(request: HttpRequest, { publish }: DeliveryTools): Promise<Outcome> {
  const { TopicArn, Message, Subject } = request.body;
  if (publish === undefined) return { ok: false, tries: 0, retry: 'never', kind: 'client', detail: 'this function may not publish to SNS' };
  try {
    await publish(String(TopicArn), String(Message), Subject === undefined ? undefined : String(Subject));
    return { ok: true, tries: 1, detail: 'published' };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    const isFinal = /Authorization|AccessDenied|InvalidParameter|NotFound/.test(name);
    return { ok: false, tries: 1, retry: isFinal ? 'never' : 'later', kind: isFinal ? 'auth' : 'server', detail: `SNS: ${name}` };
  }
}

function withoutSecrets(detail: string, secrets: SecretValues): string {
  return Object.values(secrets).reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '***')), detail);
}
