/**
 * Where requests to Slack, PagerDuty and other hosts end: in the local inbox. The answers are what those services answer to a
 * request that they accept. With `sends` the request also goes out, and the real answer comes back.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { EpochMs } from '../core/time/instant.ts';
import type { Route } from './endpoint/server.ts';
import { readBody, send } from './endpoint/server.ts';
import type { FunctionDefinition } from './functions/host.ts';
import { subjectOf } from './notification-subject.ts';
import { type Answer, createStandIns, type Effect, isChangeEvent, secretShape, tokenOf } from './stand-ins.ts';

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
  /** The message that the request made or edited; the same id again is an edit. */
  readonly message?: Effect['message'];
}

export interface Channel {
  readonly id: string;
  readonly kind: string;
  /** What the secret is to its channel: `webhook`, `botToken`, … */
  readonly role: string;
}

export interface OutboundOptions {
  readonly now: () => EpochMs;
  readonly sends: boolean;
  /** Real secrets by their values, as far as functions have read them; absent with stand-ins. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** What the calling process handles right now. */
  readonly eventOf: (processId: string) => { readonly definition: FunctionDefinition; readonly payload: string } | undefined;
  /** Channels by the name of their secret. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Channels by the topic that SNS delivers for them. */
  readonly topics: ReadonlyMap<string, Pick<Channel, 'id' | 'kind'>>;
  readonly onEntry: (entry: InboxEntry) => void;
}

export interface Outbound {
  readonly route: Route;
  readonly entries: () => readonly InboxEntry[];
  /** A stand-in for a secret, in the shape that its channel expects, which leads back to that channel. */
  readonly secretValue: (name: string) => string | undefined;
  /** An uploaded file, such as a chart. */
  readonly file: (id: string) => Buffer | undefined;
  /** What somebody did inside the service itself. */
  readonly changed: (channel: Pick<Channel, 'id' | 'kind'>, body: unknown) => void;
  /** A message that SNS delivers to people: e-mail, Amazon Q Developer. */
  readonly published: (topicArn: string, message: string, subject: string | undefined) => void;
}

/** Entries kept for the inbox. */
const maxEntries = 5_000;

