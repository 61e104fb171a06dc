import { describe, expect, test } from 'vitest';
import { foldBatch } from '../../core/ledger/fold.ts';
import { incompleteReasons } from '../../core/ledger/incomplete.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { account, bust, cash, correction, folded, instrument, mark, rate, snapshot, strategyState, trade } from './events.ts';

const score = (...args: Parameters<typeof folded>) => scoreStrategy(folded(...args).state);
const day = 86_400;

describe('positions and profit', () => {
  test('average cost stays on a reduction, and a flip closes at the fill price and opens the rest', () => {
    const result = score([
      account(0, '1000'),
      trade(1, 'buy', '10', '100', { fee: '1' }),
      trade(2, 'buy', '10', '110', { fee: '1' }),
      trade(3, 'sell', '15', '120', { fee: '1' }),
      trade(4, 'sell', '10', '90', { fee: '1' }),
    ]);
    expect(result).toMatchObject({
      currency: 'USD',
      fills: 4,
      trades: 1,
      wins: 1,
      grossPnl: '150',
      fees: '4',
      netPnl: '146',
      unrealizedPnl: '0',
      equity: '1146',
      positions: [{ accountId: 'a1', instrumentId: 'BTC-USD', qty: '-5', avgPx: '90', realizedPnl: '150', unrealizedPnl: '0' }],
    });
  });

  test('profit is exact again at every flat although average cost was rounded', () => {
    const result = score([
      account(0, '1000'),
      trade(1, 'buy', '1', '0.1'),
      trade(2, 'buy', '2', '0.2'),
      trade(3, 'sell', '1', '0.3'),
      trade(4, 'sell', '1', '0.3'),
      trade(5, 'sell', '1', '0.3'),
    ]);
    expect(result).toMatchObject({ grossPnl: '0.4', netPnl: '0.4', equity: '1000.4', positions: [] });
  });

  test('the fee of a flip is split by quantity', () => {
    const result = score([
      account(0, '1000'),
      trade(1, 'buy', '1', '10'),
      trade(2, 'sell', '4', '10.5', { fee: '1' }),
      trade(3, 'buy', '3', '10.5'),
    ]);
    // The first trip makes 0.5 − 0.25, the second only pays 0.75.
    expect(result).toMatchObject({ trades: 2, wins: 1, losses: 1, grossPnl: '0.5', fees: '1', netPnl: '-0.5' });
    expect(result.profitFactor).toBeCloseTo(0.25 / 0.75, 12);
  });

  test.each([
    ['negative prices', [trade(1, 'buy', '2', '-5'), trade(2, 'sell', '2', '-7')], '-4'],
    ['shorts', [trade(1, 'sell', '2', '10'), trade(2, 'buy', '2', '7')], '6'],
    [
      'finer prices and quantities on the way',
      [trade(1, 'buy', '1', '10'), trade(2, 'sell', '0.0005', '10.000000001'), trade(3, 'sell', '0.9995', '11')],
      '0.9995000000005',
    ],
  ])('%s', (_, events, gross) => {
    expect(score(events).grossPnl).toBe(gross);
  });

  test('FIFO closes the oldest lot first; the total at flat is the same', () => {
    const events = [trade(1, 'buy', '1', '10'), trade(2, 'buy', '1', '20'), trade(3, 'sell', '1', '30')];
    expect(score(events, { costMethod: 'fifo' }).grossPnl).toBe('20');
    expect(score(events).grossPnl).toBe('15');
    const flat = [...events, trade(4, 'sell', '1', '30')];
    expect(score(flat, { costMethod: 'fifo' }).grossPnl).toBe(score(flat).grossPnl);
  });

  test('a multiplier counts, also when its reference comes after the fills', () => {
    const events = [
      trade(1, 'buy', '2', '5000'),
      trade(2, 'sell', '2', '5001.25'),
      instrument(3, { multiplier: '50', quoteCurrency: 'USD' }),
    ];
    expect(score(events).grossPnl).toBe('125');
  });

  test('an inverse contract earns in its base currency', () => {
    const reference = instrument(0, { inverse: true, multiplier: '1', baseCurrency: 'BTC', quoteCurrency: 'USD' });
    const result = score([reference, account(0, '10', 'BTC'), trade(1, 'sell', '100000', '10000'), mark(2, '11000')]);
    expect(result).toMatchObject({ currency: 'BTC', unrealizedPnl: '-0.9090909090909091', positions: [{ avgPx: '10000' }] });
  });

  test('a quanto contract earns in its own currency at its fixed multiplier', () => {
    const reference = instrument(0, { multiplier: '0.000001', baseCurrency: 'ETH', quoteCurrency: 'USD', settlCurrency: 'BTC' });
    const fees = [{ amount: '0.0001', currency: 'BTC' }];
    const events = [
      account(0, '1', 'BTC'),
      trade(1, 'buy', '100', '3000', { fees }),
      trade(2, 'sell', '60', '3150', { fees }),
      mark(3, '2900'),
    ];
    expect(score([reference, ...events])).toMatchObject({
      currency: 'BTC',
      grossPnl: '0.009',
      fees: '0.0002',
      unrealizedPnl: '-0.004',
      equity: '1.0048',
      positions: [{ avgPx: '3000' }],
    });
    const inUsd = score([reference, rate(0, 'BTC', 'USD', '50000'), ...events], { currency: 'USD', initialCapital: '1000' });
    expect(inUsd).toMatchObject({ currency: 'USD', grossPnl: '450', fees: '10', netPnl: '440', unrealizedPnl: '-200' });
  });

  test('a renamed instrument keeps its position, profit and round trip', () => {
    const rename = { ...instrument(3, { instrumentId: 'FB' }), kind: 'corporateAction' as const, newInstrumentId: 'META' };
    const under = (instrumentId: string) => ({ instrumentId, fee: '1' });
    const events = [
      trade(1, 'buy', '10', '100', under('FB')),
      trade(2, 'sell', '4', '110', under('FB')),
      rename,
      trade(4, 'sell', '1', '120', under('META')),
    ];
    expect(score(events)).toMatchObject({
      trades: 0,
      grossPnl: '60',
      positions: [{ instrumentId: 'META', qty: '5', avgPx: '100', realizedPnl: '60', unrealizedPnl: '100' }],
    });
    const flat = [...events, trade(5, 'sell', '5', '120', under('META'))];
    expect(score(flat)).toMatchObject({ trades: 1, wins: 1, grossPnl: '160', netPnl: '156', positions: [] });
    expect(score([...flat].reverse())).toEqual(score(flat));
    expect(score(flat, { costMethod: 'fifo' })).toMatchObject({ grossPnl: '160', trades: 1 });
  });

  test('a snapshot from before a split or a new name contradicts nothing', () => {
    const action = { ...instrument(5, {}), kind: 'corporateAction' as const, splitRatio: '2', newInstrumentId: 'XBT-USD' };
    const { state } = folded([trade(1, 'buy', '1', '10'), snapshot(3, '1'), action]);
    expect(scoreStrategy(state).positions).toMatchObject([{ instrumentId: 'XBT-USD', qty: '2', avgPx: '5' }]);
    expect(incompleteReasons(state)).toEqual([]);
  });

  test('a split multiplies the quantity and keeps the cost', () => {
    const split = { ...instrument(2, {}), kind: 'corporateAction' as const, splitRatio: '4' };
    const result = score([trade(1, 'buy', '10', '100'), split, trade(3, 'sell', '40', '26')]);
    expect(result).toMatchObject({ grossPnl: '40', trades: 1, positions: [] });
  });
});

