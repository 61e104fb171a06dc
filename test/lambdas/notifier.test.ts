import { describe, expect, it, vi } from 'vitest';
import { notify } from '../../lambdas/notifier/notifier.ts';
import { compositeMessage, snsEvent } from '../notify/payloads.ts';
import { story } from './notifier-story.ts';

const alarm = 'heartbeat-missing';
const both = ['slack trigger', 'pagerduty trigger'];
const bothThenResolved = [...both, 'slack resolve', 'pagerduty resolve'];

describe('notifier: one page for one trouble', () => {
  it('pages on the first source, lets the second join, resolves when both have cleared', async () => {
    const s = story();
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    await s.at(70).deliver(s.cloudWatch(alarm, 'ALARM'));
    expect(s.told()).toEqual(both);
    await s.at(200).deliver(s.fast(alarm, 'OK'));
    expect(s.told()).toEqual(both);
    await s.at(260).deliver(s.cloudWatch(alarm, 'OK'));
    expect(s.told()).toEqual(bothThenResolved);
    const [incident, ...others] = await s.incidents();
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      key: 'v1:heartbeat-missing:Strategy=s1',
      status: 'resolved',
      openedAt: Date.parse('2026-03-09T03:00:00Z'),
    });
    expect(incident?.alarms).toEqual(['heartbeat-missing', 'demo-heartbeat-missing-s1']);
    expect(incident?.timeline.map(({ reason }) => reason)).toEqual([
      'opened',
      'sent',
      'sent',
      'joined',
      'sourceCleared',
      'allCleared',
      'sent',
      'sent',
    ]);
  });

  it('resolves with the key that triggered', async () => {
    const s = story();
    await s.at(0).deliver(s.cloudWatch(alarm, 'ALARM'));
    await s.at(60).deliver(s.cloudWatch(alarm, 'OK'));
    const keys = s.sent.filter(({ channel }) => channel === 'pagerduty').map(({ body }) => body['dedup_key']);
    expect(keys).toEqual(['v1:heartbeat-missing:Strategy=s1', 'v1:heartbeat-missing:Strategy=s1']);
  });

  it('says the same delivery once, however often it comes', async () => {
    const s = story();
    const page = s.at(0).cloudWatch(alarm, 'ALARM');
    for (const seconds of [0, 1, 30, 600]) await s.at(seconds).deliver(page);
    const resolve = s.at(700).cloudWatch(alarm, 'OK');
    for (const seconds of [700, 701, 900]) await s.at(seconds).deliver(resolve, page);
    expect(s.told()).toEqual(bothThenResolved);
    expect(await s.incidents()).toHaveLength(1);
  });

  it('ends right when recovery and alarm arrive in the wrong order', async () => {
    const s = story();
    await s.at(61).deliver(s.cloudWatch(alarm, 'OK', 60));
    await s.at(62).deliver(s.cloudWatch(alarm, 'ALARM', 0));
    expect(s.told()).toEqual([]);
    await s.at(121).deliver(s.cloudWatch(alarm, 'ALARM', 120));
    expect(s.told()).toEqual(both);
  });

  it('opens a new incident when it fires again after it was resolved', async () => {
    const s = story();
    await s.at(0).deliver(s.cloudWatch(alarm, 'ALARM'));
    await s.at(60).deliver(s.cloudWatch(alarm, 'OK'));
    await s.at(120).deliver(s.cloudWatch(alarm, 'ALARM'));
    expect(s.told()).toEqual([...bothThenResolved, ...both]);
    expect((await s.incidents()).map(({ status }) => status)).toEqual(['open', 'resolved']);
  });

  it('resolves only what was opened', async () => {
    const s = story();
    await s.at(0).deliver(s.cloudWatch(alarm, 'OK'));
    expect(s.told()).toEqual([]);
    expect(await s.incidents()).toEqual([]);
  });

  it('keeps an incident open while a source cannot be judged, and closes it when data is back and fine', async () => {
    const s = story();
    const message = (state: string, from: string, seconds: number) => ({
      ...(s.cloudWatch(alarm, 'ALARM', seconds) as object),
      NewStateValue: state,
      OldStateValue: from,
    });
    await s.at(0).deliver(message('ALARM', 'OK', 0));
    await s.at(60).deliver(message('INSUFFICIENT_DATA', 'ALARM', 60));
    expect(s.told()).toEqual(both);
    await s.at(120).deliver(message('OK', 'INSUFFICIENT_DATA', 120));
    expect(s.told()).toEqual(bothThenResolved);
  });

  it('tells strategies apart', async () => {
    const s = story();
    await s.at(0).deliver(s.fast(alarm, 'ALARM'), s.fast(alarm, 'ALARM', 0, { dimensions: { Strategy: 's2' } }));
    expect(await s.incidents()).toHaveLength(2);
    await s.at(60).deliver(s.fast(alarm, 'OK'));
    expect((await s.incidents()).map(({ status }) => status).sort()).toEqual(['open', 'resolved']);
  });

  it('routes by severity', async () => {
    const s = story();
    await s.at(0).deliver(s.fast('drawdown', 'ALARM', 0, { severity: 'warning' }));
    expect(s.told()).toEqual(['slack trigger']);
  });

  it('tells more channels, and again those that know it, when a graver source joins', async () => {
    const s = story();
    await s.at(0).deliver(s.fast(alarm, 'ALARM', 0, { severity: 'warning' }));
    await s.at(60).deliver(s.cloudWatch(alarm, 'ALARM'));
    expect(s.told()).toEqual(['slack trigger', 'pagerduty trigger', 'slack trigger']);
  });

  it('delivers what it does not understand', async () => {
    const s = story();
    await s.at(0).deliver('your budget is used up');
    expect(JSON.stringify(s.sent[0]?.body)).toContain('your budget is used up');
  });
});

