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
  /** By id: whether the bot took it, or is about to. */
  const taken = new Map<string, Promise<boolean>>();
  const take = (signal: BotSignalMessage): Promise<boolean> => {
    const known = taken.get(signal.id);
    if (known !== undefined) return known;
    const done = Promise.resolve(signal)
      .then(onSignal)
      .then(
        () => true,
        () => taken.delete(signal.id) && false,
      );
    taken.set(signal.id, done);
    if (taken.size > REMEMBERED) taken.delete([...taken.keys()][0]!);
    return done;
  };
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (status: number) => {
      response.statusCode = status;
      response.end();
    };
    if (request.method !== 'POST') return answer(405);
    const body = await readBody(request);
    if (!(body instanceof Buffer)) return answer(body === 'too large' ? 413 : 400);
    const signal = readSignal(request.headers, body, secret, now());
    if (signal === undefined) return answer(401);
    answer((await take(signal)) ? 200 : 500);
  };
}

/** A sender that breaks off must not become an error of the bot. */
async function readBody(request: IncomingMessage): Promise<Buffer | 'too large' | 'broken off'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_LIMIT) return 'too large';
      chunks.push(chunk);
    }
  } catch {
    return 'broken off';
  }
  return Buffer.concat(chunks);
}
