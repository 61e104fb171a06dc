import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** True is fine; reasons say what is not. */
export type Health = boolean | { readonly ok: boolean; readonly reasons?: readonly string[] };
export type HealthCheck = () => Health | Promise<Health>;

export interface HealthServerOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Absent means all interfaces, since an orchestrator asks from outside. */
  readonly host?: string;
  /** Does the process answer? Failing means restart me. Absent means always. */
  readonly liveness?: HealthCheck;
  /** May it trade: connected, caught up, allowed? Failing means leave me running, but do not count on me. */
  readonly readiness?: HealthCheck;
  /** Has it finished starting? Until then it is not ready. */
  readonly startup?: HealthCheck;
  /** A check that takes longer fails; absent means 1,000. */
  readonly timeoutMs?: number;
}

export interface HealthServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface Verdict {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

const fine: HealthCheck = () => true;

async function judge(check: HealthCheck, timeoutMs: number): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>(resolve => {
    timer = setTimeout(() => resolve({ ok: false, reasons: [`the check did not answer within ${timeoutMs} ms`] }), timeoutMs);
  });
  try {
    const health = await Promise.race([Promise.resolve().then(check), late]);
    if (typeof health === 'boolean') return { ok: health, reasons: health ? [] : ['the check failed'] };
    return { ok: health.ok, reasons: health.reasons ?? [] };
  } catch (error) {
    return { ok: false, reasons: [`the check threw: ${error instanceof Error ? error.message : String(error)}`] };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Serves /healthz, /ready and /startup: 200 or 503 with `{ status, reasons }`. Resolves when it listens.
 * Rejects when the port is taken.
 */
export function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { liveness = fine, readiness = fine, startup = fine, timeoutMs = 1000 } = options;
  const started = () => judge(startup, timeoutMs);
  const ready = async (): Promise<Verdict> => {
    const begun = await started();
    return begun.ok ? judge(readiness, timeoutMs) : { ok: false, reasons: ['still starting', ...begun.reasons] };
  };
  const checks = new Map([
    ['/healthz', () => judge(liveness, timeoutMs)],
    ['/ready', ready],
    ['/startup', started],
  ]);

  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' });
      response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`);
    };
    request.resume();
    const check = checks.get((request.url ?? '').split('?')[0]!);
    if (check === undefined) return answer(404, { status: 'unknown', reasons: ['ask /healthz, /ready or /startup'] });
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, { status: 'unknown', reasons: ['only GET and HEAD'] });
    void check().then(({ ok, reasons }) => answer(ok ? 200 : 503, { status: ok ? 'ok' : 'failing', reasons }));
  });

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '0.0.0.0', () => {
      server.removeListener('error', reject);
      server.unref();
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => new Promise(done => server.close(() => done())),
      });
    });
  });
}
