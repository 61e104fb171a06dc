import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HeartbeatOptions, startHeartbeat } from '../../bot/index.ts';

type Beat = Parameters<HeartbeatOptions['emitter']['heartbeat']>[0];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(options: Partial<HeartbeatOptions> = {}) {
  const beats: Beat[] = [];
  const emitter = { heartbeat: (beat: Beat) => String(beats.push(beat)) };
  const loopLag = { read: () => 1.5, stop: () => {} };
  const heartbeat = startHeartbeat({ emitter, resources: () => ({ cpuPercent: 3 }), loopLag, ...options });
  return { beats, heartbeat, statuses: () => beats.map(({ status }) => status) };
}

describe('a heartbeat', () => {
  it('says starting at once, then ok each interval', () => {
    const { statuses } = start({ intervalMs: 5000 });
    vi.advanceTimersByTime(15_000);
    expect(statuses()).toEqual(['starting', 'ok', 'ok', 'ok']);
  });

  it('says stopping once when it is stopped, and no more', () => {
    const { statuses, heartbeat } = start();
    heartbeat.stop();
    heartbeat.stop();
    vi.advanceTimersByTime(60_000);
    expect(statuses()).toEqual(['starting', 'stopping']);
  });

  it('carries what the bot and the process say', () => {
    const { beats, heartbeat } = start({ component: 'trader', describe: () => ({ status: 'degraded', openOrders: 3 }) });
    heartbeat.beat();
    expect(beats.at(-1)).toMatchObject({
      component: 'trader',
      intervalMs: 10_000,
      status: 'degraded',
      openOrders: 3,
      loopLagMs: 1.5,
      resources: { cpuPercent: 3 },
    });
  });

  it('beats on when the bot cannot describe itself', () => {
    const { beats, heartbeat } = start({
      describe: () => {
        throw new Error('lost');
      },
    });
    heartbeat.beat();
    expect(beats.at(-1)!.status).toBe('degraded');
  });
});
