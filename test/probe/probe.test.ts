import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, Socket, type Server as TcpServer } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isForbidden } from '../../adapters/probe/guard.ts';
import { probe } from '../../adapters/probe/probe.ts';
import { failure } from '../../adapters/probe/result.ts';
import { probeTcp } from '../../adapters/probe/tcp-probe.ts';

const open: { close(): unknown }[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of open.splice(0)) server.close();
});

async function listening(server: Server | Http2Server | TcpServer): Promise<number> {
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return (server.address() as AddressInfo).port;
}

const ask = (url: string, timeoutMs = 1_000) => probe({ url, timeoutMs }, { now: () => performance.now(), vantage: 'internet' });
const http = async (listener: RequestListener, path = '/', timeoutMs?: number) =>
  ask(`http://127.0.0.1:${await listening(createServer(listener))}${path}`, timeoutMs);
const raw = async (onSocket: (socket: Socket) => void, timeoutMs?: number) =>
  ask(
    `http://127.0.0.1:${await listening(
      createTcpServer(socket => {
        socket.on('error', () => undefined);
        onSocket(socket);
      }),
    )}/`,
    timeoutMs,
  );

describe('an HTTP probe', () => {
  it.each([
    [199, false],
    [200, true],
    [204, true],
    [302, true],
    [399, true],
    [400, false],
    [404, false],
    [503, false],
  ])('reads a status of %d as %s', async (status, ok) => {
    const result =
      status === 199
        ? await raw(socket => void socket.end('HTTP/1.1 600 Odd\r\n\r\n'))
        : await http((_, response) => void response.writeHead(status).end());
    expect(result.ok).toBe(ok);
  });

  it('follows redirects on its host, and takes one to another host as an answer', async () => {
    const asked: string[] = [];
    const result = await http((request, response) => {
      asked.push(request.url!);
      if (request.url === '/') response.writeHead(302, { location: '/ready' }).end();
      else response.writeHead(503).end();
    });
    expect([result.ok, result.detail, asked]).toEqual([false, 'HTTP 503', ['/', '/ready']]);
    const away = await http((_, response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end());
    expect([away.ok, away.detail]).toEqual([true, 'HTTP 302']);
  });

  it('ends a loop of redirects after ten, as fine', async () => {
    let count = 0;
    const result = await http((_, response) => {
      count += 1;
      response.writeHead(301, { location: `/${count}` }).end();
    });
    expect([result.ok, count]).toEqual([true, 11]);
  });

  it('tells its phases', async () => {
    const { phases } = await http((_, response) => void response.end('ok'));
    expect(Object.keys(phases ?? {})).toEqual(['connect', 'firstByte']);
  });

  it('is not counted when the trouble is ours', () => {
    const error = (code: string) => Object.assign(new Error(code), { code });
    expect([failure(error('EMFILE'), 1).ours, failure(error('EAI_AGAIN'), 1).ours, failure(error('ECONNREFUSED'), 1).ours]).toEqual([
      true,
      true,
      undefined,
    ]);
  });
});

describe('a hostile target cannot hurt a probe:', () => {
  const within = async (work: Promise<{ ok: boolean; detail: string }>, limitMs: number) => {
    const began = performance.now();
    const { ok, detail } = await work;
    expect(performance.now() - began).toBeLessThan(limitMs);
    return [ok, detail];
  };

  it('an endless body is not read', async () => {
    let sent = 0;
    const result = within(
      http((_, response) => {
        const more = () => {
          sent += 65_536;
          if (!response.destroyed && sent < 100_000_000) response.write(Buffer.alloc(65_536), more);
        };
        more();
      }),
      900,
    );
    expect(await result).toEqual([true, 'HTTP 200']);
    expect(sent).toBeLessThan(50_000_000);
  });

  it('a slow drip of headers ends with the timeout', async () => {
    const drip = raw(socket => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    }, 200);
    expect(await within(drip, 700)).toEqual([false, 'no answer in 200 ms']);
  });

  it('a switch of protocols, or a hang-up, is a failure at once', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n';
    expect(await raw(socket => void socket.write(upgrade), 20_000)).toMatchObject({ ok: false, detail: 'connection reset' });
    const gone = await raw(socket => void socket.destroy(), 5_000);
    expect([gone.ok, gone.failedIn]).toEqual([false, 'firstByte']);
  });

  it('huge headers are refused', async () => {
    expect(
      await within(
        raw(socket => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)),
        900,
      ),
    ).toEqual([false, 'headers too large']);
  });

  it('silence and garbage are failures', async () => {
    expect(
      await within(
        raw(() => undefined, 150),
        700,
      ),
    ).toEqual([false, 'no answer in 150 ms']);
    expect(
      await within(
        raw(socket => void socket.end('SSH-2.0-x\r\n')),
        900,
      ),
    ).toEqual([false, 'no HTTP']);
  });

  it.each([
    'http://169.254.169.254/',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'tcp://169.254.170.2:80',
    'grpc://[fd00:ec2::254]:80',
  ])('%s is not asked', async url => {
    const result = await ask(url);
    expect([result.ok, result.detail]).toEqual([false, 'address is link-local: metadata services are never asked']);
  });

  it.each([
    ['169.254.0.1', true],
    ['100.100.100.200', true],
    ['fe80::1%eth0', true],
    ['::ffff:169.254.169.254', true],
    ['10.0.0.1', false],
    ['127.0.0.1', false],
    ['bot.internal', false],
  ])('%s is forbidden: %s', (address, expected) => {
    expect(isForbidden(address)).toBe(expected);
  });
});

