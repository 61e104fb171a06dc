/**
 * Sends one request with a timeout and a few tries. The whole stays within `budgetMs`, so that a function has time to record the
 * outcome; what is still due then is repeated by the delivery that woke the function. Secrets never appear in the outcome.
 */
import type { Answer, HttpRequest, Verdict } from './channel.ts';

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
  | { readonly ok: true; readonly tries: number; readonly detail: string }
  | { readonly ok: false; readonly tries: number; readonly retry: 'later' | 'never'; readonly kind: string; readonly detail: string };

export async function send(
  request: HttpRequest,
  judge: (answer: Answer) => Verdict,
  tools: SendTools,
  limits: SendLimits = defaultLimits,
): Promise<Outcome> {
  const until = tools.now() + limits.budgetMs;
  for (let tries = 1; ; tries++) {
    const { verdict, waitMs, detail } = await attempt(request, judge, tools, Math.min(limits.timeoutMs, Math.max(1, until - tools.now())));
    if (verdict.ok) return { ok: true, tries, detail };
    const wait = waitMs ?? 300 * 2 ** tries * (0.5 + tools.random());
    if (verdict.retry === 'never' || tries >= limits.tries || tools.now() + wait >= until) return { ...verdict, tries };
    await tools.sleep(wait);
  }
}

interface Attempt {
  readonly verdict: Verdict;
  /** From `Retry-After`. */
  readonly waitMs?: number;
  readonly detail: string;
}

async function attempt(request: HttpRequest, judge: (answer: Answer) => Verdict, tools: SendTools, timeoutMs: number): Promise<Attempt> {
  try {
    const response = await tools.fetch(request.url, {
      method: 'POST',
      headers: request.headers,
      body: JSON.stringify(request.body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = (await response.text()).slice(0, 500);
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      verdict: judge({ status: response.status, body }),
      detail: `HTTP ${response.status}`,
      ...(Number.isFinite(seconds) && seconds >= 0 ? { waitMs: seconds * 1000 } : {}),
    };
  } catch (error) {
    // Messages of fetch may hold the URL, and Slack's URL is the secret: only the kind of failure leaves here.
    const detail = networkFailure(error);
    return { verdict: { ok: false, retry: 'later', kind: 'server', detail }, detail };
  }
}

function networkFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'network failure';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const cause = error.cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : error.name;
  return `network failure (${/^[A-Za-z_0-9]{1,40}$/.test(code) ? code : 'unknown'})`;
}