export function createOutbound(options: OutboundOptions): Outbound {
  const entries: InboxEntry[] = [];
  const channelByToken = new Map([...options.channels].map(([secret, channel]) => [tokenOf(secret), channel]));
  const standIns = createStandIns();
  let nextId = 0;

  /** The channel whose token stands in the address, in the credentials or in the body. */
  function channelOf(url: string, authorization: string, text: string): Pick<Channel, 'id' | 'kind'> {
    const where = `${url} ${authorization} ${text.includes('routing_key') ? text.slice(0, 4_000) : ''}`;
    for (const [value, name] of options.secrets ?? []) {
      const known = options.channels.get(name);
      if (known !== undefined && where.includes(value)) return known;
    }
    for (const token of where.match(/[0-9a-f]{32}/g) ?? []) {
      const known = channelByToken.get(token);
      if (known !== undefined) return known;
    }
    const host = new URL(url).hostname;
    const kind = host.includes('slack') ? 'slack' : host.includes('pagerduty') ? 'pagerduty' : host;
    return { id: kind, kind };
  }

  interface Sent {
    readonly channel: Pick<Channel, 'id' | 'kind'>;
    readonly url: string;
    readonly body: unknown;
    readonly ok: boolean;
    readonly payload?: string;
    readonly message?: Effect['message'];
  }

  function record({ channel, url, body, ok, payload, message }: Sent): void {
    // A change belongs to no alarm, also when the function that sends it handles one.
    const subject = isChangeEvent(url) ? {} : subjectOf(payload, body);
    const known =
      subject.incident ?? entries.findLast(each => message !== undefined && each.message?.id === (message.parent ?? message.id))?.incident;
    nextId += 1;
    const nowMs = options.now();
    const entry: InboxEntry = {
      id: nextId,
      channel: channel.id,
      kind: channel.kind,
      atMs: nowMs,
      request: withoutSecrets({ url: masked(url), body: maskedBody(body) }, options.secrets),
      ok,
      ...(subject.alarm === undefined ? {} : { alarm: subject.alarm }),
      ...(known === undefined ? {} : { incident: known }),
      ...(subject.state === undefined ? {} : { state: subject.state }),
      ...(subject.atMs === undefined ? {} : { ageSeconds: Math.max(0, (nowMs - subject.atMs) / 1_000) }),
      ...(message === undefined ? {} : { message }),
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
      bytes => {
        const text = bytes.toString('utf8');
        const body = parsed(text);
        const channel = channelOf(url, String(request.headers.authorization ?? ''), text);
        const payload = options.eventOf(processId)?.payload;
        const about = { channel, url, body, ...(payload === undefined ? {} : { payload }) };
        if (!options.sends) {
          const { answer, message } = standIns.take({ url, method, bytes, body }, options.now());
          if (message !== undefined) record({ ...about, ok: true, message });
          send(response, answer.status, answer.type, answer.body);
          return;
        }
        forward(url, method, request.headers, bytes).then(
          answer => {
            record({ ...about, ok: answer.status < 300 });
            if (answer.retryAfter !== undefined) response.setHeader('retry-after', answer.retryAfter);
            send(response, answer.status, answer.type, answer.body);
          },
          () => {
            record({ ...about, ok: false });
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
      return channel === undefined ? localSecret(name) : secretShape(channel.kind, channel.role, tokenOf(name));
    },
    file: standIns.file,
    changed(channel, body) {
      record({ channel, url: 'https://app.pagerduty.com/incidents', body, ok: true, message: { id: `own ${nextId + 1}`, isEdit: false } });
    },
    published(topicArn, message, subject) {
      const channel = options.topics.get(topicArn);
      if (channel === undefined) return;
      const body = parsed(message);
      const shown = typeof body === 'object' ? body : { ...(subject === undefined ? {} : { Subject: subject }), Message: message };
      record({ channel, url: topicArn, body: shown, ok: true, message: { id: `sns ${nextId + 1}`, isEdit: false } });
    },
  };
}

/** A stand-in that is long enough for a key, and says what it is. */
export const localSecret = (name: string): string => `local-secret:${name}`.padEnd(32, '-');

async function forward(url: string, method: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': headers['content-type'] ?? 'application/json', ...ownHeaders(headers) },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const retryAfter = response.headers.get('retry-after');
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? 'text/plain',
    body: await response.text(),
    ...(retryAfter === null ? {} : { retryAfter }),
  };
}

/** Credentials and signatures go along; what belongs to the way here does not. */
function ownHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name === 'authorization' || name.startsWith('x-nightdesk-'));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Addresses of webhooks and of bots hold secrets: those parts are not shown. */
const masked = (url: string): string => url.replace(/[0-9a-f]{32}|(?<=hooks\.slack\.com\/services\/.*)[^/]+$/g, '***');

/** What the inbox shows holds no secret, wherever a service wants it: in the path of an address, or in a body. */
function withoutSecrets<T>(shown: T, secrets: ReadonlyMap<string, string> = new Map()): T {
  const text = JSON.stringify(shown);
  const hidden = [...secrets.keys()]
    .sort((a, b) => b.length - a.length)
    .reduce((left, value) => left.replaceAll(inJson(value), '***'), text);
  return hidden === text ? shown : (JSON.parse(hidden) as T);
}

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);

function maskedBody(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('routing_key' in body)) return body;
  return { ...body, routing_key: '***' };
}

/** What lies beside a function's code as its config, as far as secrets go. */
interface DeployedConfig {
  readonly channels?: Readonly<Record<string, { readonly kind?: string } & Readonly<Record<string, unknown>>>>;
  readonly bots?: readonly { readonly id?: string; readonly signals?: { readonly webhook?: Readonly<Record<string, unknown>> } }[];
}

/** Channels by the names of their secrets, and by the topics that SNS delivers for them. A bot that takes signals is a channel, too. */
export function readChannels(assetDir: string, topics: Readonly<Record<string, string>>) {
  const file = join(assetDir, 'config.json');
  const config = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DeployedConfig) : {};
  const channels = Object.entries(config.channels ?? {}).map(([id, parts]) => ({ id, kind: parts.kind ?? id, parts }));
  const bots = (config.bots ?? []).map(bot => ({ id: `bot ${bot.id ?? ''}`, kind: 'bot', parts: bot.signals?.webhook ?? {} }));
  const bySecret = [...channels, ...bots].flatMap(({ id, kind, parts }) =>
    Object.entries(parts).flatMap(([role, value]) => (isSecret(value) ? [[value.secretName, { id, kind, role }] as const] : [])),
  );
  const byTopic = channels.flatMap(({ id, kind, parts }) => {
    const arn = topics[id] ?? parts['topicArn'];
    return typeof arn === 'string' ? [[arn, { id, kind }] as const] : [];
  });
  return { bySecret: new Map<string, Channel>(bySecret), byTopic: new Map(byTopic) };
}

const isSecret = (value: unknown): value is { readonly secretName: string } =>
  typeof value === 'object' && value !== null && 'secretName' in value && typeof value.secretName === 'string';
