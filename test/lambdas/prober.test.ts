import { describe, expect, it } from 'vitest';
import type { ProbeTarget } from '../../core/config/types.ts';
import { inTurn, PROBER_BUDGET_MS, PROBER_TIMEOUT_SECONDS, PROBER_WAIT_MS } from '../../core/health/probe-call.ts';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import { AT_ONCE, runProbes } from '../../lambdas/prober/prober.ts';

const config = (timeoutMs: number): ProbeTarget => ({ url: 'tcp://bot:1', timeoutMs });

/** Bots whose probes take so long, on a clock that the probes move; who was begun when, and how many ran at once. */
function stage(
  bots: Readonly<Record<string, { readonly timeoutMs?: number; readonly takesMs: number; readonly result?: Partial<ProbeResult> }>>,
) {
  let nowMs = 0;
  const waiting: { readonly at: number; readonly wake: () => void }[] = [];
  const began: Record<string, number> = {};
  let running = 0;
  let most = 0;
  const byConfig = new Map<ProbeTarget, string>();
  const known = Object.entries(bots).map(([id, { timeoutMs = 2_000 }]) => {
    const liveness = config(timeoutMs);
    byConfig.set(liveness, id);
    return { id, probes: { liveness } };
  });
  const tools = {
    bots: known,
    now: () => 0,
    elapsed: () => nowMs,
    probe: async (probe: ProbeTarget): Promise<ProbeResult> => {
      const id = byConfig.get(probe)!;
      const { takesMs, result } = bots[id]!;
      began[id] = nowMs;
      most = Math.max(most, ++running);
      await new Promise<void>(wake => void waiting.push({ at: nowMs + takesMs, wake }));
      running--;
      return { ok: true, tookMs: takesMs, detail: 'connected', ...result };
    },
  };
  const run = async (event: unknown) => {
    const done = runProbes(event, tools);
    let isDone = false;
    void done.finally(() => (isDone = true)).catch(() => undefined);
    for (;;) {
      for (let turns = 0; turns < 20; turns++) await Promise.resolve();
      if (isDone || waiting.length === 0) return done;
      waiting.sort((a, b) => a.at - b.at);
      const next = waiting.shift()!;
      nowMs = Math.max(nowMs, next.at);
      next.wake();
    }
  };
  return { run, began, most: () => most, nowMs: () => nowMs };
}

const many = (count: number, takesMs: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`b${index}`, { takesMs }]));
const asking = (...ids: readonly string[]) => ({ schemaVersion: 1, probes: ids.map(bot => ({ bot, name: 'liveness' })) });

describe('the prober', () => {
  it('asks only so many at once', async () => {
    const bots = many(200, 10);
    const s = stage(bots);
    expect((await s.run(asking(...Object.keys(bots)))).results).toHaveLength(200);
    expect([s.most(), s.nowMs()]).toEqual([AT_ONCE, 40]);
  });

  it('ends within its time however many targets hang, and leaves out what it did not ask', async () => {
    const bots = many(2_000, 2_000);
    const s = stage(bots);
    const { results } = await s.run(asking(...Object.keys(bots)));
    expect(s.nowMs()).toBeLessThanOrEqual(PROBER_BUDGET_MS);
    expect(results).toHaveLength(AT_ONCE * 16);
  });

  it('begins no probe that does not fit, and the longest first', async () => {
    const s = stage({ ...many(AT_ONCE, 31_000), long: { timeoutMs: 30_000, takesMs: 30_001 } });
    const { results } = await s.run(asking(...Object.keys({ ...many(AT_ONCE, 0), long: 0 })));
    expect(s.began['long']).toBe(0);
    expect(results).toHaveLength(AT_ONCE);
  });

  it('says that it was held up itself when a timeout strikes late', async () => {
    const failed = (tookMs: number) => ({ takesMs: 1, result: { ok: false, tookMs, detail: 'no connection in 2000 ms' } });
    const { results } = await stage({ intime: failed(2_010), late: failed(2_900) }).run(asking('intime', 'late'));
    expect(results.map(({ bot, ours }) => [bot, ours])).toEqual(
      expect.arrayContaining([
        ['intime', undefined],
        ['late', true],
      ]),
    );
  });

  it('is not hurt by a probe that breaks', async () => {
    const probes = { liveness: config(1_000), readiness: config(1_000) };
    const probe = (asked: ProbeTarget) =>
      asked === probes.liveness ? Promise.reject(new URIError('malformed')) : Promise.resolve({ ok: true, tookMs: 1, detail: '' });
    const event = {
      schemaVersion: 1,
      probes: [
        { bot: 'a', name: 'liveness' },
        { bot: 'a', name: 'readiness' },
      ],
    };
    const { results } = await runProbes(event, { bots: [{ id: 'a', probes }], probe, now: () => 0, elapsed: () => 0 });
    expect(results).toMatchObject([{ ok: false, ours: true, detail: 'URIError' }, { ok: true }]);
  });

  it('asks its control first, beside whatever is asked, and hands it back by itself', async () => {
    const asked: ProbeTarget[] = [];
    const [control, liveness] = [config(2_000), config(30_000)];
    const probe = (target: ProbeTarget) => {
      asked.push(target);
      return target === control ? Promise.reject(new Error('lost')) : Promise.resolve({ ok: true, tookMs: 1, detail: '' });
    };
    const tools = { bots: [{ id: 'a', probes: { liveness } }], control, probe, now: () => 0, elapsed: () => 0 };
    const answer = await runProbes(asking('a'), tools);
    expect(asked).toEqual([control, liveness]);
    expect(answer).toMatchObject({ results: [{ bot: 'a', ok: true }], control: { ok: false, ours: true } });
  });

  it('leaves out what its config does not know', async () => {
    const event = {
      schemaVersion: 1,
      probes: [
        { bot: 'gone', name: 'liveness' },
        { bot: 'a', name: 'startup' },
        { bot: 'a', name: 'liveness' },
      ],
    };
    expect((await stage({ a: { takesMs: 1 } }).run(event)).results.map(({ bot, name }) => `${bot} ${name}`)).toEqual(['a liveness']);
  });

  it.each([
    [null],
    [{}],
    [{ schemaVersion: 2, probes: [] }],
    [{ schemaVersion: 1, probes: [{ url: 'http://169.254.169.254/' }] }],
    [{ schemaVersion: 1, probes: [{ bot: 'a', name: 'toString' }] }],
  ])('refuses %j', async event => {
    await expect(stage({ a: { takesMs: 1 } }).run(event)).rejects.toThrow('InvalidRequest');
  });

  it('has its limits in order: its own end, the wait for it, its timeout, the sweep’s', () => {
    const limits = [30_000, PROBER_BUDGET_MS, PROBER_WAIT_MS, PROBER_TIMEOUT_SECONDS * 1_000, 50_000];
    expect(limits).toEqual([...limits].sort((a, b) => a - b));
  });
});

describe('turns', () => {
  it('begin with another probe each minute, so that each is first at some time', () => {
    const probes = Array.from({ length: 60 }, (_, id) => ({ id, timeoutMs: 1_000 }));
    const firsts = Array.from({ length: 60 }, (_, minute) => inTurn(probes, minute * 60_000)[0]!.id);
    expect(new Set(firsts).size).toBe(60);
    expect(
      inTurn(probes, 60_000)
        .map(({ id }) => id)
        .sort((a, b) => a - b),
    ).toEqual(probes.map(({ id }) => id));
    expect(inTurn([], 60_000)).toEqual([]);
  });
});