describe('fees, funding, currencies', () => {
  test('a rebate is a negative fee', () => {
    const result = score([account(0, '100'), trade(1, 'buy', '1', '10', { fee: '-0.5' }), trade(2, 'sell', '1', '10')]);
    expect(result).toMatchObject({ fees: '-0.5', netPnl: '0.5', wins: 1 });
  });

  test('funding is part of net and of the round trip; a deposit is neither', () => {
    const result = score([
      account(0, '100'),
      trade(1, 'buy', '1', '10'),
      cash(2, 'funding', '-0.75', { instrumentId: 'BTC-USD' }),
      cash(2, 'deposit', '50'),
      trade(3, 'sell', '1', '10.5'),
    ]);
    expect(result).toMatchObject({ grossPnl: '0.5', funding: '-0.75', netPnl: '-0.25', losses: 1, equity: '149.75' });
  });

  test('a fee in another currency is converted at the rate of its time', () => {
    const fees = [{ amount: '0.01', currency: 'BNB' }];
    const result = score([
      account(0, '1000'),
      rate(0, 'BNB', 'USD', '300'),
      trade(1, 'buy', '1', '10', { fees }),
      rate(2, 'BNB', 'USD', '400'),
      trade(3, 'sell', '1', '20', { fees }),
    ]);
    expect(result).toMatchObject({ fees: '7', netPnl: '3', feesByCurrency: { BNB: '0.02' } });
  });

  describe('a fee in the base currency of a spot instrument', () => {
    const spot = instrument(0, { baseCurrency: 'BTC', quoteCurrency: 'USD' });
    const inKind = (amount: string) => ({ fees: [{ amount, currency: 'BTC' }] });

    test('is paid out of the quantity, is worth the fill’s price, and counts once', () => {
      const events = [account(0, '1000'), spot, trade(1, 'buy', '2', '100', inKind('0.02')), mark(2, '110')];
      const result = score(events);
      expect(result).toMatchObject({
        grossPnl: '0',
        fees: '2',
        feesByCurrency: { BTC: '0.02' },
        netPnl: '-2',
        unrealizedPnl: '19.8',
        positions: [{ qty: '1.98', avgPx: '100' }],
      });
      // 1000 less 200 paid, and 1.98 coins at 110.
      expect(result.equity).toBe('1017.8');
      expect(score([...events].reverse())).toEqual(result);
    });

    test('leaves what the venue holds, so that selling it is flat', () => {
      const events = [
        account(0, '1000'),
        spot,
        trade(1, 'buy', '2', '100', inKind('0.02')),
        trade(2, 'sell', '1.98', '110', { fee: '0.5' }),
      ];
      const { state } = folded([...events, snapshot(3, '0')]);
      expect(scoreStrategy(state)).toMatchObject({ trades: 1, wins: 1, grossPnl: '19.8', fees: '2.5', netPnl: '17.3', positions: [] });
      expect(incompleteReasons(state)).toEqual([]);
    });

    test('on a sale takes more than was sold, and a rebate adds', () => {
      const events = [spot, trade(1, 'buy', '3', '10', inKind('-0.5')), trade(2, 'sell', '3', '10', inKind('0.5'))];
      expect(score(events)).toMatchObject({ trades: 1, breakeven: 1, fees: '0', feesByCurrency: { BTC: '0' }, positions: [] });
    });

    test('is converted once more when the strategy counts in a third currency', () => {
      const events = [rate(0, 'USD', 'EUR', '0.5'), spot, trade(1, 'buy', '2', '100', inKind('0.02'))];
      expect(score(events, { currency: 'EUR' })).toMatchObject({ currency: 'EUR', fees: '1', netPnl: '-1' });
    });

    test.each([
      ['an inverse contract', { inverse: true, baseCurrency: 'BTC', quoteCurrency: 'USD' }],
      ['a contract with a multiplier', { multiplier: '10', baseCurrency: 'BTC', quoteCurrency: 'USD' }],
      ['a contract that settles elsewhere', { baseCurrency: 'BTC', quoteCurrency: 'USD', settlCurrency: 'EUR' }],
      ['an instrument nobody has described', {}],
    ])('is an ordinary fee for %s', (_, described) => {
      expect(score([instrument(0, described), trade(1, 'buy', '2', '100', inKind('0.02'))]).positions).toMatchObject([{ qty: '2' }]);
    });
  });

  test('without a rate fees and net are absent, not wrong', () => {
    const { state } = folded([
      account(0, '1000'),
      trade(1, 'buy', '1', '10', { fees: [{ amount: '1', currency: 'BNB' }] }),
      trade(2, 'sell', '1', '12'),
    ]);
    const result = scoreStrategy(state);
    expect(result).toMatchObject({ grossPnl: '2', trades: 1, feesByCurrency: { BNB: '1' } });
    expect(result).not.toHaveProperty('fees');
    expect(result).not.toHaveProperty('netPnl');
    expect(result).not.toHaveProperty('equity');
    expect(result).not.toHaveProperty('winRate');
    expect(incompleteReasons(state)).toEqual(['missingRate']);
    foldBatch(state, [rate(5, 'BNB', 'USD', '1.5')], { receivedAtMs: Number.POSITIVE_INFINITY });
    expect(scoreStrategy(state)).toMatchObject({ fees: '1.5', netPnl: '0.5', wins: 1 });
  });

  test('a trip that nets to less than half a cent is breakeven', () => {
    const result = score([account(0, '100'), trade(1, 'buy', '1', '10'), trade(2, 'sell', '1', '10.004')]);
    expect(result).toMatchObject({ wins: 0, losses: 0, breakeven: 1, netPnl: '0.004' });
    expect(result).not.toHaveProperty('winRate');
  });

  test('fees booked finer than a cent make the trip count at their digits', () => {
    const result = score([
      account(0, '100'),
      trade(1, 'buy', '1', '10', { fees: [{ amount: '0.00000001', currency: 'USD' }] }),
      trade(2, 'sell', '1', '10.004'),
    ]);
    expect(result).toMatchObject({ wins: 1, losses: 0, breakeven: 0, netPnl: '0.00399999' });
  });
});

