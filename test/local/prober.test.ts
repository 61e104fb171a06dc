/** The prober as it deploys: its bundle, its role and its caller's, against targets on this machine that mean well and that do not. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import type { ProbeState } from '../../core/health/probe-state.ts';
import { synthesize } from '../../lib/synth.ts';
import { rank } from '../../local/clock.ts';
import type { LocalStack } from '../../local/stack.ts';
import { lineOf } from '../events/lines-of.ts';
import { startMs, startTestStack } from './local-stack.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightdesk-prober-'));
const servers: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();
const stacks: LocalStack[] = [];
const seen: string[] = [];

async function listening(server: Server | TcpServer): Promise<string> {
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  servers.push(server);
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const http = async (listener: RequestListener) => `http://${await listening(createServer(listener))}/`;
const raw = async (onSocket: (socket: Socket) => void) =>
  `http://${await listening(
    createTcpServer(socket => {
      socket.on('error', () => undefined);
      onSocket(socket);
    }),
  )}/`;

async function targets(): Promise<Readonly<Record<string, string>>> {
  const fine = await http((request, response) => {
    seen.push(`${request.method} ${request.headers['user-agent']}`);
    response.end('ok');
  });
  return {
    inside: fine,
    outside: `tcp://${await listening(createTcpServer())}`,
    endless: await http((_, response) => {
      const more = () => void (response.destroyed || response.write(Buffer.alloc(65_536), more));
      more();
    }),
    drip: await raw(socket => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    }),
    headers: await raw(socket => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)),
    loop: await http((request, response) => void response.writeHead(302, { location: `${request.url}x` }).end()),
    silent: await raw(() => undefined),
    // A name to the socket, which the resolver turns into 169.254.169.254: as a name that is bound anew.
    metadata: 'tcp://2852039166:80',
    rebound: 'tcp://2130706433:9001',
    private: 'tcp://167772161:80',
  };
}

const hangs = ['drip', 'silent'];
const vantage: Readonly<Record<string, string>> = { inside: 'vpc', metadata: 'vpc', rebound: 'vpc' };

/** Of a name that no resolver has to ask anybody about: its label is too long. */
const nowhere = (letter: string) => `tcp://${letter.repeat(64)}.example:1`;

