import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probe } from '../../adapters/probe/probe.ts';

describe('a probe of a server that is odd', () => {
  const open: { close(): unknown }[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.close();
  });
  const portOf = async (server: Server | ReturnType<typeof createHttp2Server>) => {
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
    open.push(server);
    return (server.address() as AddressInfo).port;
  };
  const ask = (url: string, timeoutMs: number) => probe({ url, timeoutMs }, { now: () => performance.now(), vantage: 'internet' });

  it('has one timeout for all redirects together', async () => {
    let asked = 0;
    const answer = (_: IncomingMessage, response: ServerResponse) => {
      asked += 1;
      setTimeout(() => response.writeHead(302, { location: `/${asked}` }).end(), 80);
    };
    const result = await ask(`http://127.0.0.1:${await portOf(createServer(answer))}/`, 300);
    expect([result.ok, result.detail]).toEqual([false, 'no answer in 300 ms']);
    expect(asked).toBeLessThan(6);
  });

  it.each([
    ['that answers with another status', 503, Buffer.alloc(0), 'HTTP 503'],
    ['that answers more than a status needs', 200, Buffer.alloc(2_000, 8), 'answer too long'],
  ])('gRPC %s', async (_, status, body, detail) => {
    const server = createHttp2Server();
    server.on('stream', stream => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': status, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(body);
    });
    expect(await ask(`grpc://127.0.0.1:${await portOf(server)}`, 1_000)).toMatchObject({ ok: false, detail });
  });
});