describe('messy reality', () => {
  const story = () => [
    trade(1, 'buy', '10', '100', { fee: '1' }),
    trade(2, 'buy', '10', '110', { fee: '1' }),
    trade(3, 'sell', '15', '120', { fee: '1' }),
    trade(4, 'sell', '10', '90', { fee: '1' }),
  ];

  test('an identical duplicate is counted and changes nothing', () => {
    const events = story();
    const { state, counts } = folded([...events, events[1]!, { ...events[2]!, lastPx: '120.00', eventId: 'again' }]);
    expect(counts).toEqual({ accepted: 4, duplicates: 2, conflicting: 0, late: 0 });
    expect(scoreStrategy(state)).toEqual(score(events));
  });

  test('a duplicate with other content is counted, reported and not applied', () => {
    const events = story();
    const { state, counts, findings } = folded([...events, { ...events[1]!, lastPx: '111' }]);
    expect(counts).toMatchObject({ accepted: 4, conflicting: 1 });
    expect(findings.map(finding => finding.kind)).toEqual(['conflictingDuplicate']);
    expect(scoreStrategy(state)).toEqual(score(events));
  });

  test('the same execution id of another instrument, account, venue or trade date is another execution', () => {
    const one = trade(1, 'buy', '1', '10', { execId: '1' });
    const others = [{ instrumentId: 'ETH-USD' }, { accountId: 'a2' }, { venue: 'v2' }, { tradeDate: '2026-03-10' }];
    expect(folded([one, ...others.map(other => ({ ...one, ...other }))]).counts.accepted).toBe(5);
  });

  test('a fill older than five minutes is late, accepted and put in its place', () => {
    const events = [...story(), trade(1000, 'buy', '5', '80')];
    const [first, ...rest] = events;
    const { state, counts, findings } = folded([...rest, first!]);
    expect(counts).toMatchObject({ accepted: 5, late: 1 });
    expect(findings).toMatchObject([{ kind: 'late', execId: first!.execId }]);
    expect(scoreStrategy(state)).toEqual(score(events));
  });

  test('a bust takes the trade out with its fee, before or after it came', () => {
    const events = story();
    const cancel = bust(5, events[2]!);
    const after = folded([...events, cancel, cancel]);
    const before = folded([cancel, ...events]);
    expect(after.counts).toMatchObject({ accepted: 5, duplicates: 1 });
    expect(after.findings.map(finding => finding.kind)).toEqual(['bust']);
    const result = scoreStrategy(after.state);
    expect(result).toMatchObject({ fills: 3, trades: 0, grossPnl: '-150', fees: '3', positions: [{ qty: '10' }] });
    expect(scoreStrategy(before.state)).toEqual(result);
  });

  test('a correction takes the place of the trade in time, whenever it comes', () => {
    const events = story();
    const fixed = events.map((event, at) => (at === 1 ? { ...event, lastPx: '112' } : event));
    const fix = correction(9, events[1]!, { lastPx: '112' });
    for (const order of [
      [...events, fix],
      [fix, ...events],
      [events[0]!, fix, events[3]!, events[2]!, events[1]!],
    ]) {
      expect(scoreStrategy(folded(order).state)).toEqual({ ...score(fixed) });
    }
  });

  test('a bust of a correction removes the trade', () => {
    const events = story();
    const fix = correction(9, events[1]!, { lastPx: '112' });
    const cancel = bust(10, fix);
    const without = score(events.filter((_, at) => at !== 1));
    for (const order of [
      [...events, fix, cancel],
      [cancel, fix, ...events],
      [cancel, ...events, fix],
    ]) {
      expect(scoreStrategy(folded(order).state)).toEqual(without);
    }
  });

  test('a gap in the numbering makes the numbers incomplete until it is filled', () => {
    const [one, two, three] = [
      trade(1, 'buy', '1', '10', { seq: 1 }),
      trade(2, 'buy', '1', '11', { seq: 2 }),
      trade(3, 'sell', '2', '12', { seq: 3 }),
    ];
    const { state } = folded([one!, three!]);
    expect(incompleteReasons(state)).toEqual(['sequenceGap']);
    foldBatch(state, [two!], { receivedAtMs: Number.POSITIVE_INFINITY });
    expect(incompleteReasons(state)).toEqual([]);
    expect(scoreStrategy(state).grossPnl).toBe('3');
  });

  test('a snapshot that contradicts the ledger is reported and not adopted', () => {
    const { state } = folded([trade(1, 'buy', '1', '10'), snapshot(2, '2')]);
    expect(incompleteReasons(state)).toEqual(['unreconciledPosition']);
    expect(scoreStrategy(state).positions[0]!.qty).toBe('1');
    foldBatch(state, [snapshot(3, '1.0')], { receivedAtMs: Number.POSITIVE_INFINITY });
    expect(incompleteReasons(state)).toEqual([]);
  });

  test('a clock far ahead does not move the strategy’s time', () => {
    const state = strategyState();
    const { findings } = foldBatch(state, [account(0, '100'), mark(40 * day, '1')], { receivedAtMs: Date.parse('2026-03-09T00:00:10Z') });
    expect(findings.map(finding => finding.kind)).toEqual(['clockAhead']);
    expect(scoreStrategy(state).returns.n).toBe(1);
  });
});

