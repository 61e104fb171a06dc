import { describe, expect, it } from 'vitest';
import { reportStrategy, type StrategyReport } from '../../core/report/strategy-report.ts';
import { STRATEGIES_PER_MESSAGE, summaryMessages } from '../../core/report/summary.ts';
import { windowOf } from '../../core/report/window.ts';
import { account, folded, monday, trade } from '../ledger/events.ts';

const day = monday / 86_400_000;

function report(pnl: string | undefined, currency = 'USD'): StrategyReport {
  const { state } = folded([account(0, '1000'), trade(10, 'buy', '1', '100'), trade(20, 'sell', '1', '150')]);
  const made = reportStrategy({ state, window: windowOf('day', day), nowMs: monday + 86_400_000, limits: {} });
  const { pnl: _, ...money } = made.money;
  return { ...made, currency, money: { ...money, ...(pnl === undefined ? {} : { pnl }) } };
}

const headlines = (...reports: readonly StrategyReport[]) =>
  summaryMessages('demo', 'day', day, reports, monday).map(({ headline }) => headline.replace(/^.*2026-03-09/, ''));

describe('the headline of a summary', () => {
  it('adds like currencies, exactly, and never unlike ones', () => {
    expect(headlines(report('0.1'), report('0.2'), report('-1.3'), report('5', 'EUR'))).toEqual([': −1.00 USD, +5.00 EUR']);
  });

  it('says of how many the profit is not known', () => {
    expect(headlines(report('100'), report(undefined))).toEqual([': +100.00 USD (not known of 1 of 2)']);
    expect(headlines(report(undefined))).toEqual([': profit not known']);
  });

  it('says which part of the strategies it is about', () => {
    const many = Array.from({ length: STRATEGIES_PER_MESSAGE + 1 }, () => report('1'));
    expect(headlines(...many)).toEqual([' (1 of 2): +10.00 USD', ' (2 of 2): +1.00 USD']);
  });
});
