import { describe, expect, it } from 'vitest';
import { lineOf } from '../events/lines-of.ts';
import { pathStory } from './path-story.ts';

type Story = ReturnType<typeof pathStory>;

const fill = (id: string, side: 'buy' | 'sell', qty: string, px: string, second: number) =>
  lineOf('execution', {
    execId: id,
    eventId: id,
    side,
    lastQty: qty,
    lastPx: px,
    settlCurrency: 'USDT',
    tsEvent: new Date(Date.parse('2026-03-09T13:30:00Z') + second * 1000).toISOString(),
    transactTime: new Date(Date.parse('2026-03-09T13:30:00Z') + second * 1000).toISOString(),
  });

const account = lineOf('account', { equity: '10000' });

async function tell(s: Story, ...lines: readonly string[]) {
  await s.ingest(s.logs(...lines));
  return s.fold();
}

const positions = async (s: Story) => (await s.strategies.heads(['s1']))[0]?.view?.positions.map(({ qty }) => qty);

describe('ledger', () => {
  it('folds lines into state, publishes gauges stamped now, and keeps view and pulse', async () => {
    const s = pathStory();
    expect(await tell(s.at(10), account, fill('x1', 'buy', '2', '100', 5))).toEqual({ batchItemFailures: [] });
    expect(await positions(s)).toEqual(['2']);
    expect(s.emitted('Equity').at(-1)).toBe(10_000);
    const line = s.output.findLast(entry => entry['Equity'] !== undefined);
    expect(line).toMatchObject({ Strategy: 's1', _aws: { Timestamp: Date.parse(s.iso(10)) } });
  });

  it('changes nothing when a fill comes again, in the same batch, the next, or another process', async () => {
    const s = pathStory();
    const x1 = fill('x1', 'buy', '2', '100', 5);
    await tell(s.at(10), account, x1, x1);
    await tell(s.at(20), x1);
    s.restartLedger();
    await tell(s.at(30), x1);
    expect(await positions(s)).toEqual(['2']);
  });

  it('goes on after another process has written meanwhile', async () => {
    const s = pathStory();
    await tell(s.at(10), account, fill('x1', 'buy', '2', '100', 5));
    const stored = await s.strategies.load('s1');
    expect(await s.strategies.save('s1', stored!.version, stored!.encoded)).toBe('saved');
    expect(await tell(s.at(20), fill('x2', 'buy', '1', '100', 15))).toEqual({ batchItemFailures: [] });
    expect(await positions(s)).toEqual(['3']);
  });

  it('reports only the messages of the strategy that failed', async () => {
    const s = pathStory();
    await s.ingest(s.logs(account));
    const good = s.queue.messages.splice(0).map(({ body }) => body);
    const bad = JSON.stringify({ v: 1, strategyId: 's9', receivedAt: s.iso(0), lines: ['nothing to read'] });
    expect(await s.foldBodies([bad, ...good, 'no JSON'])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm2' }],
    });
    expect((await s.strategies.heads(['s1']))[0]?.version).toBe(1);
  });

  it('says a crossed limit at once, once, and no more after the next lines', async () => {
    const s = pathStory();
    await tell(s.at(10), account, fill('x1', 'buy', '10', '100', 5));
    expect(s.topics.published).toEqual([]);
    await tell(s.at(20), fill('x2', 'sell', '10', '85', 15));
    expect(s.topics.published).toMatchObject([
      { alarm: 'session-loss', state: 'ALARM', severity: 'critical', dimensions: { Strategy: 's1' }, value: 150, limit: 100 },
    ]);
    expect(s.topics.published[0]?.firstAction).toBeTruthy();
    await tell(s.at(30), lineOf('heartbeat', { tsEvent: s.iso(29) }));
    s.restartLedger();
    await tell(s.at(40), lineOf('heartbeat', { tsEvent: s.iso(39) }));
    expect(s.topics.published).toHaveLength(1);
  });

  it('repeats a breach whose publishing failed, with the redelivered message', async () => {
    const s = pathStory();
    await tell(s.at(10), account, fill('x1', 'buy', '10', '100', 5));
    const publish = s.topics.publish;
    s.topics.publish = () => Promise.reject(new Error('throttled'));
    await s.ingest(s.at(20).logs(fill('x2', 'sell', '10', '85', 15)));
    const bodies = s.queue.messages.splice(0).map(({ body }) => body);
    expect((await s.foldBodies(bodies)).batchItemFailures).toHaveLength(1);
    s.topics.publish = publish;
    expect((await s.foldBodies(bodies)).batchItemFailures).toEqual([]);
    expect(s.topics.published).toHaveLength(1);
  });

  it('publishes observed latencies as values with counts', async () => {
    const s = pathStory();
    const order = (id: string, ackMs: number) =>
      lineOf('order', { clOrdId: id, eventId: id, tsSubmitted: s.iso(0), tsAcked: new Date(Date.parse(s.iso(0)) + ackMs).toISOString() });
    await tell(s.at(10), order('o1', 20), order('o2', 20), order('o3', 400));
    const [ack] = s.observed;
    expect(ack).toMatchObject({ metricName: 'OrderAckLatency', dimensions: { Strategy: 's1' } });
    expect(ack?.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  });
});
