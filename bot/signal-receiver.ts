/**
 * Takes Nightdesk's signals to halt or to reduce only, and believes those that are signed. For Node's own HTTP server, or for any other by
 * `readSignal`. Plain: no package but Node.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface BotSignalMessage {
  /** The same again is the same signal. */
  readonly id: string;
  readonly signal: 'halt' | 'reduceOnly';
  readonly botId: string;
  readonly strategies: readonly string[];
  /** Key of the incident that it is about. */
  readonly incident: string;
  /** A person, or the alarm that sent it by itself. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Older and newer than this is refused. */
const CLOCK_SECONDS = 300;
const BODY_LIMIT = 65_536;
/** Ids kept against repetitions; the limit per hour is far below. */
const REMEMBERED = 1_000;

/** The signal of a request; undefined when its signature, its clock or its body does not hold. Header names in lower case. */
export function readSignal(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string | Uint8Array,
  secret: string,
  nowMs: number,
): BotSignalMessage | undefined {
  const timestamp = String(headers['x-nightdesk-timestamp'] ?? '');
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > CLOCK_SECONDS) return undefined;
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  const given = Buffer.from(/^v1=([0-9a-f]{64})$/.exec(String(headers['x-nightdesk-signature'] ?? ''))?.[1] ?? '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return parsed(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
}

function parsed(text: string): BotSignalMessage | undefined {
  try {
    const message = JSON.parse(text) as Partial<BotSignalMessage> & { readonly kind?: unknown };
    const isSignal = message.kind === 'nightdesk.signal' && (message.signal === 'halt' || message.signal === 'reduceOnly');
    return isSignal && typeof message.id === 'string' ? (message as BotSignalMessage) : undefined;
  } catch {
    return undefined;
  }
}

export interface SignalReceiverOptions {
  readonly secret: string;
  /** Called once for each signal. When it throws, the sender is told to try again. */
  readonly onSignal: (signal: BotSignalMessage) => void | Promise<void>;
  readonly now?: () => number;
}

/** A request handler for `http.createServer`: 200 when the signal was taken, 401 when it is not believed, 500 when the bot failed. */
export function createSignalReceiver({ secret, onSignal, now = Date.now }: SignalReceiverOptions) {
  const seen = new Set<string>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (status: number) => {
      response.statusCode = status;
      response.end();
    };
    const body = request.method === 'POST' ? await readBody(request) : undefined;
    if (body === undefined) return answer(request.method === 'POST' ? 413 : 405);
    const signal = readSignal(request.headers, body, secret, now());
    if (signal === undefined) return answer(401);
    if (seen.has(signal.id)) return answer(200);
    try {
      await onSignal(signal);
    } catch {
      return answer(500);
    }
    seen.add(signal.id);
    if (seen.size > REMEMBERED) seen.delete([...seen][0]!);
    answer(200);
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
