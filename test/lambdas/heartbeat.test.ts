import { describe, expect, it } from 'vitest';
import { hear } from '../../core/incidents/alert.ts';
import { signalOfBreach } from '../../core/incidents/signal.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

type Story = ReturnType<typeof pathStory>;

async function tell(s: Story, ...lines: readonly string[]) {
  await s.ingest(s.logs(...lines));
  await s.fold();
}

const beat = (s: Story, second: number, changes: Readonly<Record<string, unknown>> = {}) =>
  lineOf('heartbeat', { eventId: `h${second}`, tsEvent: s.iso(second), tsSent: s.iso(second), ...changes });

const states = (s: Story) => s.topics.published.map(({ alarm, state }) => `${alarm} ${state}`);

describe('heartbeat: silence', () => {
  it('says a death once, dated at the missed deadline, and the return', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    for (const second of [20, 60, 120, 180]) await s.at(second).sweep();
    expect(s.topics.published).toMatchObject([
      {
        alarm: 'heartbeat-missing',
        state: 'ALARM',
        dimensions: { Strategy: 's1' },
        atMs: Date.parse(s.iso(25)),
        sinceMs: Date.parse(s.iso(0)),
        value: 60,
        limit: 25,
      },
    ]);
    await tell(s.at(200), beat(s, 199));
    await s.at(240).sweep();
    await tell(s.at(241), beat(s, 241));
    await s.at(250).sweep();
    expect(states(s)).toEqual(['heartbeat-missing ALARM', 'heartbeat-missing OK']);
  });

  it('pages nobody for a bot that said that it stops, or was never heard', async () => {
    const s = pathStory();
    await s.at(600).sweep();
    await tell(s.at(600), beat(s, 600, { status: 'stopping' }));
    await s.at(1_200).sweep();
    expect(s.topics.published).toEqual([]);
  });

  it('lets two sweeps at once say the same', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    s.at(60);
    await Promise.all([s.sweep(), s.sweep()]);
    expect(new Set(s.topics.published.map(({ atMs, state }) => `${state} ${atMs}`)).size).toBe(1);
    await s.at(120).sweep();
    expect(s.topics.published.length).toBeLessThanOrEqual(2);
  });

  it('says the death again when the first saying failed', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    const publish = s.topics.publish;
    s.topics.publish = () => Promise.reject(new Error('throttled'));
    await expect(s.at(60).sweep()).rejects.toThrow('throttled');
    s.topics.publish = publish;
    await s.at(120).sweep();
    expect(states(s)).toEqual(['heartbeat-missing ALARM']);
  });

  it('is not fooled by a bot whose clock runs ahead', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 7_200));
    await s.at(60).sweep();
    expect(states(s)).toEqual(['heartbeat-missing ALARM']);
  });

  it('publishes age, liveness, readiness, startup and what the process uses, while it is fresh', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0, { status: 'starting', resources: { cpuPercent: 12 } }));
    await s.at(20).sweep();
    expect([s.emitted('Liveness'), s.emitted('Readiness'), s.emitted('CpuUsage')]).toEqual([[1], [0], [12]]);
    await s.at(60).sweep();
    expect([s.emitted('Liveness'), s.emitted('Readiness'), s.emitted('CpuUsage')]).toEqual([[1, 0], [0], [12]]);
  });
});

describe('heartbeat: probes', () => {
  const probed = { bots: [{ id: 's1', probes: { liveness: { url: 'http://127.0.0.1:1/healthz', failureThreshold: 2 } } }] };

  it('flips after consecutive failures and back with one success', async () => {
    const s = pathStory(probed);
    await tell(s.at(0), beat(s, 0));
    const fine = { ok: true, tookMs: 1, detail: 'HTTP 200' };
    const bad = { ok: false, tookMs: 1, detail: 'no connection' };
    s.probes.push(fine, bad, fine, bad, bad, bad, fine);
    for (let second = 1; second <= 7; second++) await s.at(second).sweep();
    expect(s.emitted('Liveness')).toEqual([1, 1, 1, 1, 0, 0, 1]);
  });
});

