/** What several sweeps, a slow sayer and a store in conflict make of a death, and what is not judged of bots that are gone or excused. */
import { describe, expect, it } from 'vitest';
import { hear } from '../../core/incidents/alert.ts';
import { signalOfBreach } from '../../core/incidents/signal.ts';
import { lineOf } from '../events/lines-of.ts';
import { pathStory, startMs } from './path-story.ts';

type Story = ReturnType<typeof pathStory>;

const heartbeat = { intervalSeconds: 10, graceSeconds: 15, deliverySeconds: 0, deployGraceSeconds: 30 };
const two = { bots: ['s1', 's2'].map(id => ({ id, heartbeat })) };

async function tell(s: Story, ...lines: readonly string[]) {
  await s.ingest(s.logs(...lines));
  await s.fold();
}

const beat = (s: Story, second: number, changes: Readonly<Record<string, unknown>> = {}) =>
  lineOf('heartbeat', { eventId: `h${second}${JSON.stringify(changes)}`, tsEvent: s.iso(second), tsSent: s.iso(second), ...changes });
const control = (s: Story, second: number, action: string) =>
  lineOf('control', { eventId: `c${second}`, tsEvent: s.iso(second), tsSent: s.iso(second), action, actor: 'ops', reason: 'story' });
/** Two instances of one bot that run different code. */
const drift = (s: Story, second: number) =>
  ['a', 'b'].map(id => beat(s, second, { source: { system: 'bot', instanceId: id }, gitSha: `${id}1b2c3d` }));
const states = (s: Story) => s.topics.published.map(({ alarm, state }) => `${alarm} ${state}`);
const versionOf = async (s: Story, pk: string) => Number((await s.table.get({ pk, sk: 'HEALTH' }))?.['version'] ?? 0);
const settled = () => new Promise(resolve => setImmediate(resolve));

describe('a death that somebody has taken on to say', () => {
  it('is left to him for twenty seconds, and said by the next when he does not come to it', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    const publish = s.topics.publish;
    s.topics.publish = () => new Promise(() => undefined);
    void s.at(60).sweep();
    await settled();
    s.topics.publish = publish;
    await s.at(79).sweep();
    expect(states(s)).toEqual([]);
    await s.at(80).sweep();
    expect(states(s)).toEqual(['heartbeat-missing ALARM']);
  });

  it('by the fast timer and was not said fails its delivery, and the chain goes on', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    await s.at(3).sweep();
    s.topics.publish = () => Promise.reject(new Error('throttled'));
    await expect(s.at(26).wake()).rejects.toThrow('throttled');
    expect(s.timer.messages).toHaveLength(2);
  });
});

describe('two sweeps at once', () => {
  it('say the silence of everything once', async () => {
    const s = pathStory(two);
    await tell(s.at(0), beat(s, 0), beat(s, 0, { strategyId: 's2' }));
    s.at(60);
    await Promise.all([s.sweep(), s.sweep(), s.sweep()]);
    expect(states(s)).toEqual(['telemetry-silent ALARM']);
    expect(s.emitted('TelemetrySilent')).toContain(1);
  });

  it('say an alarm of the sweep once, also when the other was faster to remember', async () => {
    const s = pathStory();
    for (let minute = 0; minute < 4; minute++) {
      await tell(s.at(60 * minute + 1), ...drift(s, 60 * minute));
      await s.sweep();
    }
    await tell(s.at(241), ...drift(s, 240));
    const put = s.table.put;
    let isFirst = true;
    s.table.put = async (item, expected) => {
      if (item.pk !== 'BOT#s1' || item.sk !== 'HEALTH' || !isFirst) return put(item, expected);
      isFirst = false;
      return 'conflict';
    };
    await s.sweep();
    s.table.put = put;
    expect([isFirst, states(s)]).toEqual([false, ['code-drift ALARM']]);
    await tell(s.at(301), ...drift(s, 300));
    await s.sweep();
    expect(states(s)).toEqual(['code-drift ALARM']);
  });
});

describe('what is remembered', () => {
  it('is not written again while nothing changes, by the sweep for a bot and by the timer for the fleet', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0));
    await s.at(1).sweep();
    const known = await versionOf(s, 'BOT#s1');
    await tell(s.at(10), beat(s, 10));
    await s.at(19).sweep();
    const fleet = await versionOf(s, 'FLEET');
    await s.at(21).wake();
    expect([await versionOf(s, 'BOT#s1'), await versionOf(s, 'FLEET')]).toEqual([known, fleet]);
    expect([known, fleet].every(version => version > 0)).toBe(true);
  });
});

describe('the heartbeat that stands in for an excused bot', () => {
  const closed = { bots: [{ id: 's1', calendar: 'XLON', heartbeat }] };
  const evening = 4 * 3_600;

  it('is not sent for one that was never heard, nor for one that had died before', async () => {
    const unheard = pathStory(closed);
    await unheard.at(evening).sweep();
    expect(unheard.emitted('HeartbeatCount')).toEqual([]);
    const dead = pathStory(closed);
    await tell(dead.at(600), beat(dead, 600));
    await dead.at(660).sweep();
    await dead.at(evening).sweep();
    expect([states(dead), dead.emitted('HeartbeatCount')]).toEqual([['heartbeat-missing ALARM'], []]);
  });

  it('is sent for a job between its runs', async () => {
    const s = pathStory({ bots: [{ id: 's1', heartbeat: { ...heartbeat, schedule: { expression: 'rate(1 day)' } } }] });
    await tell(s.at(0), beat(s, 0, { status: 'ok' }));
    await s.at(600).sweep();
    expect([s.emitted('HeartbeatCount'), states(s)]).toEqual([[1], []]);
    await s.at(86_400 + 120).sweep();
    await s.at(86_400 + 180).sweep();
    expect([s.emitted('HeartbeatCount'), states(s)]).toEqual([[1], ['heartbeat-missing ALARM']]);
  });
});

