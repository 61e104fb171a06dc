/** Judgements that most HTTP channels share. */
import type { Answer, Verdict } from './channel.ts';

/**
 * 2xx is accepted; 429 and 5xx pass, so they are worth repeating; 404 and 410 say that the channel is gone; other refusals stay.
 * @param seconds how long the channel asks to wait, where its body says so.
 */
export function judgeStatus({ status, body }: Answer, seconds?: number): Verdict {
  if (status >= 200 && status < 300) return { ok: true };
  const detail = `HTTP ${status} ${body.replace(/\s+/g, ' ').slice(0, 200)}`.trim();
  const wait = seconds === undefined || !Number.isFinite(seconds) ? {} : { waitMs: Math.max(0, seconds * 1000) };
  if (status === 429) return { ok: false, retry: 'later', kind: 'rate', detail, ...wait };
  if (status >= 500 || status === 408) return { ok: false, retry: 'later', kind: 'server', detail };
  if (status === 404 || status === 410) return { ok: false, retry: 'never', kind: 'gone', detail };
  return { ok: false, retry: 'never', kind: status === 401 || status === 403 ? 'auth' : 'client', detail };
}

/** The body as an object; empty when it is none. */
export function bodyOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
