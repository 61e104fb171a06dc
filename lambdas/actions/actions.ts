/**
 * What people do from their channels: `POST /actions/<channel id>`. The request is proven before anything in it is read; the answer goes
 * out within Slack's three seconds, since everything slow (editing messages, telling PagerDuty, signalling a bot) is left to queues.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Output } from '../../adapters/aws/output.ts';
import { errorFields } from '../../adapters/aws/output.ts';
import type { Secrets } from '../../adapters/aws/secrets.ts';
import type { RawRequest } from '../../adapters/notify/channel.ts';
import type { Requested } from '../../adapters/notify/inbound.ts';
import { type BoundInbound, bindInbound } from '../../adapters/notify/inbound-kinds.ts';
import type { SendTools } from '../../adapters/notify/send.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { ActionTools } from '../../core/incidents/actions.ts';
import type { SignalOrder } from '../../core/incidents/bot-signal.ts';
import type { MoneyAtRisk } from '../../core/incidents/money-at-risk.ts';
import type { IncidentStore } from '../../core/incidents/store.ts';
import { perform } from './perform.ts';

export interface ActionsTools extends ActionTools {
  readonly config: NightdeskConfig;
  readonly incidents: IncidentStore;
  readonly secrets: Secrets;
  readonly send: SendTools;
  /** Puts a confirmed signal into the queue from which it is sent. */
  readonly orderSignal: (order: SignalOrder) => Promise<void>;
  readonly moneyAtRisk: (strategyIds: readonly string[], nowMs: number) => Promise<readonly MoneyAtRisk[]>;
  readonly output: Output;
}

/** Larger than any of these services sends. */
const BODY_LIMIT = 262_144;
/** Slack waits three seconds in all. */
const REPLY_TIMEOUT_MS = 1_500;

export async function act(event: APIGatewayProxyEventV2, tools: ActionsTools): Promise<APIGatewayProxyStructuredResultV2> {
  const channelId = decodeURIComponent(/^\/actions\/([^/]+)$/.exec(event.rawPath)?.[1] ?? '');
  const channel = Object.hasOwn(tools.config.channels, channelId) ? tools.config.channels[channelId] : undefined;
  const inbound = channel === undefined ? undefined : bindInbound(channel);
  if (inbound === undefined) return { statusCode: 404 };
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > BODY_LIMIT) return { statusCode: 413 };
  const incoming = { headers: headersOf(event), body, nowMs: tools.send.now() };
  const read = inbound.read(incoming, await secretsOf(inbound, tools));
  if (!read.ok) {
    tools.output.warn('request refused', { channel: channelId, reason: read.reason });
    forgetNow(channelId, inbound, tools);
    return { statusCode: read.status };
  }
  for (const request of read.requests) await handle(request, channelId, tools);
  return { statusCode: 200 };
}

/** A refused proof may mean that the secret was rotated: it is read again, this often at most, whoever sends rubbish. */
const REREAD_MS = 30_000;
const forgottenAt = new WeakMap<Secrets, Map<string, number>>();

function forgetNow(channelId: string, inbound: BoundInbound, { secrets, send }: ActionsTools): void {
  const times = forgottenAt.get(secrets) ?? new Map<string, number>();
  forgottenAt.set(secrets, times);
  if (send.now() - (times.get(channelId) ?? Number.NEGATIVE_INFINITY) < REREAD_MS) return;
  times.set(channelId, send.now());
  for (const { secretName } of Object.values(inbound.secrets)) secrets.forget(secretName);
}

async function secretsOf(inbound: BoundInbound, { secrets }: ActionsTools): Promise<Readonly<Record<string, string>>> {
  const read = Object.entries(inbound.secrets).map(async ([role, { secretName }]) => [role, await secrets.read(secretName)] as const);
  return Object.fromEntries(await Promise.all(read));
}

const headersOf = ({ headers }: APIGatewayProxyEventV2): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value ?? '']));

async function handle(request: Requested, channelId: string, tools: ActionsTools): Promise<void> {
  const { command, who, refused } = request;
  const said = refused === undefined ? await perform(request, channelId, tools) : { text: refused };
  tools.output.info('action', {
    channel: channelId,
    do: command.do,
    who,
    ...(refused === undefined ? { answer: said.text } : { refused }),
  });
  const reply = request.reply(said);
  if (reply !== undefined) await answer(reply, tools);
}

/** Best effort: what was asked for is done, whether or not its sender hears of it. */
async function answer({ url, headers, body }: RawRequest, { send, output }: ActionsTools): Promise<void> {
  try {
    const response = await send.fetch(url, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : Buffer.from(body).toString('utf8'),
      redirect: 'error',
      signal: AbortSignal.timeout(REPLY_TIMEOUT_MS),
    });
    if (response.status >= 300) output.warn('answer refused', { status: response.status });
  } catch (error) {
    output.warn('answer not sent', { errorName: errorFields(error)['errorName'] ?? 'error' });
  }
}