describe('a TCP probe', () => {
  /** Of a host to which the socket never gets; time moves by hand. */
  const asking = (socket: Socket) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    return probeTcp('tcp://192.0.2.1:443', 2_000, { now: () => performance.now(), vantage: 'internet' }, () => socket);
  };

  it('gives up a host that never answers when its time is over, and lets go of the connection', async () => {
    const socket = new Socket();
    const result = asking(socket);
    vi.advanceTimersByTime(1_999);
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await result).toMatchObject({ ok: false, detail: 'no connection in 2000 ms', failedIn: 'connect', unreached: true });
    expect([(await result).ours, socket.destroyed]).toEqual([undefined, true]);
  });

  it('waits for nothing after an answer', async () => {
    const socket = new Socket();
    const result = asking(socket);
    socket.emit('connect');
    expect([(await result).ok, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('is fine when the connection opens, and not when it is refused', async () => {
    const port = await listening(createTcpServer());
    expect((await ask(`tcp://127.0.0.1:${port}`)).ok).toBe(true);
    open.pop()!.close();
    expect(await ask(`tcp://127.0.0.1:${port}`)).toMatchObject({ ok: false, detail: 'connection refused' });
  });
});

describe('a gRPC health probe', () => {
  /** Answers with a status of the health service, and remembers which service was asked for. */
  async function grpc(answer: { readonly status?: number; readonly grpc?: string; readonly hangs?: true }, service = '') {
    let asked = '';
    const server = createHttp2Server();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
        asked = `${headers[':path']} ${chunk.subarray(7).toString()}`;
      });
      stream.on('end', () => {
        if (answer.hangs) return;
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': answer.grpc ?? '0' }));
        const message = answer.status === undefined ? Buffer.alloc(0) : Buffer.from([8, answer.status]);
        stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
      });
    });
    const result = await ask(`grpc://127.0.0.1:${await listening(server)}/${service}`, 400);
    return { result, asked };
  }

  it.each([
    [{ status: 1 }, true, 'SERVING'],
    [{ status: 2 }, false, 'NOT_SERVING'],
    [{}, false, 'UNKNOWN'],
    [{ grpc: '12' }, false, 'gRPC status 12'],
    [{ hangs: true as const }, false, 'no answer in 400 ms'],
  ])('%j reads %s, %s', async (answer, ok, detail) => {
    expect((await grpc(answer)).result).toMatchObject({ ok, detail });
  });

  it('asks for one service by name', async () => {
    expect((await grpc({ status: 1 }, 'trader')).asked).toBe('/grpc.health.v1.Health/Check trader');
  });
});
