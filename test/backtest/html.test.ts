import { describe, expect, it } from 'vitest';
import { backtestHtml } from '../../adapters/report/backtest-html.ts';
import { compareRuns } from '../../core/backtest/compare.ts';
import { foreignRoutes } from '../../core/backtest/pages.ts';
import { plotPoints } from '../../core/backtest/plot-points.ts';
import { buildReport } from '../../core/backtest/report.ts';
import { runAlarms } from '../../core/backtest/run-alarms.ts';
import { sweepLimits } from '../../core/backtest/sweep.ts';
import { alarm, at, historyOf } from './history-of.ts';

const evil = '<script>alert(1)</script>"\'&';

function page(): string {
  const history = historyOf({ M: '1*20 20*5 1*30', [evil]: '20*10' }, { source: evil, fidelity: [evil] });
  const definitions = [alarm(evil, 'M', { description: evil }), alarm('gone', evil), alarm('skipped', 'Other')];
  const runs = runAlarms(definitions, history);
  const report = buildReport({
    runs,
    history,
    routes: foreignRoutes,
    options: {},
    budget: { pagesPerWeek: 0, mustCatch: [evil] },
    incidents: [{ id: evil, title: evil, fromMs: at(0), toMs: at(1) }],
    sweep: sweepLimits(evil, [5, 30], definitions, history)!,
    compare: { with: evil, alarms: compareRuns(runs, new Map()), pages: 0 },
    checkHistory: { alarms: 1, matched: 0, differences: [{ alarm: evil, atMs: at(0), kind: 'onlyRecorded', to: 'OK', reason: evil }] },
  });
  return backtestHtml(report, history);
}

describe('the page of a backtest', () => {
  const html = page();

  it('escapes every text', () => {
    expect(html).not.toContain('<script');
    expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&#39;&amp;/g)!.length).toBeGreaterThan(12);
  });

  it('needs nothing else', () => {
    expect(html).not.toMatch(/\b(?:src|href)\s*=|url\(|@import|https?:/);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('draws each alarm that fired, and closes what it opens', () => {
    expect(html.match(/<svg /g)!.length).toBe(html.match(/<\/svg>/g)!.length);
    expect(html.match(/fill="var\(--alarm\)" fill-opacity/g)).toHaveLength(2);
    for (const tag of ['table', 'details', 'ul', 'div', 'main']) {
      expect(html.split(`<${tag}`).length, tag).toBe(html.split(`</${tag}>`).length);
    }
    expect(html).not.toContain('NaN');
  });
});

it('thins a series to its extremes and leaves gaps out', () => {
  const history = historyOf({ M: '1*30 _*30 5 9 5*28' });
  const points = plotPoints(alarm('a', 'M'), history, { fromMs: at(0), toMs: at(90) }, 3);
  expect(points).toEqual([
    { atMs: at(0), least: 1, most: 1 },
    { atMs: at(60), least: 5, most: 9 },
  ]);
});
