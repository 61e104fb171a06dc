/** Real time, real bundles, real processes: who is found dead, when, by which path; and who must not be. About seven minutes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStack } from '../../bin/start/open-stack.ts';
import {
  createEmitter,
  type Emitter,
  type HealthServer,
  type RunningHeartbeat,
  startHealthServer,
  startHeartbeat,
} from '../../bot/index.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { detectionOf } from '../../core/health/detection.ts';
import type { LocalStack } from '../../local/stack.ts';

const beats = { intervalSeconds: 5, graceSeconds: 10, via: 'direct' };
const quiet = ['stops', 'closed', 'deployed', 'paused'];

interface Heard {
  readonly alarm: string;
  readonly state: string;
  readonly atMs: number;
}

let config: NightdeskConfig;
let stack: LocalStack;
let running: Promise<void>;
let paper: ChildProcess;
let health: HealthServer;
let isHanging = false;
let killedMs = 0;
let lastBeatMs = 0;
const heard: Heard[] = [];
const hearts: RunningHeartbeat[] = [];
/** Bots whose process is as good as gone: nothing of theirs arrives any more, not even a goodbye. */
const gone = new Set<string>();

const append = (bot: string, line: string) => stack.logs.append(`/nightdesk/e2e/${bot}`, 'main', stack.clock.now(), line);

function botOf(id: string): { readonly emitter: Emitter; readonly heart: RunningHeartbeat } {
  const source = { system: 'e2e', instanceId: `${id}-1` };
  const emitter = createEmitter({
    strategyId: id,
    accountId: 'a',
    source,
    environment: 'paper',
    now: stack.clock.now,
    write: line => {
      if (!gone.has(id)) append(id, line);
    },
  });
  const beating = startHeartbeat({ emitter, intervalMs: 5_000, resources: () => ({}) });
  // Its feed goes silent with it.
  const feed = setInterval(() => void emitter.marketData({ feed: 'trades', messages: 10 }), 5_000);
  const stop = () => {
    clearInterval(feed);
    beating.stop();
  };
  const heart = { ...beating, stop };
  hearts.push(heart);
  return { emitter, heart };
}

const control = (emitter: Emitter, action: 'deploy' | 'pause' | 'closeMarket') =>
  emitter.control({ action, actor: 'e2e', reason: 'story' });
const seconds = (count: number) => new Promise(resolve => setTimeout(resolve, count * 1_000));
const pagesOf = (name: string) => heard.filter(({ alarm, state }) => state === 'ALARM' && alarm.endsWith(`-${name}`));

