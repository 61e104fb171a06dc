import { describe, expect, it } from 'vitest';
import { catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { showProblem } from '../../core/config/problem.ts';

const bots = [{ id: 'b1', strategies: ['s1', 's2'] }, { id: 's3' }];
const parse = (groups: unknown) => parseConfig({ bots, groups });
const problems = (groups: unknown) => {
  const parsed = parse(groups);
  return parsed.ok ? [] : parsed.error.map(showProblem);
};
const basis = { currency: 'USD', limits: { dailyLoss: 5000 } };

describe('groups', () => {
  it('have members, rates and limits with every default filled in', () => {
    const parsed = parse({
      'acct-7': { kind: 'account', accountId: 'A-7', ...basis },
      desk: { kind: 'desk', strategies: ['s1'], ...basis, rates: { 'EUR/USD': 1.08 } },
      firm: { kind: 'firm', currency: 'USD', limits: { netExposure: '1000', positionQty: { 'BTC-USD': 3 } } },
    });
    expect(parsed.ok && parsed.value.groups).toEqual([
      {
        ...{ id: 'acct-7', kind: 'account', accountId: 'A-7', strategies: ['s1', 's2', 's3'] },
        ...{ currency: 'USD', rates: {}, rateMaxAgeSeconds: 86_400, limits: { dailyLoss: '5000' } },
      },
      {
        ...{ id: 'desk', kind: 'desk', strategies: ['s1'], currency: 'USD', rates: { 'EUR/USD': '1.08' }, rateMaxAgeSeconds: 86_400 },
        limits: { dailyLoss: '5000' },
      },
      {
        ...{ id: 'firm', kind: 'firm', strategies: ['s1', 's2', 's3'], currency: 'USD', rates: {}, rateMaxAgeSeconds: 86_400 },
        limits: { netExposure: '1000', positionQty: { 'BTC-USD': '3' } },
      },
    ]);
  });

  it('have their alarms in CloudWatch as well, each at its own limit', () => {
    const parsed = parse({ desk: { kind: 'desk', strategies: ['s1'], ...basis } });
    if (!parsed.ok) throw new Error('not parsed');
    const named = catalogueAlarms(parsed.value).filter(({ dimensions }) => dimensions['RiskGroup'] !== undefined);
    expect(named.map(({ definition }) => definition.name)).toEqual(['demo-group-loss-desk']);
    expect(named[0]?.definition).toMatchObject({ threshold: -5000, operator: 'LessThanThreshold' });
  });

  it.each([
    [
      'a strategy that no bot has',
      { d: { kind: 'desk', strategies: ['s9'], ...basis } },
      'UNKNOWN_GROUP_STRATEGY at groups.d.strategies[0]',
    ],
    ['a strategy twice', { d: { kind: 'desk', strategies: ['s1', 's1'], ...basis } }, 'DUPLICATE_GROUP_STRATEGY at groups.d.strategies[1]'],
    ['no limit', { f: { kind: 'firm', currency: 'USD', limits: {} } }, 'GROUP_WITHOUT_LIMIT at groups.f.limits'],
    ['no account', { a: { kind: 'account', ...basis } }, 'MISSING at groups.a.accountId'],
    [
      'strategies of an account',
      { a: { kind: 'account', accountId: 'x', strategies: ['s1'], ...basis } },
      'UNKNOWN_KEY at groups.a.strategies',
    ],
    ['no currency', { f: { kind: 'firm', limits: { dailyLoss: 1 } } }, 'MISSING at groups.f.currency'],
    ['a rate of no two currencies', { f: { kind: 'firm', ...basis, rates: { EURUSD: 1 } } }, 'INVALID_VALUE at groups.f.rates'],
    [
      'a negative limit',
      { f: { kind: 'firm', currency: 'USD', limits: { dailyLoss: '-5' } } },
      'INVALID_VALUE at groups.f.limits.dailyLoss',
    ],
  ])('with %s are refused with place, value and rule', (_, groups, expected) => {
    expect(problems(groups).join('\n')).toContain(expected);
  });
});

describe('position limits', () => {
  const limitsOf = (limits: object) => {
    const parsed = parseConfig({ bots: [{ id: 'b', limits }] });
    return parsed.ok ? parsed.value.bots[0]?.strategies[0]?.limits : undefined;
  };
  it.each([
    ['at four fifths', { positionQty: '10' }, '8'],
    ['exactly, whatever the digits', { positionQty: '0.003' }, '0.0024'],
    ['where the owner says', { positionQty: '10', positionSoftQty: '3' }, '3'],
    ['nowhere without a limit', {}, undefined],
  ])('warn %s', (_, limits, expected) => {
    expect(limitsOf(limits)?.positionSoftQty).toBe(expected);
  });
});
