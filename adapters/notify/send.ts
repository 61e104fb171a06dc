/**
 * Sends one request with a timeout and a few tries. The whole stays within `budgetMs`, so that a function has time to record the
 * outcome; what is still due then is repeated by the delivery that woke the function. Secrets never appear in the outcome.
 */
import type { MessageReference } from '../../core/incidents/incident.ts';
import type { Answer, FailureKind, HttpRequest, RawRequest, Verdict } from './channel.ts';

export interface SendTools {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
  /** 0 ≤ x < 1, spreads retries. */
  readonly random: () => number;
}

export interface SendLimits {
  readonly timeoutMs: number;
  readonly tries: number;
  readonly budgetMs: number;
}

export const defaultLimits: SendLimits = { timeoutMs: 5_000, tries: 3, budgetMs: 10_000 };

export type Outcome =
  | {
      readonly ok: true;
      readonly tries: number;
      readonly detail: string;
      readonly reference?: MessageReference;
      readonly answer?: Answer;
    }
  | {
      readonly ok: false;
      readonly tries: number;
      readonly retry: 'later' | 'never' | 'anew';
      readonly kind: FailureKind;
      readonly detail: string;
      /** How long the channel asked to wait, when that was longer than the budget. */
      readonly waitMs?: number;
    };

export async function send(
  request: HttpRequest | RawRequest,
  judge: (answer: Answer) => Verdict,
  tools: SendTools,
  limits: SendLimits = defaultLimits,
): Promise<Outcome> {
  const until = tools.now() + limits.budgetMs;
  for (let tries = 1; ; tries++) {
    const { verdict, waitMs, detail, answer } = await attempt(
      request,
      judge,
      tools,
      Math.min(limits.timeoutMs, Math.max(1, until - tools.now())),
    );
    if (verdict.ok) {
      const { reference } = verdict;
      return { ok: true, tries, detail, ...(reference === undefined ? {} : { reference }), ...(answer === undefined ? {} : { answer }) };
    }
    const asked = waitMs ?? verdict.waitMs;
    const wait = asked ?? 300 * 2 ** tries * (0.5 + tools.random());
    if (verdict.retry !== 'later' || tries >= limits.tries || tools.now() + wait >= until) {
      const { retry, kind, detail: said } = verdict;
      return { ok: false, retry, kind, detail: said, tries, ...(asked === undefined ? {} : { waitMs: asked }) };
    }
    await tools.sleep(wait);
  }
}

interface Attempt {
  readonly verdict: Verdict;
  /** From `Retry-After`. */
  readonly waitMs?: number;
  readonly detail: string;
  readonly answer?: Answer;
}

/** What is kept of an answer: enough for the ids of a message with all its text in it. */
const BODY_LIMIT = 65_536;

async function attempt(
  request: HttpRequest | RawRequest,
  judge: (answer: Answer) => Verdict,
  tools: SendTools,
  timeoutMs: number,
): Promise<Attempt> {
  try {
    const { body } = request;
    const response = await tools.fetch(request.url, {
      method: request.method ?? 'POST',
      headers: request.headers,
      body: typeof body === 'string' ? body : body instanceof Uint8Array ? new Blob([new Uint8Array(body)]) : JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = { status: response.status, body: (await response.text()).slice(0, BODY_LIMIT) };
    const waitMs = retryAfterMs(response.headers.get('retry-after'), tools.now());
    return {
      verdict: judge(answer),
      detail: `HTTP ${response.status}`,
      answer,
      ...(waitMs === undefined ? {} : { waitMs }),
    };
  } catch (error) {
    // Messages of fetch may hold the URL, and Slack's URL is the secret: only the kind of failure leaves here.
    const detail = networkFailure(error);
    return { verdict: { ok: false, retry: 'later', kind: 'server', detail }, detail };
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3); undefined when it is absent or neither. */
function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : seconds * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function networkFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'network failure';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const cause = error.cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : error.name;
  return `network failure (${/^[A-Za-z_0-9]{1,40}$/.test(code) ? code : 'unknown'})`;
}
