/** The actions function against memory: an incident that is open, channels with secrets, and what was sent and woken. */
import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { createEcs } from '../../adapters/aws/ecs.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createRestartStore } from '../../adapters/aws/restart-store.ts';
import { createSignalStore } from '../../adapters/aws/signal-store.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { SignalOrder } from '../../core/incidents/bot-signal.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { RestartOrder } from '../../core/incidents/restart.ts';
import { type ActionsTools, act } from '../../lambdas/actions/actions.ts';
import type { RestartTools } from '../../lambdas/actions/restarts.ts';
import type { SignalTools } from '../../lambdas/actions/signals.ts';
import { fakeWeb, type Reply } from '../notify/fake-web.ts';
import { signal } from '../notify/pages.ts';

export const startMs = Date.parse('2026-11-22T03:05:00Z');

export const configWith = (signals?: Readonly<Record<string, unknown>>): NightdeskConfig => {
  const parsed = parseConfig({
    bots: [{ id: 'bot-1', strategies: ['momentum'], ...(signals === undefined ? {} : { signals }) }],
    channels: {
      chat: {
        kind: 'slackApp',
        botToken: { secretName: 'slack-token' },
        channel: 'C0123456789',
        signingSecret: { secretName: 'slack-signing' },
        people: ['U0000000001'],
      },
      pager: { kind: 'pagerduty', routingKey: { secretName: 'pd' }, webhookSecret: { secretName: 'pd-webhook' } },
      phone: { kind: 'telegram', botToken: { secretName: 'tg' }, chatId: -100123, webhookSecret: { secretName: 'tg-webhook' } },
      mute: { kind: 'slack', webhook: { secretName: 'hook' } },
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};

export const incident = (changes: Partial<Incident> = {}): Incident => ({
  id: '2026-11-22T03:00:41.512Z#v1:order-rejects:Strategy=momentum',
  key: 'v1:order-rejects:Strategy=momentum',
  title: 'momentum: order rejects',
  severity: 'critical',
  status: 'open',
  openedAt: Date.parse('2026-11-22T03:00:41.512Z'),
  alarms: ['order-rejects'],
  firing: ['fast'],
  signal: signal(),
  channels: { chat: { triggeredAt: 1 }, pager: { triggeredAt: 1 } },
  timeline: [],
  ...changes,
});

export async function actionsStory(
  options: {
    readonly signals?: Readonly<Record<string, unknown>>;
    readonly incidents?: readonly Incident[];
    readonly replies?: Readonly<Record<string, readonly Reply[]>>;
  } = {},
) {
  const config = configWith(options.signals);
  const web = fakeWeb(options.replies ?? {}, startMs);
  const table = createMemoryTable();
  const now = web.tools.send.now;
  const incidents = createIncidentStore(table, now);
  for (const each of options.incidents ?? [incident()]) await incidents.save({ schemaVersion: 1, key: each.key, incident: each }, 0);
  const woken: string[] = [];
  const orders: SignalOrder[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const log = (message: string, fields = {}) => void logged.push({ message, ...fields });
  const restarts: RestartOrder[] = [];
  const tools: ActionsTools & SignalTools & RestartTools = {
    config,
    incidents,
    silences: createSilenceStore(table),
    signals: createSignalStore(table),
    alerts: createAlertStore(table, now),
    wake: async key => void woken.push(key),
    orderSignal: async order => void orders.push(order),
    orderRestart: async order => void restarts.push(order),
    restarts: createRestartStore(table),
    sweeps: createSweepStore(table),
    ecs: createEcs(web.tools.send),
    secrets: web.tools.secrets,
    send: web.tools.send,
    publish: web.tools.publish!,
    moneyAtRisk: async ids =>
      ids.map(strategyId => ({ strategyId, positions: [], sessionPnl: -12.3, currency: 'USD', tradingState: 'active', ageSeconds: 5 })),
    output: { info: log, warn: log, error: log, metrics: () => undefined },
  };
  const stored = async (key = incident().key) => (await incidents.load(key))?.state.incident;
  /** What the timeline says, beside the incident too. */
  const notes = async (key = incident().key) => {
    const known = await stored(key);
    const beside = await incidents.notes(key, 0, startMs + 86_400_000);
    return [...(known?.timeline ?? []), ...beside].map(({ text }) => text);
  };
  return {
    ...web,
    notes,
    tools,
    table,
    woken,
    orders,
    restarts,
    logged,
    stored,
    post: (event: APIGatewayProxyEventV2) => act(event, tools),
  };
}

export const request = (channel: string, body: string, headers: Readonly<Record<string, string>> = {}, isBase64Encoded = false) =>
  ({
    version: '2.0',
    rawPath: `/actions/${channel}`,
    headers,
    body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded,
  }) as unknown as APIGatewayProxyEventV2;

/** A press of a Slack button, signed as Slack signs. Forms arrive in base64 through the HTTP API. */
export function slackPress(
  action: string,
  value: string,
  { user = 'U0000000001', channel = 'C0123456789', secret = 'value-of-slack-signing', atMs = startMs, tamper = '' } = {},
) {
  const payload = {
    type: 'block_actions',
    user: { id: user, username: 'ana' },
    channel: { id: channel },
    response_url: 'https://hooks.slack.com/actions/T0/1/x',
    actions: [{ action_id: action, value }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return request('chat', body + tamper, { 'X-Slack-Request-Timestamp': timestamp, 'X-Slack-Signature': signature }, true);
}

export function pagerDutyEvent(type: string, key: string, { secrets = ['value-of-pd-webhook'], occurredAt = '2026-11-22T03:04:00Z' } = {}) {
  const event = {
    id: 'E1',
    event_type: type,
    resource_type: 'incident',
    occurred_at: occurredAt,
    agent: { id: 'P1', summary: 'Ben Example', type: 'user_reference' },
    data: { id: 'Q1', type: 'incident', status: type.split('.')[1], incident_key: key },
  };
  const body = JSON.stringify({ event });
  const signatures = secrets.map(secret => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`).join(',');
  return request('pager', body, { 'x-pagerduty-signature': signatures });
}

export const telegramUpdate = (update: object, token = 'value-of-tg-webhook') =>
  request('phone', JSON.stringify({ update_id: 1, ...update }), { 'x-telegram-bot-api-secret-token': token });

export const telegramSays = (text: string, chat = -100123) =>
  telegramUpdate({ message: { message_id: 5, text, chat: { id: chat }, from: { id: 42, username: 'ana' } } });