describe('heartbeat: gauges and limits', () => {
  const fill = (s: Story, id: string, side: string, px: string, second: number) =>
    lineOf('execution', {
      execId: id,
      eventId: id,
      side,
      lastQty: '10',
      lastPx: px,
      settlCurrency: 'USDT',
      tsEvent: s.iso(second),
      transactTime: s.iso(second),
    });

  it('publishes the gauges of a quiet strategy every minute', async () => {
    const s = pathStory();
    await tell(s.at(0), lineOf('account', { equity: '10000' }));
    for (const second of [60, 120, 600]) await s.at(second).sweep();
    expect(s.emitted('Equity')).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  it('lets a session loss end with its day, and clears its breach', async () => {
    const s = pathStory();
    await tell(s.at(0), lineOf('account', { equity: '10000' }), fill(s, 'x1', 'buy', '100', 1), fill(s, 'x2', 'sell', '85', 2));
    expect(states(s)).toEqual(['session-loss ALARM']);
    await s.at(60).sweep();
    expect(s.emitted('SessionPnl').at(-1)).toBe(-150);
    const nextDay = 86_400;
    await s.at(nextDay).sweep();
    expect(s.emitted('SessionPnl').at(-1)).toBe(0);
    await s.at(nextDay + 60).sweep();
    expect(states(s)).toEqual(['session-loss ALARM', 'session-loss OK']);
  });
});

describe('heartbeat: lost lines', () => {
  it('says a hole in the numbers once, after the allowance, and its end when it is filled; drift and clocks are told apart from it', async () => {
    const s = pathStory();
    const source = { system: 'bot', instanceId: 'a' };
    const numbered = (second: number, seq: number) => beat(s, second, { seq, source });
    await tell(s.at(0), numbered(0, 1), numbered(1, 2));
    await tell(s.at(10), numbered(10, 5));
    for (let second = 20; second <= 300; second += 20) {
      await tell(s.at(second), numbered(second, 5 + second / 20));
      await s.sweep();
    }
    expect(states(s)).toEqual([]);
    for (const second of [320, 340, 360]) {
      await tell(s.at(second), numbered(second, 5 + second / 20));
      await s.sweep();
    }
    expect(s.topics.published).toMatchObject([{ alarm: 'sequence-gap', state: 'ALARM', dimensions: { Strategy: 's1' }, value: 2 }]);
    await tell(s.at(361), numbered(3, 3), numbered(4, 4));
    await s.at(365).sweep();
    expect(states(s)).toEqual(['sequence-gap ALARM', 'sequence-gap OK']);
  });

  it.each([
    ['code-drift', (n: number) => ({ gitSha: n % 2 === 0 ? 'a1b2c3d' : 'd4e5f6a' }), 5],
    ['config-drift', (n: number) => ({ configHash: n % 2 === 0 ? 'one' : 'two' }), 5],
    ['clock-wrong', () => ({ clockOffsetUs: -700_000 }), 3],
  ])('%s is an alarm of its own, after its minutes', async (alarm, changes, minutes) => {
    const s = pathStory();
    for (let minute = 0; minute < minutes + 1; minute++) {
      const second = 60 * minute;
      const lines = [0, 1].map(n => beat(s, second + n, { source: { system: 'bot', instanceId: `i${n}` }, ...changes(n) }));
      await tell(s.at(second + 2), ...lines);
      await s.sweep();
      expect(states(s)).toEqual(minute + 1 < minutes ? [] : [`${alarm} ALARM`]);
    }
  });
});

describe('heartbeat: forgotten recoveries', () => {
  it('says a recovery again that never reached the incident', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    await s.at(60).sweep();
    const [death] = s.topics.published;
    const opened = hear(undefined, signalOfBreach(death!)).alert;
    await s.alerts.save(opened, 0);
    await tell(s.at(70), beat(s, 70));
    await s.at(80).sweep();
    expect(states(s)).toEqual(['heartbeat-missing ALARM', 'heartbeat-missing OK']);
    await tell(s.at(300), beat(s, 300));
    await s.at(300).sweep();
    expect(states(s)).toEqual(['heartbeat-missing ALARM', 'heartbeat-missing OK', 'heartbeat-missing OK']);
    const again = s.topics.published.at(-1)!;
    expect(again).toMatchObject({ alarm: 'heartbeat-missing', state: 'OK' });
    expect(hear(opened, signalOfBreach(again)).reason).toBe('allCleared');
  });

  it('leaves incidents alone that still fire', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    await s.at(60).sweep();
    const [death] = s.topics.published;
    await s.alerts.save(hear(undefined, signalOfBreach(death!)).alert, 0);
    await s.at(300).sweep();
    expect(s.topics.published).toHaveLength(1);
  });
});