beforeAll(async () => {
  health = await startHealthServer({ port: 0, host: '127.0.0.1', readiness: () => !isHanging });
  const parsed = parseConfig({
    stage: 'e2e',
    bots: [
      { id: 'killed', heartbeat: beats },
      ...quiet.map(id => ({ id, heartbeat: beats })),
      {
        id: 'hangs',
        heartbeat: beats,
        limits: { orderAgeSeconds: 60 },
        probes: { readiness: { url: `http://127.0.0.1:${health.port}/ready`, failureThreshold: 1 } },
      },
    ],
    channels: { slack: { kind: 'slack', webhook: { secretName: 'e2e/slack' } } },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  config = parsed.value;
  const options = { sends: false, deliverySeconds: 1 } as Parameters<typeof openStack>[1];
  const io = {
    stdout: () => undefined,
    stderr: (text: string) => void process.stderr.write(text),
    env: {},
    cwd: process.cwd(),
    isTty: false,
  };
  stack = await openStack({ config, startMs: Date.now(), speed: 1, port: 0 }, options, io as unknown as Parameters<typeof openStack>[2]);
  stack.observe({
    onNotification: entry => void heard.push({ alarm: entry.alarm ?? '', state: entry.state ?? '', atMs: stack.clock.now() }),
  });
  stack.begin();
  running = stack.clock.run();
  const main = join(import.meta.dirname, '../../dist/examples/paper-bot/main.js');
  paper = spawn(process.execPath, [main, '--realtime', '--bar-seconds', '1', '--strategy', 'killed'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: paper.stdout! }).on('line', line => {
    if (line.includes('"eventType":"heartbeat"')) lastBeatMs = stack.clock.now();
    append('killed', line);
  });
}, 120_000);

afterAll(async () => {
  for (const heart of hearts) heart.stop();
  paper?.kill('SIGKILL');
  await health?.close();
  stack?.clock.stop();
  await running;
  await stack?.close();
}, 60_000);

describe('bots in real time', () => {
  it('live through two sweeps without a page', async () => {
    const [stops, closed, deployed, paused, hangs] = [...quiet, 'hangs'].map(botOf);
    const order = {
      clOrdId: 'o1',
      instrumentId: 'BTC-USD',
      venue: 'v',
      side: 'buy',
      ordType: 'limit',
      orderQty: '1',
      ordStatus: 'new',
      cumQty: '0',
      leavesQty: '1',
    } as const;
    hangs!.emitter.order({ ...order, execType: 'new' });
    await expect.poll(() => stack.counts.get('heartbeat')!.invocations, { timeout: 150_000, interval: 1_000 }).toBeGreaterThan(1);
    expect(stack.counts.get('timer')!.invocations).toBeGreaterThan(0);
    expect(heard.filter(({ state }) => state === 'ALARM')).toEqual([]);
    // From here on each goes its way.
    paper.kill('SIGKILL');
    killedMs = stack.clock.now();
    stops!.heart.stop();
    control(closed!.emitter, 'closeMarket');
    control(deployed!.emitter, 'deploy');
    control(paused!.emitter, 'pause');
    await seconds(1);
    for (const id of ['closed', 'deployed', 'paused']) gone.add(id);
    isHanging = true;
    setTimeout(() => gone.delete('deployed'), 120_000).unref();
  }, 180_000);

  it('that are killed are paged by the fast path within grace and two seconds of the missed beat', async () => {
    await expect.poll(() => pagesOf('killed').length, { timeout: 60_000, interval: 100 }).toBeGreaterThan(0);
    const deadline = lastBeatMs + (beats.intervalSeconds + beats.graceSeconds) * 1_000;
    const late = pagesOf('killed')[0]!.atMs - deadline;
    process.stderr.write(
      `fast path: ${((pagesOf('killed')[0]!.atMs - killedMs) / 1_000).toFixed(1)} s after SIGKILL, ${(late / 1_000).toFixed(2)} s after the deadline\n`,
    );
    expect(late).toBeLessThanOrEqual(2_000);
    expect(pagesOf('killed')[0]!.atMs - lastBeatMs).toBeLessThanOrEqual(detectionOf(config)[0]!.fastSeconds * 1_000);
  }, 90_000);

  it('that are killed are found by CloudWatch’s alarm within its printed bound, in the same incident', async () => {
    const fired = () => stack.alarms.history('e2e-heartbeat-missing-killed').find(({ to, atMs }) => to === 'ALARM' && atMs > killedMs);
    const bound = detectionOf(config)[0]!.cloudWatchSeconds!;
    await expect.poll(fired, { timeout: (bound + 30) * 1_000, interval: 1_000 }).toBeDefined();
    const took = (fired()!.atMs - lastBeatMs) / 1_000;
    process.stderr.write(`CloudWatch path: ${took.toFixed(0)} s after the last heartbeat, bound ${bound} s\n`);
    expect(took).toBeLessThanOrEqual(bound);
    expect(pagesOf('killed')).toHaveLength(1);
  }, 480_000);

  it('that hang while their process lives are found by readiness and by inactivity', async () => {
    await expect
      .poll(
        () =>
          pagesOf('hangs')
            .map(({ alarm }) => alarm)
            .sort(),
        { timeout: 360_000, interval: 1_000 },
      )
      .toEqual(expect.arrayContaining([expect.stringContaining('not-ready'), expect.stringContaining('orders-stopped')]));
    expect(stack.alarms.history('e2e-heartbeat-missing-hangs').filter(({ to }) => to === 'ALARM')).toEqual([]);
  }, 400_000);

  it.each(quiet)('whose silence is excused page nobody: %s', name => {
    expect(pagesOf(name)).toEqual([]);
    expect(stack.alarms.history(`e2e-heartbeat-missing-${name}`).filter(({ to }) => to === 'ALARM')).toEqual([]);
  });
});
