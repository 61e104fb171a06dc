import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../bin/commands/report.ts';
import { runCommand } from '../../bin/options.ts';
import { isoFromMs } from '../../core/time/instant.ts';

let folder: string;
const start = Date.parse('2026-01-05T00:00:00Z');
const day = 86_400_000;
const evil = '<script>alert(1)</script>';

/** Sixty days of one round trip a day, which win and lose in turn, and things that a report must show. */
function events(): string {
  const lines: string[] = [];
  const push = (atMs: number, fields: object) => {
    const time = isoFromMs(atMs);
    const envelope = {
      schemaVersion: 1,
      eventId: `e-${lines.length}`,
      source: { system: 'test' },
      environment: 'paper',
      strategyId: 's1',
      accountId: 'a1',
      tsEvent: time,
      tsSent: time,
    };
    lines.push(JSON.stringify({ ...envelope, ...fields }));
  };
  push(start, { eventType: 'account', equity: '10000', currency: 'USD', tsAsOf: isoFromMs(start) });
  for (let n = 0; n < 60; n += 1) {
    const at = start + n * day + 3_600_000;
    const trade = (offset: number, side: string, lastPx: string) =>
      push(at + offset, {
        eventType: 'execution',
        execId: `x${n}${side}`,
        execType: 'trade',
        instrumentId: 'BTC',
        venue: 'v',
        side,
        lastQty: '1',
        lastPx,
        transactTime: isoFromMs(at + offset),
        liquidity: 'maker',
        arrivalMid: '100',
        fees: [{ amount: '0.5', currency: 'USD' }],
      });
    trade(0, 'buy', '100');
    trade(60_000, 'sell', n % 3 === 0 ? '60' : '140');
    push(at, { eventType: 'heartbeat', component: 'main', status: 'ok', intervalMs: 10_000 });
  }
  push(start + 30 * day, { eventType: 'error', severity: 'error', code: evil, message: `${evil} | # not a table` });
  push(start + 31 * day, { eventType: 'control', action: 'halt', actor: 'ann', reason: evil });
  lines.push('{"eventType":"execution"}');
  return `${lines.join('\n')}\n`;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-report-'));
  writeFileSync(join(folder, 'events.ndjson.gz'), gzipSync(events()));
  writeFileSync(
    join(folder, 'prices.csv'),
    `date,close\n${Array.from({ length: 61 }, (_, n) => `${isoFromMs(start + (n - 1) * day).slice(0, 10)},${100 + (n % 5)}`).join('\n')}\n`,
  );
  writeFileSync(join(folder, 'bad.csv'), 'date,close\n2026-01-05,100\n2026-01-06,none\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const out: string[] = [];
  const io = {
    stdout: (text: string) => void out.push(text),
    stderr: () => undefined,
    stdin: process.stdin,
    env: {},
    cwd: folder,
    isTty: false,
  };
  const code = await runCommand(command, args, io);
  return { code, out: out.join('') };
}

const text = (name: string) => readFileSync(join(folder, 'out', name), 'utf8');

describe('nightdesk report', () => {
  it('writes a page that needs nothing else, and Markdown', async () => {
    const { code, out } = await run('events.ndjson.gz', '--out', 'out', '--benchmark', 'prices.csv');
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(2);
    const html = text('report-2026-01-05-to-2026-03-05.html');
    expect(html).not.toMatch(/<script|src=|https?:/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    for (const section of [
      'Summary',
      'Returns',
      'Ratios',
      'Drawdowns',
      'Round trips',
      'Risk',
      'Execution quality',
      'Incidents',
      'Data quality',
      'Against prices',
    ])
      expect(html, section).toContain(`>${section}<`);
    expect(html.match(/<svg /g)?.length).toBeGreaterThanOrEqual(15);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    for (const chart of html.match(/<svg [^>]*>/g) ?? []) expect(chart).toMatch(/role="img" aria-label="[^"]{5,}"/);
    for (const words of [
      /aria-label="Growth of 1 \(log scale; shaded: the \d deepest drawdowns\): strategy from 1\.000 × to [\d.]+ ×, lowest .*; drawdown of [\d.]+ % from /,
      /aria-label="The same, the strategy’s returns × [\d.]+ so that both have the volatility of prices/,
      /aria-label="Daily returns less those of prices \(%\): /,
      /aria-label="Returns by length of period .*: Days, n 60: lowest −[\d.]+ %, quartiles .*Months, n 3: /,
      /aria-label="Rolling alpha to prices/,
      /normal distribution of the same mean and deviation/,
    ])
      expect(html).toMatch(words);
    expect(html).toMatch(
      /Realized P&amp;L by instrument \(USD\).*<th scope="row">BTC<\/th><td class="n">800\.00<\/td><td class="n">−60\.00<.*740\.00/s,
    );
    const markdown = text('report-2026-01-05-to-2026-03-05.md');
    expect(markdown).toMatch(/\| Round trips, flat to flat \(n\) \| 60 \|/);
    expect(markdown).toMatch(/\| Sharpe \| [\d.]+ \| [−\d.]+ \|/);
    expect(markdown).toMatch(/\| Weeks \| 9 \| [\d.]+ % \|/);
    expect(markdown).toMatch(/\*\*Daily returns \(%\)\*\*, return: `[▁-█]+` /);
    expect(markdown).toContain('\\<script\\>');
    expect(markdown).not.toContain('| # not');
  });

  it('leaves annualised ratios out of a day, and says what the headline rests on', async () => {
    await run('events.ndjson.gz', '--day', '--at', '2026-01-10', '--out', 'out');
    const markdown = text('report-2026-01-10.md');
    expect(markdown).toMatch(/\| Sharpe \| – \| /);
    expect(markdown).toMatch(/needs 20/);
    // The month of a day would be the day under the month's name.
    expect(markdown).not.toMatch(/Months \(return\)/);
    expect(markdown).toMatch(/\| Round trips, flat to flat \(n\) \| 1 \|/);
  });

  it('takes weeks from Monday and months as the calendar has them', async () => {
    for (const [flag, days] of [
      ['--week', 7],
      ['--month', 28],
    ] as const) {
      const { out } = await run('events.ndjson.gz', flag, '--at', '2026-02-11', '--json');
      const { strategies } = JSON.parse(out) as { strategies: { days: unknown[]; trades: { n: number } }[] };
      expect(strategies[0]).toMatchObject({ trades: { n: days } });
      expect(strategies[0]!.days).toHaveLength(days);
    }
  });

  it('measures silences, slippage and maker share', async () => {
    const { out } = await run('events.ndjson.gz', '--json');
    const { strategies, lines } = JSON.parse(out) as {
      strategies: { log: Record<string, unknown> & { silences: unknown[] } }[];
      lines: { rejected: unknown[] };
    };
    expect(strategies[0]!.log).toMatchObject({ makerNotional: strategies[0]!.log['notional'], slippageCount: 120, errors: [{ count: 1 }] });
    expect(strategies[0]!.log.silences).toHaveLength(59);
    expect(lines.rejected).toHaveLength(1);
  });

  it.each([
    [['events.ndjson.gz', '--day', '--week'], /one of --day/],
    [['events.ndjson.gz', '--at', 'yesterday'], /--at must be a date or an ISO 8601 time/],
    [['events.ndjson.gz', '--strategy', 's2'], /--strategy must be one of s1; was "s2"/],
    [['events.ndjson.gz', '--benchmark', 'bad.csv'], /bad.csv: line 3: the price must be a number above 0; was "none"/],
    [['missing.ndjson'], /missing.ndjson cannot be read: no such file/],
    [[], /no kept state in .nightdesk/],
    [['events.ndjson.gz', '--wek'], /unknown option "--wek"/],
  ])('refuses %j in one clear line', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain('reports');
  });
});