describe('alarms of the sweep', () => {
  it('are not judged while the bot is excused', async () => {
    const s = pathStory();
    await tell(s.at(0), control(s, 0, 'pause'));
    for (let minute = 0; minute < 8; minute++) {
      await tell(s.at(60 * minute + 1), ...drift(s, 60 * minute));
      await s.sweep();
    }
    expect(states(s)).toEqual([]);
  });

  const order = (s: Story, second: number, strategyId = 's1') =>
    lineOf('order', {
      eventId: `o${second}${strategyId}`,
      strategyId,
      execType: 'new',
      ordStatus: 'new',
      tsEvent: s.iso(second),
      tsSent: s.iso(second),
    });

  it('are not judged of a bot that is dead, nor while everything is silent: one page, not one for each consequence', async () => {
    const limits = { orderAgeSeconds: 60, unacknowledgedSeconds: 9_999 };
    const one = pathStory({ bots: [{ id: 's1', heartbeat, limits }] });
    await tell(one.at(1), beat(one, 0), order(one, 0));
    for (let minute = 1; minute < 6; minute++) await one.at(60 * minute).sweep();
    expect(states(one)).toEqual(['heartbeat-missing ALARM']);
    const both = pathStory({ bots: two.bots.map(bot => ({ ...bot, limits })) });
    await tell(both.at(1), beat(both, 0), beat(both, 0, { strategyId: 's2' }), order(both, 0), order(both, 0, 's2'));
    for (let minute = 1; minute < 6; minute++) await both.at(60 * minute).sweep();
    expect(states(both)).toEqual(['telemetry-silent ALARM']);
    // The second beats once a minute by its own word: overdue, not dead yet, and its orders have stopped as well.
    const late = pathStory({ bots: two.bots.map(bot => ({ ...bot, limits })) });
    await tell(late.at(1), beat(late, 0), beat(late, 0, { strategyId: 's2', intervalMs: 60_000 }), order(late, 0, 's2'));
    for (const second of [67, 70, 73]) await late.at(second).sweep();
    expect(states(late)).toEqual(['telemetry-silent ALARM']);
  });
});

describe('the age of market data, which CloudWatch judges', () => {
  const feed = (s: Story, second: number) =>
    lineOf('marketData', { eventId: `m${second}`, tsEvent: s.iso(second), tsSent: s.iso(second), tsLastMessage: s.iso(second) });
  const minutes = async (s: Story, ...sweeps: readonly number[]) => {
    for (const minute of sweeps) await s.at(60 * minute).sweep();
    return s.emitted('MarketDataAge').slice(1);
  };

  it('is published while the bot beats, and when its feed is dead', async () => {
    const s = pathStory();
    await tell(s.at(0), beat(s, 0), feed(s, 0));
    const ages = [];
    for (const second of [60, 120, 180]) {
      await tell(s.at(second), beat(s, second));
      ages.push(...(await minutes(s, second / 60)));
    }
    expect(ages.at(-1)).toBe(180);
  });

  it.each([
    ['has died', []],
    ['stopped on purpose', [(s: Story) => beat(s, 1, { status: 'stopping' })]],
    ['is paused', [(s: Story) => control(s, 1, 'pause')]],
    ['is worked on', [(s: Story) => control(s, 1, 'maintenance')]],
  ])('is no page of its own of a bot that %s', async (_, words) => {
    const s = pathStory({ bots: [{ id: 's1', heartbeat }] });
    await tell(s.at(0), beat(s, 0), feed(s, 0));
    await tell(s.at(1), ...words.map(word => word(s)));
    expect((await minutes(s, 2, 3, 4, 5)).filter(age => age >= 60)).toEqual([]);
  });
});

describe('recoveries that were forgotten', () => {
  const noted = async (s: Story) => {
    for (const breach of s.topics.published) await s.alerts.save(hear(undefined, signalOfBreach(breach)).alert, 0);
  };

  it('are none while everything is silent, or an alarm of the sweep still fires', async () => {
    const silent = pathStory(two);
    await tell(silent.at(0), beat(silent, 0), beat(silent, 0, { strategyId: 's2' }));
    await silent.at(60).sweep();
    await noted(silent);
    await silent.at(300).sweep();
    expect(states(silent)).toEqual(['telemetry-silent ALARM']);
    const drifting = pathStory();
    for (let minute = 0; minute < 10; minute++) {
      await tell(drifting.at(60 * minute + 1), ...drift(drifting, 60 * minute));
      await drifting.sweep();
      if (minute === 4) await noted(drifting);
    }
    expect(states(drifting)).toEqual(['code-drift ALARM']);
  });
});

describe('the horizon of mute rules', () => {
  it('is published in days, and not where no market closes', async () => {
    const s = pathStory(undefined, { mutedUntilMs: startMs + 10 * 86_400_000 });
    await s.at(86_400).sweep();
    expect(s.emitted('MuteHorizonDays')).toEqual([9]);
    const always = pathStory();
    await always.at(0).sweep();
    expect(always.emitted('MuteHorizonDays')).toEqual([]);
  });
});