describe('notifier: an idle minute', () => {
  it('reads once, writes nothing and prints nothing', async () => {
    const s = story();
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    await s.at(60).deliver(s.fast(alarm, 'OK'));
    for (let minute = 2; minute <= 10; minute++) await s.at(minute * 60).sweep();
    const touched: string[] = [];
    for (const method of ['get', 'getAll', 'range', 'newest', 'put', 'write'] as const) {
      const real = s.table[method].bind(s.table) as (...args: unknown[]) => unknown;
      Object.assign(s.table, { [method]: (...args: unknown[]) => touched.push(method) && real(...args) });
    }
    const [printed, counted] = [s.log.length, s.counts.length];
    await s.at(660).sweep();
    expect(touched).toEqual(['range']);
    expect([s.log.length, s.counts.length]).toEqual([printed, counted]);
  });
});

describe('notifier: channels fail', () => {
  it('honours Retry-After within its budget', async () => {
    const s = story();
    s.answers.slack.push({ status: 429, headers: { 'retry-after': '3' } });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    expect(s.sent.map(({ channel, at }) => [channel, at])).toContainEqual(['slack', '2026-03-09T03:00:03.000Z']);
    expect(s.counts).toEqual([{ failedSends: 0, deadSends: 0, pageLatencyMs: 3_000 }]);
  });

  it('keeps what a channel does not take, and tries again after growing delays without a new delivery', async () => {
    const s = story();
    s.answers.pagerduty.push({ status: 500 }, { status: 503 }, 'hang up', { status: 500 }, { status: 500 }, { status: 500 });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    expect(s.told()).toEqual(['slack trigger']);
    expect(s.counts[0]).toMatchObject({ failedSends: 1 });
    const first = Math.max(...s.wakes.map(({ at }) => at));
    await s.until(first - 2_000).sweep();
    expect(s.told()).toEqual(['slack trigger']);
    await s.until(first).sweep();
    const second = Math.max(...s.wakes.map(({ at }) => at));
    expect(second - first).toBeGreaterThanOrEqual(30_000);
    await s.until(second).sweep();
    expect(s.told()).toEqual(both);
    await s.at(3_600).sweep();
    expect(s.told()).toEqual(both);
  });

  it('waits as long as a channel asks for', async () => {
    const s = story();
    s.answers.slack.push({ status: 429, headers: { 'retry-after': '120' } });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    await s.at(118).sweep();
    expect(s.told()).toEqual(['pagerduty trigger']);
    await s.at(120).sweep();
    expect(s.told()).toEqual(['pagerduty trigger', 'slack trigger']);
  });

  it('tells over the others that a channel refuses, goes on trying, and tells its end', async () => {
    const s = story();
    s.answers.slack.push({ status: 404 });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    expect(s.told()).toEqual(['pagerduty trigger', 'pagerduty trigger']);
    expect(JSON.stringify(s.sent[1]?.body)).toContain('slack does not take messages: HTTP 404');
    expect(s.counts[0]).toMatchObject({ failedSends: 1 });
    expect(s.log.join()).toContain('HTTP 404');
    await s.at(300).sweep();
    expect(s.told()).toEqual(['pagerduty trigger', 'pagerduty trigger', 'slack trigger', 'pagerduty resolve']);
    expect((await s.incidents()).map(({ key, status }) => [key, status])).toEqual(
      expect.arrayContaining([
        ['v1:channel-failing:Channel=slack', 'resolved'],
        ['v1:heartbeat-missing:Strategy=s1', 'open'],
      ]),
    );
  });

  it('gives up after hours, and says so', async () => {
    const s = story();
    for (let i = 0; i < 500; i++) s.answers.slack.push({ status: 500 });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    for (let seconds = 60; seconds <= 7 * 3_600; seconds += 60) await s.at(seconds).sweep();
    const incident = (await s.incidents()).find(({ key }) => key.includes('heartbeat'))!;
    expect(incident.timeline.map(({ reason }) => reason)).toContain('gaveUp');
    expect(500 - s.answers.slack.length).toBeLessThan(100);
    expect(s.told().filter(said => said === 'pagerduty trigger').length).toBeLessThanOrEqual(4);
  });

  it('never resolves a channel that was never told', async () => {
    const s = story();
    s.answers.slack.push({ status: 400 });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    await s.at(60).deliver(s.fast(alarm, 'OK'));
    const about = (key: string) => s.sent.filter(({ body }) => body['dedup_key'] === key || !('dedup_key' in body));
    expect(about('v1:heartbeat-missing:Strategy=s1').map(({ channel, text }) => `${channel} ${text}`)).toEqual([
      'pagerduty trigger',
      'pagerduty resolve',
    ]);
  });

  it('keeps secrets out of logs and timeline', async () => {
    const s = story();
    s.answers.slack.push('hang up', 'hang up', 'hang up');
    await s
      .at(0)
      .deliver(s.fast(alarm, 'ALARM'))
      .catch(() => {});
    const written = s.log.join('\n') + JSON.stringify([...s.table.items.values()]);
    expect(written).not.toContain('very-secret');
  });

  it('pages ungrouped while the table is unreachable', async () => {
    const s = story();
    s.table.failure = new Error('ProvisionedThroughputExceededException');
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    expect(s.told()).toEqual(both);
    await s.at(60).deliver(s.fast(alarm, 'OK'));
    expect(s.told()).toEqual(bothThenResolved);
  });

  it('says where the probe failed that it is about', async () => {
    const s = story();
    const failed = {
      at: 0,
      ok: false,
      tookMs: 2_000,
      detail: 'no answer in 2000 ms',
      phases: { dns: 3, connect: 1_997 },
      failedIn: 'connect',
    };
    const health = { schemaVersion: 1, probes: { readiness: { ok: false, failures: 3, last: failed, failed } } };
    await s.table.put({ pk: 'BOT#bot-1', sk: 'HEALTH', version: 1, schemaVersion: 1, value: JSON.stringify(health) });
    const page = (row: string) => s.at(0).fast(`not-${row}`, 'ALARM', 0, { row, dimensions: { Bot: 'bot-1' }, severity: 'warning' });
    await s.deliver(page('readiness'), page('liveness'));
    const [ready, live] = s.sent.map(({ body }) => JSON.stringify(body));
    expect(ready).toContain('readiness: no answer in 2000 ms, while connecting (DNS 3 ms, connect 1997 ms)');
    expect(live).not.toContain('no answer');
  });

  it('pages without what hangs around it: money at risk and how far it reaches', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const s = story();
      const hanging = () => new Promise<never>(() => undefined);
      const tools = { ...s.tools, moneyAtRisk: hanging, incidents: { ...s.tools.incidents, list: hanging } };
      const paged = notify(snsEvent([s.at(0).fast(alarm, 'ALARM')]), tools);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(s.told()).toEqual(both);
      await paged;
      expect(s.log.filter(line => line.includes('TimeoutError'))).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('sends again what a killed function had claimed and not recorded', async () => {
    const s = story();
    const page = s.at(0).fast(alarm, 'ALARM');
    const dying = { ...s.tools, send: { ...s.tools.send, fetch: () => new Promise<never>(() => {}) } };
    void notify(snsEvent([page]), dying);
    await new Promise(resolve => setImmediate(resolve));
    await s.at(5).deliver(page);
    expect(s.told(), 'the claim is young').toEqual([]);
    await s.at(60).deliver(page);
    expect(s.told()).toEqual(both);
  });

  it('sends once when both paths are delivered at the same moment', async () => {
    const s = story();
    s.at(0);
    await Promise.all([s.deliver(s.fast(alarm, 'ALARM')), s.deliver(s.cloudWatch(alarm, 'ALARM'))]);
    expect([...s.told()].sort()).toEqual([...both].sort());
    expect(await s.incidents()).toHaveLength(1);
  });
});

describe('notifier: what the page says', () => {
  const money = {
    strategyId: 's1',
    venue: 'kraken',
    environment: 'live',
    currency: 'USD',
    positions: [{ instrumentId: 'BTC-PERP', qty: '-2.5', avgPx: '64000', unrealizedPnl: '-1250.5', currency: 'USD', markAgeSeconds: 95 }],
    sessionPnl: -2310.25,
    openOrders: 3,
    tradingState: 'active' as const,
    ageSeconds: 93,
    lastChange: 'deploy by ci 12 min ago: v1.4.2',
  };

  it('shows strategy, venue, environment, money at risk with its age, what changed and the first action', async () => {
    const s = story(money);
    await s.at(93).deliver(s.fast(alarm, 'ALARM', 60, { value: 93, limit: 25, unit: 'seconds' }));
    const slack = s.sent.find(({ channel }) => channel === 'slack');
    expect(slack?.text).toBe('[CRIT] s1@kraken: heartbeat missing 93 s (limit 25 s)');
    const screen = JSON.stringify(slack?.body);
    for (const words of [
      '-2.5 BTC-PERP @ 64000, unrealized -1250.5 USD, mark 95 s old',
      'as of 93 s ago',
      '-2,310.25 USD',
      'unknown, last heard 93 s ago (was active)',
      'live',
      'deploy by ci',
      'First action: Look at the venue.',
    ]) {
      expect(screen).toContain(words);
    }
  });

  it('completes what a composite does not say, and links the fast path to its alarm', async () => {
    const s = story({ ...money, gauges: { marketDataAgeSeconds: 312 } });
    const machine = { v: 1, row: 'marketDataAge', alarm: 'market-data-stale', severity: 'critical', dimensions: { Strategy: 's1' } };
    const description = `s1: stale.\nFirst: Reconnect.\nnightdesk ${JSON.stringify(machine)}`;
    await s.at(60).deliver({
      ...compositeMessage(),
      AlarmName: 'demo-market-data-stale-s1',
      AlarmDescription: description,
      StateChangeTime: '2026-03-09T03:01:00.000+0000',
    });
    expect(s.sent[0]?.text).toBe('[CRIT] s1@kraken: market data stale 312 s (limit 60 s)');
    await s.at(90).deliver(s.fast(alarm, 'ALARM'));
    expect(JSON.stringify(s.sent.at(-1)?.body)).toContain('alarm/demo-heartbeat-missing-s1');
  });

  it('says flat where nothing is open, and unknown where nobody knows', async () => {
    const s = story({ strategyId: 's1', positions: [], ageSeconds: 400, tradingState: 'active' });
    await s.at(0).deliver(s.fast(alarm, 'ALARM'));
    const screen = JSON.stringify(s.sent[0]?.body);
    expect(screen).toContain('flat (as of 6 min ago)');
    expect(screen).toContain('unknown, last heard 6 min ago (was active)');
  });
});
