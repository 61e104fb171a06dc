/** One HTTP probe: does the address answer with 200 to 399 in time. Bodies are never read; redirects count as answers. */
import type { ProbeConfig } from '../../core/config/types.ts';

export interface ProbeResult {
  readonly ok: boolean;
  /** Milliseconds until the answer's head. */
  readonly tookMs: number;
  /** Status or kind of failure. */
  readonly detail: string;
}

export async function probeHttp({ url, timeoutMs }: Pick<ProbeConfig, 'url' | 'timeoutMs'>, now: () => number): Promise<ProbeResult> {
  const startMs = now();
  const result = (ok: boolean, detail: string): ProbeResult => ({ ok, tookMs: Math.max(0, now() - startMs), detail });
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'user-agent': 'nightdesk-probe', connection: 'close' },
    });
    await answer.body?.cancel();
    return result(answer.status >= 200 && answer.status < 400, `HTTP ${answer.status}`);
  } catch (error) {
    return result(false, error instanceof Error && error.name === 'TimeoutError' ? `no answer in ${timeoutMs} ms` : 'no connection');
  }
}