/** Synthesizes a stage with a probe for each of these targets. */
function synthesized(assembly: string, urls: Readonly<Record<string, string>>, more: object = {}): void {
  const parsed = parseConfig({
    bots: Object.entries(urls).map(([id, url]) => ({
      id,
      probes: { liveness: { url, timeoutMs: hangs.includes(id) ? 400 : 10_000, failureThreshold: 1 }, from: vantage[id] ?? 'internet' },
    })),
    probeVpc: { subnetIds: ['subnet-01234567'], securityGroupIds: ['sg-01234567'] },
    channels: { slack: { kind: 'slack', webhook: { secretName: 'nightdesk/slack' } } },
    ...more,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const setting = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'false';
  synthesize(parsed.value, join(dir, assembly));
  process.env['CDK_VALIDATION'] = setting;
}

beforeAll(async () => {
  const urls = await targets();
  synthesized('whole', urls);
  synthesized('refused', { inside: urls['inside']!, drip: urls['drip']! });
  synthesized('cut-off', { alone: nowhere('a') }, { probeControls: { internet: nowhere('b') } });
  synthesized('gone', { alone: nowhere('a') }, { probeControls: { internet: urls['outside'] } });
}, 120_000);

afterAll(async () => {
  for (const stack of stacks) await stack.close();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function running(assembly: string, minutes: number, bots: readonly string[]): Promise<LocalStack> {
  const stack = await startTestStack({ assemblyDir: join(dir, assembly), deliverySeconds: 1 });
  stacks.push(stack);
  stack.begin();
  for (let second = 0; second <= minutes * 60; second += 40)
    for (const bot of bots)
      stack.clock.at(startMs + second * 1_000, rank.input, () => {
        const time = {
          tsEvent: new Date(startMs + second * 1_000).toISOString(),
          tsSent: new Date(startMs + second * 1_000).toISOString(),
        };
        stack.logs.append(
          `/nightdesk/demo/${bot}`,
          'main',
          stack.clock.now(),
          lineOf('heartbeat', { strategyId: bot, eventId: `${bot}-${second}`, ...time }),
        );
      });
  await stack.clock.run(startMs + minutes * 60_000 + 1_000);
  return stack;
}

function probeOf(stack: LocalStack, bot: string): ProbeState | undefined {
  const [table] = [...stack.tables.values()];
  const item = [...table!.all()].find(({ pk, sk }) => JSON.stringify([pk, sk]) === JSON.stringify([{ S: `BOT#${bot}` }, { S: 'HEALTH' }]));
  return (JSON.parse((item!['value'] as { S: string }).S) as { probes: { liveness?: ProbeState } }).probes.liveness;
}

describe('probes through the prober’s bundle', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await running('whole', 1, []);
  }, 120_000);

  it('run in two functions, each asked by the sweep', () => {
    expect(stack.counts.get('vpc-prober')).toMatchObject({ invocations: 1, errors: 0 });
    expect(stack.counts.get('prober')).toMatchObject({ invocations: 1, errors: 0 });
    expect(stack.counts.get('heartbeat')).toMatchObject({ errors: 0 });
    expect(seen).toEqual(['GET nightdesk-probe']);
    const notes = stack.logs.search({ group: '/nightdesk/demo-functions/vpc-prober', limit: 10 }).map(({ message }) => message);
    expect(notes).toContain('In AWS it runs in subnet-01234567; here it uses the network of this machine.');
  });

  it.each([
    ['inside', true, 'HTTP 200', ['connect', 'firstByte'], undefined],
    ['outside', true, 'connected', ['connect'], undefined],
    ['endless', true, 'HTTP 200', ['connect', 'firstByte'], undefined],
    ['loop', true, 'HTTP 302', ['connect', 'firstByte'], undefined],
    ['drip', false, 'no answer in 400 ms', ['connect', 'firstByte'], 'firstByte'],
    ['silent', false, 'no answer in 400 ms', ['connect', 'firstByte'], 'firstByte'],
    ['headers', false, 'headers too large', ['connect', 'firstByte'], 'firstByte'],
    ['metadata', false, 'address is link-local: metadata services are never asked', ['dns'], 'dns'],
    ['rebound', false, 'name leads to the prober itself', ['dns'], 'dns'],
    ['private', false, 'name leads to a private address, which is asked from a VPC only (probeVpc)', ['dns'], 'dns'],
  ])('%s: ok is %s, %s', (bot, ok, detail, phases, failedIn) => {
    const { last, ...state } = probeOf(stack, bot)!;
    expect([state.ok, last?.detail, Object.keys(last?.phases ?? {}), last?.failedIn]).toEqual([ok, detail, phases, failedIn]);
    expect(last!.tookMs).toBeLessThan(10_000);
  });
});

/** Takes the sweep's right to invoke a prober out of the assembly. */
function withoutGrant(): string {
  for (const file of readdirSync(join(dir, 'refused')).filter(name => name.endsWith('.template.json'))) {
    const path = join(dir, 'refused', file);
    const template = JSON.parse(readFileSync(path, 'utf8')) as { readonly Resources: Readonly<Record<string, unknown>> };
    const resources = Object.entries(template.Resources).map(([id, resource]) => {
      const text = JSON.stringify(resource);
      return [
        id,
        id.startsWith('heartbeat') ? (JSON.parse(text.replace('lambda:InvokeFunction', 'lambda:GetFunction')) as unknown) : resource,
      ];
    });
    writeFileSync(path, JSON.stringify({ ...template, Resources: Object.fromEntries(resources) }));
  }
  return 'refused';
}

describe('a prober that may not be invoked', () => {
  it('is one warning about us, and no page about a bot', async () => {
    const stack = await running(withoutGrant(), 6, ['inside', 'drip']);
    expect([stack.counts.get('prober')!.invocations, stack.counts.get('vpc-prober')!.invocations]).toEqual([0, 0]);
    const [error] = stack.logs
      .search({ group: '/nightdesk/demo-functions/heartbeat', limit: 500 })
      .filter(({ message }) => message.includes('prober failed'));
    expect(JSON.parse(error!.message)).toMatchObject({
      errorName: 'AccessDeniedException',
      errorMessage: expect.stringContaining('lambda:InvokeFunction'),
    });
    expect([probeOf(stack, 'inside'), probeOf(stack, 'drip')]).toEqual([undefined, undefined]);
    const told = stack.outbound.entries().map(({ alarm, state }) => `${alarm} ${state}`);
    expect([...new Set(told)]).toEqual(['demo-probes-blind ALARM']);
  }, 120_000);
});

describe('one bot that its prober does not reach', () => {
  const told = async (assembly: string) => {
    const stack = await running(assembly, 6, ['alone']);
    expect(stack.counts.get('prober')).toMatchObject({ invocations: 6, errors: 0 });
    return [...new Set(stack.outbound.entries().map(({ alarm, state }) => `${alarm} ${state}`))];
  };

  it('is told as our own blindness while the control is not reached either', async () => {
    expect(await told('cut-off')).toEqual(['demo-probes-blind ALARM']);
  }, 120_000);

  it('is told as the bot’s own trouble while the control is reached', async () => {
    expect(await told('gone')).toEqual(['demo-not-live-alone ALARM']);
  }, 120_000);
});