describe('daily returns', () => {
  test('start from the capital, count quiet days as zero and leave deposits out', () => {
    const { state } = folded([
      account(0, '1000'),
      trade(1, 'buy', '1', '100'),
      mark(day - 1, '90'),
      cash(day + 1, 'deposit', '1010'),
      mark(day + 10, '110'),
      trade(3 * day, 'sell', '1', '110'),
    ]);
    const result = scoreStrategy(state);
    expect(result.returns.n).toBe(4);
    expect(result.maxDrawdown).toBeCloseTo(-0.01, 12);
    expect(result.currentDrawdown).toBe(0);
    expect(result.equity).toBe('2020');
    expect(result).not.toHaveProperty('sharpe');
  });

  test('annualised ratios appear with the twentieth return', () => {
    const days = (count: number) => [
      account(0, '1000'),
      ...Array.from({ length: count }, (_, at) => cash(at * day + 60, 'interest', at % 3 === 0 ? '-1' : '2')),
    ];
    expect(score(days(19))).not.toHaveProperty('sharpe');
    const result = score(days(20));
    expect(result).toMatchObject({ returns: { n: 20, annualization: 365, riskFree: 0 } });
    for (const ratio of ['sharpe', 'sortino', 'cagr', 'volatility'] as const) expect(result[ratio]).toBeTypeOf('number');
  });

  test('without an account equity and ratios are absent', () => {
    const result = score([trade(1, 'buy', '1', '10'), trade(2, 'sell', '1', '12')]);
    for (const name of ['equity', 'maxDrawdown', 'sharpe'] as const) expect(result).not.toHaveProperty(name);
    expect(result.returns.n).toBe(0);
    expect(result.netPnl).toBe('2');
  });

  test('a late mark restates the day that it belongs to', () => {
    const events = [account(0, '100'), trade(1, 'buy', '1', '10'), mark(100, '20'), trade(day + 1, 'sell', '1', '10')];
    expect(scoreStrategy(folded([events[0]!, events[1]!, events[3]!, events[2]!]).state)).toEqual(score(events));
    expect(score(events).maxDrawdown).toBeCloseTo(-10 / 110, 12);
  });
});
