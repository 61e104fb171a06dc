import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { probe } from '../../adapters/probe/probe.ts';
import { failure, TooLate } from '../../adapters/probe/result.ts';
import { seenText } from '../../core/health/probe-text.ts';

const open: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of open.splice(0)) server.close();
});

async function portOf(server: Server): Promise<number> {
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return (server.address() as AddressInfo).port;
}

const ask = (url: string, timeoutMs = 20_000) => probe({ url, timeoutMs }, { now: () => performance.now(), vantage: 'internet' });

/** A certificate for a day, made by the machine's own openssl. */
function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-certificate-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=bot'];
  try {
    execFileSync('openssl', ['req', ...options, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('the phases of a probe', () => {
  it('are name, connection, TLS and first byte, each by itself and together no more than the whole', async () => {
    const server = createSecureServer(certificate(), (_, response) => void setTimeout(() => response.end('ok'), 60));
    const result = await ask(`https://localhost:${await portOf(server)}/`);
    expect(result).toMatchObject({ ok: true, detail: 'HTTP 200' });
    const { phases, tookMs, certificateEndsMs, failedIn } = result;
    expect([Object.keys(phases!), failedIn]).toEqual([['dns', 'connect', 'tls', 'firstByte'], undefined]);
    expect(phases!.firstByte).toBeGreaterThan(50);
    expect(Object.values(phases!).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(tookMs + 1);
    expect(certificateEndsMs! - Date.now()).toBeGreaterThan(23 * 3_600_000);
  });

  it('say that TLS hangs', async () => {
    const port = await portOf(createTcpServer(socket => void socket.on('error', () => undefined)));
    const { ok, phases, failedIn } = await ask(`https://127.0.0.1:${port}/`, 800);
    expect([ok, Object.keys(phases!), failedIn]).toEqual([false, ['connect', 'tls'], 'tls']);
    const grpc = await ask(`grpcs://127.0.0.1:${port}/`, 800);
    expect([grpc.ok, grpc.failedIn]).toEqual([false, 'tls']);
  });

  it('say that the process takes the connection and does not answer', async () => {
    const { failedIn, phases } = await ask(`http://127.0.0.1:${await portOf(createServer(() => undefined))}/`, 800);
    expect([failedIn, Object.keys(phases!)]).toEqual(['firstByte', ['connect', 'firstByte']]);
  });

  it('say that nobody listens', async () => {
    const port = await portOf(createTcpServer());
    open.pop()!.close();
    for (const scheme of ['http', 'tcp', 'grpc']) {
      const { failedIn, detail, ours } = await ask(`${scheme}://127.0.0.1:${port}/`);
      expect([scheme, failedIn, detail, ours]).toEqual([scheme, 'connect', 'connection refused', undefined]);
    }
  });

  it('are those of the attempt that failed, after a redirect', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/hangs' }).end();
    });
    const { failedIn, detail } = await ask(`http://127.0.0.1:${await portOf(server)}/`, 800);
    expect([failedIn, detail]).toEqual(['firstByte', 'no answer in 800 ms']);
  });
});

describe('a target that nothing was heard of', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  it.each([
    ['its name is not found', coded('ENOTFOUND'), 'dns', true],
    ['its connection is not answered in time', new TooLate('answer', 9), 'connect', true],
    ['the kernel gives up', coded('ETIMEDOUT'), 'connect', true],
    ['it refuses', coded('ECONNREFUSED'), 'connect', undefined],
    ['its address is not asked', coded('FORBIDDEN_ADDRESS'), 'dns', undefined],
    ['it hangs in TLS', new TooLate('answer', 9), 'tls', undefined],
    ['it hangs after that', new TooLate('answer', 9), 'firstByte', undefined],
  ] as const)('when %s', (_, error, failedIn, unreached) => {
    expect(failure(error, 9, { stop: () => ({ phases: {}, failedIn }) }).unreached).toBe(unreached);
  });
});

describe('a result in words', () => {
  it.each([
    [
      { ok: true, tookMs: 52.4, detail: 'HTTP 200', phases: { connect: 12.2, firstByte: 40.2 } },
      'HTTP 200 in 52 ms (connect 12 ms, first byte 40 ms)',
    ],
    [
      { ok: false, tookMs: 2000, detail: 'no answer in 2000 ms', phases: { dns: 3.1, connect: 1996.9 }, failedIn: 'connect' as const },
      'no answer in 2000 ms, while connecting (DNS 3.1 ms, connect 1997 ms)',
    ],
    [{ ok: false, tookMs: 9, detail: 'HTTP 503', phases: { connect: 1, firstByte: 8 } }, 'HTTP 503 (connect 1 ms, first byte 8 ms)'],
    [{ ok: false, tookMs: 0, detail: 'name not found', failedIn: 'dns' as const }, 'name not found, while its name was looked up'],
    [{ ok: true, tookMs: 1, detail: 'connected' }, 'connected in 1 ms'],
  ])('%j', (result, text) => {
    expect(seenText(result)).toBe(text);
  });
});
