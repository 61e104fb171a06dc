/** Limits over several strategies, as the ledger and the sweep say them. */
import { describe, expect, it } from 'vitest';
import { lineOf } from '../events/lines-of.ts';
import { pathStory, startMs } from './path-story.ts';

type Story = ReturnType<typeof pathStory>;

const iso = (second: number) => new Date(startMs + second * 1000).toISOString();
const loose = { dailyLoss: '1000000', drawdown: 1 };
const config = (groups: object) => ({
  bots: [
    { id: 'b1', strategies: ['s1', 's2'], limits: loose },
    { id: 'b2', strategies: [{ id: 's3', currency: 'EUR' }], limits: loose },
  ],
  groups,
});
const firm = (limits: object, more: object = {}) =>
  config({ firm: { kind: 'firm', strategies: ['s1', 's2'], currency: 'USDT', limits, ...more } });

let counter = 0;
const fill = (strategyId: string, second: number, side: string, lastQty: string, lastPx: string, more: object = {}) => {
  const eventId = `g${counter++}`;
  return lineOf('execution', {
    ...{ eventId, execId: eventId, strategyId, side, lastQty, lastPx, settlCurrency: strategyId === 's3' ? 'EUR' : 'USDT' },
    ...{ tsEvent: iso(second), transactTime: iso(second), ...more },
  });
};
/** Loses 10 × (100 − price). */
const losing = (strategyId: string, second: number, price: string) => [
  fill(strategyId, second, 'buy', '10', '100'),
  fill(strategyId, second + 1, 'sell', '10', price),
];

async function tell(s: Story, second: number, ...lines: readonly string[]) {
  s.at(second);
  await s.ingest(s.logs(...lines));
  return s.fold();
}

const said = (s: Story) => s.topics.published.map(({ alarm, state }) => `${alarm} ${state}`);

describe('a limit of the firm', () => {
  it('fires once when two strategies within their own limits exceed it together, and says how old the other is', async () => {
    const s = pathStory(firm({ dailyLoss: '100' }));
    await tell(s, 5, ...losing('s1', 1, '94'));
    expect(said(s)).toEqual([]);
    await tell(s, 45, ...losing('s2', 41, '95'));
    expect(s.topics.published).toMatchObject([
      {
        alarm: 'group-loss',
        row: 'groupSessionPnl',
        state: 'ALARM',
        severity: 'critical',
        dimensions: { RiskGroup: 'firm' },
        value: 110,
        limit: 100,
        unit: 'USDT',
        reason:
          'The 2 strategies of firm firm have lost 110 USDT together in their sessions; the limit is 100 USDT. The oldest of its numbers is 40 s old.',
        runbook: '#group-loss',
      },
    ]);
    await tell(s, 50, fill('s1', 49, 'buy', '1', '94'));
    s.restartLedger();
    await tell(s, 55, fill('s2', 54, 'buy', '1', '95'));
    expect(said(s)).toEqual(['group-loss ALARM']);
  });

  it('ends a minute after the sum is back within it', async () => {
    const s = pathStory(firm({ netExposure: '1500' }));
    await tell(s, 5, fill('s1', 1, 'buy', '10', '100'), fill('s2', 2, 'buy', '6', '100'));
    expect(said(s)).toEqual(['group-net-exposure ALARM']);
    await tell(s, 30, fill('s2', 29, 'sell', '12', '100'));
    await s.at(60).sweep();
    await s.at(120).sweep();
    expect(said(s)).toEqual(['group-net-exposure ALARM', 'group-net-exposure OK']);
    expect(s.emitted('GroupNetExposure').at(-1)).toBe(400);
  });

  it('is judged with both strategies in one batch, and nets long against short', async () => {
    const s = pathStory(firm({ netExposure: '100', grossExposure: '5000', positionQty: { 'BTC-PERP': '3' } }));
    await tell(s, 5, fill('s1', 1, 'buy', '20', '100'), fill('s2', 2, 'sell', '20', '100'));
    expect(said(s)).toEqual([]);
    await tell(s, 9, fill('s1', 8, 'buy', '11', '100'));
    expect(said(s).sort()).toEqual(['group-gross-exposure ALARM', 'group-net-exposure ALARM', 'group-position ALARM']);
    expect(s.topics.published.find(({ alarm }) => alarm === 'group-position')).toMatchObject({
      dimensions: { RiskGroup: 'firm', Instrument: 'BTC-PERP' },
      reason: 'The 2 strategies of firm firm hold 11 BTC-PERP together; the limit is 3 either way. The oldest of its numbers is 4 s old.',
    });
  });

  it('is said by the redelivery when the process died between saving and publishing', async () => {
    const s = pathStory(firm({ dailyLoss: '100' }));
    await s.ingest(s.at(5).logs(...losing('s1', 1, '94'), ...losing('s2', 1, '94')));
    const bodies = s.queue.messages.splice(0).map(({ body }) => body);
    const publish = s.topics.publish;
    s.topics.publish = () => Promise.reject(new Error('killed'));
    expect((await s.foldBodies(bodies)).batchItemFailures).toHaveLength(bodies.length);
    s.topics.publish = publish;
    s.restartLedger();
    expect((await s.foldBodies(bodies)).batchItemFailures).toEqual([]);
    expect(said(s)).toEqual(['group-loss ALARM']);
    expect((await s.strategies.heads(['s1', 's2'])).map(({ version }) => version)).toEqual([1, 1]);
  });

  it('begins anew with the session: yesterday’s loss of a quiet strategy does not count today', async () => {
    const s = pathStory(firm({ dailyLoss: '100' }));
    await tell(s, 5, ...losing('s1', 1, '94'));
    const tomorrow = 86_400;
    await tell(s, tomorrow + 5, ...losing('s2', tomorrow, '95'));
    expect(said(s)).toEqual([]);
  });
});

