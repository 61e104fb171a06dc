/**
 * Where requests to Slack, PagerDuty and other hosts end: in the local inbox. The answers are what those services answer to a
 * request that they accept. With `sends` the request also goes out, and the real answer comes back.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { EpochMs } from '../core/time/instant.ts';
import type { Route } from './endpoint/server.ts';
import { readBody, send } from './endpoint/server.ts';
import type { FunctionDefinition } from './functions/host.ts';
import { subjectOf } from './notification-subject.ts';

export interface InboxEntry {
  readonly id: number;
  /** Channel id of the config, or the host that was called. */
  readonly channel: string;
  /** `slack`, `pagerduty`, …: whose reader to show it as. */
  readonly kind: string;
  readonly atMs: EpochMs;
  readonly alarm?: string;
  readonly incident?: string;
  readonly state?: string;
  readonly request: { readonly url: string; readonly body: unknown };
  readonly ok: boolean;
  /** Seconds between the moment that the message tells of and its sending. */
  readonly ageSeconds?: number;
}

export interface Channel {
  readonly id: string;
  readonly kind: string;
}

export interface OutboundOptions {
  readonly now: () => EpochMs;
  readonly sends: boolean;
  /** What the calling process handles right now. */
  readonly eventOf: (processId: string) => { readonly definition: FunctionDefinition; readonly payload: string } | undefined;
  /** Channels by the name of their secret. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly onEntry: (entry: InboxEntry) => void;
}

export interface Outbound {
  readonly route: Route;
  readonly entries: () => readonly InboxEntry[];
  /** A stand-in for a secret: a Slack webhook address or a PagerDuty routing key that leads back to its channel. */
  readonly secretValue: (name: string) => string | undefined;
}

/** Entries kept for the inbox. */
const maxEntries = 5_000;

export function createOutbound(options: OutboundOptions): Outbound {
  const entries: InboxEntry[] = [];
  const channelByToken = new Map([...options.channels].map(([secret, channel]) => [tokenOf(secret), channel]));
  let nextId = 0;

  function channelOf(url: string, body: unknown): Channel {
    const key =
      typeof body === 'object' && body !== null && 'routing_key' in body ? String(body.routing_key) : (url.split('/').at(-1) ?? '');
    const known = channelByToken.get(key);
    if (known !== undefined) return known;
    const host = new URL(url).hostname;
    const kind = host.includes('slack') ? 'slack' : host.includes('pagerduty') ? 'pagerduty' : host;
    return { id: kind, kind };
  }

  function record(processId: string, url: string, text: string, isOk: boolean): void {
    const body = parsed(text);
    const event = options.eventOf(processId);
    const subject = subjectOf(event?.payload, body);
    nextId += 1;
    const nowMs = options.now();
    const channel = channelOf(url, body);
    const entry: InboxEntry = {
      id: nextId,
      channel: channel.id,
      kind: channel.kind,
      atMs: nowMs,
      request: { url: masked(url), body: maskedBody(body) },
      ok: isOk,
      ...(subject.alarm === undefined ? {} : { alarm: subject.alarm }),
      ...(subject.incident === undefined ? {} : { incident: subject.incident }),
      ...(subject.state === undefined ? {} : { state: subject.state }),
      ...(subject.atMs === undefined ? {} : { ageSeconds: Math.max(0, (nowMs - subject.atMs) / 1_000) }),
    };
    entries.push(entry);
    if (entries.length > maxEntries) entries.splice(0, maxEntries / 10);
    options.onEntry(entry);
  }

  const route: Route = (request, response, path) => {
    if (!path.startsWith('/_outbound/')) return false;
    const processId = path.slice('/_outbound/'.length);
    const url = String(request.headers['nightdesk-outbound-url'] ?? '');
    const method = String(request.headers['nightdesk-outbound-method'] ?? 'POST');
    readBody(
      request,
      body => {
        const text = body.toString('utf8');
        if (!options.sends) {
          record(processId, url, text, true);
          const answer = answerOf(url, text);
          send(response, answer.status, answer.type, answer.body);
          return;
        }
        forward(url, method, request.headers, text).then(
          answer => {
            record(processId, url, text, answer.status < 300);
            send(response, answer.status, answer.type, answer.body);
          },
          () => {
            record(processId, url, text, false);
            send(response, 502, 'text/plain', 'the local gateway could not reach the host');
          },
        );
      },
      error => send(response, error.status, 'text/plain', error.message),
    );
    return true;
  };

  return {
    route,
    entries: () => entries,
    secretValue(name) {
      const channel = options.channels.get(name);
      if (channel?.kind === 'slack') return `https://hooks.slack.com/services/T00000000/B00000000/${tokenOf(name)}`;
      return channel === undefined ? localSecret(name) : tokenOf(name);
    },
  };
}

/** A stand-in that is long enough for a key, and says what it is. */
export const localSecret = (name: string): string => `local-secret:${name}`.padEnd(32, '-');

/** 32 hex digits, the shape of a PagerDuty routing key. */
const tokenOf = (secret: string): string => createHash('sha256').update(`local ${secret}`).digest('hex').slice(0, 32);

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function answerOf(url: string, body: string): Answer {
  const host = new URL(url).hostname;
  if (host.endsWith('pagerduty.com')) {
    const sent = parsed(body);
    const key = typeof sent === 'object' && sent !== null && 'dedup_key' in sent ? sent.dedup_key : 'local';
    return {
      status: 202,
      type: 'application/json',
      body: JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: key }),
    };
  }
  return { status: 200, type: 'text/plain', body: 'ok' };
}

async function forward(url: string, method: string, headers: IncomingHttpHeaders, body: string): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': headers['content-type'] ?? 'application/json' },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, type: response.headers.get('content-type') ?? 'text/plain', body: await response.text() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Addresses of webhooks are secrets: their last part is not shown. */
const masked = (url: string): string => (new URL(url).hostname === 'hooks.slack.com' ? url.replace(/[^/]+$/, '***') : url);

function maskedBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('routing_key' in body)) return body;
  return { ...body, routing_key: '***' };
}

/** Channels of the config that lies beside a function's code. */
export function readChannels(assetDir: string): Readonly<Record<string, { readonly kind?: string }>> {
  const file = join(assetDir, 'config.json');
  if (!existsSync(file)) return {};
  const config = JSON.parse(readFileSync(file, 'utf8')) as { readonly channels?: Readonly<Record<string, { readonly kind?: string }>> };
  return config.channels ?? {};
}

/** Every secret that a channel's config refers to. */
export function secretNamesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'secretName' in value && typeof value.secretName === 'string' ? [value.secretName] : [];
  return [...own, ...Object.values(value).flatMap(secretNamesIn)];
}
