import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, type HealthServerOptions, startHealthServer } from '../../bot/index.ts';

let server: HealthServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(options: Partial<HealthServerOptions>) {
  server = await startHealthServer({ port: 0, host: '127.0.0.1', timeoutMs: 50, ...options });
  const base = `http://127.0.0.1:${server.port}`;
  return async (path: string, method = 'GET') => {
    const response = await fetch(`${base}${path}`, { method });
    const text = await response.text();
    return { code: response.status, ...(text === '' ? {} : (JSON.parse(text) as { status: string; reasons: string[] })) };
  };
}

const fine = { code: 200, status: 'ok', reasons: [] };

describe('the health endpoints', () => {
  it('are all fine by default', async () => {
    const ask = await serve({});
    expect([await ask('/healthz'), await ask('/ready?verbose'), await ask('/startup')]).toEqual([fine, fine, fine]);
  });

  it('say 503 and why', async () => {
    const ask = await serve({ readiness: () => ({ ok: false, reasons: ['no session with the venue'] }), liveness: () => false });
    expect(await ask('/ready')).toEqual({ code: 503, status: 'failing', reasons: ['no session with the venue'] });
    expect(await ask('/healthz')).toEqual({ code: 503, status: 'failing', reasons: ['the check failed'] });
  });

  it('are not ready before they have started, but alive', async () => {
    const ask = await serve({ startup: () => ({ ok: false, reasons: ['loading positions'] }) });
    expect(await ask('/ready')).toEqual({ code: 503, status: 'failing', reasons: ['still starting', 'loading positions'] });
    expect(await ask('/healthz')).toEqual(fine);
  });

  it('fail when a check throws or does not answer', async () => {
    const ask = await serve({
      liveness: () => {
        throw new Error('deadlock');
      },
      readiness: () => new Promise(() => {}),
    });
    expect((await ask('/healthz')).reasons).toEqual(['the check threw: deadlock']);
    expect((await ask('/ready')).reasons).toEqual(['the check did not answer within 50 ms']);
  });

  it('answer HEAD, and nothing but GET and HEAD', async () => {
    const ask = await serve({});
    expect([(await ask('/ready', 'HEAD')).code, (await ask('/ready', 'POST')).code, (await ask('/metrics')).code]).toEqual([200, 405, 404]);
  });

  it('say so when the port is taken', async () => {
    await serve({});
    await expect(startHealthServer({ port: server!.port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