describe('unlike currencies', () => {
  const mixed = (more: object = {}) => config({ all: { kind: 'firm', currency: 'USDT', limits: { dailyLoss: '100' }, ...more } });
  const losses = [...losing('s1', 1, '95'), ...losing('s3', 1, '95')];

  it('never add: without a rate the limit is withheld, and that is said', async () => {
    const s = pathStory(mixed());
    await tell(s, 5, ...losses);
    expect(s.topics.published).toMatchObject([
      {
        alarm: 'group-unjudged',
        severity: 'warning',
        reason: 'Limits of firm all cannot be judged: there is no fresh rate from EUR to USDT.',
      },
    ]);
    await s.at(60).sweep();
    expect(s.emitted('GroupSessionPnl')).toEqual([]);
  });

  it.each([
    ['the config’s rate', { 'EUR/USDT': '1.1' }],
    ['its inverse', { 'USDT/EUR': '0.9' }],
  ])('add at %s', async (_, rates) => {
    const s = pathStory(mixed({ rates }));
    await tell(s, 5, ...losses);
    expect(said(s)).toEqual(['group-loss ALARM']);
  });

  it('add at the newest rate that a strategy has reported, while it is fresh', async () => {
    const rate = lineOf('reference', {
      ...{ strategyId: 's3', kind: 'fxRate', instrumentId: 'EUR/USDT', baseCurrency: 'EUR', quoteCurrency: 'USDT', rate: '1.2' },
      tsEvent: iso(2),
    });
    const s = pathStory(mixed({ rateMaxAgeSeconds: 3600 }));
    await tell(s, 5, rate, ...losses);
    expect(s.topics.published).toMatchObject([{ alarm: 'group-loss', value: 110 }]);
    await s.at(3700).sweep();
    await s.at(3760).sweep();
    expect(said(s)).toContain('group-unjudged ALARM');
  });
});

describe('a limit of an account', () => {
  const accounts = config({
    'acct-7': { kind: 'account', accountId: 'A-7', currency: 'USDT', limits: { grossExposure: '1000', dailyLoss: '100' } },
  });

  it('counts what is held in it, by whichever strategy', async () => {
    const s = pathStory(accounts);
    await tell(s, 5, fill('s1', 1, 'buy', '9', '100', { accountId: 'A-7' }), fill('s2', 2, 'buy', '50', '100'));
    expect(said(s)).toEqual([]);
    await tell(s, 9, fill('s2', 8, 'sell', '2', '100', { accountId: 'A-7' }));
    expect(said(s)).toContain('group-gross-exposure ALARM');
  });

  it('withholds the loss of a strategy that trades in two accounts, and says so', async () => {
    const s = pathStory(accounts);
    await tell(s, 5, fill('s2', 1, 'buy', '1', '100', { accountId: 'A-7' }), fill('s2', 2, 'buy', '1', '100'));
    expect(s.topics.published).toMatchObject([
      { alarm: 'group-unjudged', reason: expect.stringContaining('s2 cannot be divided among the accounts') },
    ]);
  });
});
