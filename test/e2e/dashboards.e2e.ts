/**
 * Every dashboard over recorded days: the paper bot trades, its events are replayed through the whole stack, and each widget of each body must show
 * data or say in words why it does not. In dark, in light and on a phone. NIGHTDESK_E2E_MONTH=1 replays the whole month.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paperBot, type Running, startNightdesk } from '../run-nightdesk.ts';
import { hasBrowser, openBrowser } from './browser.ts';

const isMonth = process.env.NIGHTDESK_E2E_MONTH === '1';
const artifacts = join(import.meta.dirname, 'artifacts');
const market = join(import.meta.dirname, '../../../shared/data/market');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Five hours of a day with trades, where the data is; made-up candles elsewhere. */
const stretch = { from: '2022-01-24 08:', minutes: 300 } as const;

let folder: string;
let browser: Browser;
let running: Running;

beforeAll(async () => {
  if (!hasBrowser) throw new Error('Chromium is missing: install it or set CHROMIUM to its path');
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-dashboards-'));
  mkdirSync(artifacts, { recursive: true });
  const events = join(folder, 'events.ndjson.gz');
  const traded = await paperBot(
    ...(marketArguments() ?? ['--random', '--minutes', String(stretch.minutes), '--seed', '7']),
    '--out',
    events,
  );
  expect(traded.code, traded.stderr).toBe(0);
  [browser, running] = await Promise.all([openBrowser(), startNightdesk('--input', events)]);
  await running.says('the replay is over');
}, 3_600_000);

afterAll(async () => {
  await browser?.close();
  await running?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The recorded month or its stretch, where it lies beside the project. */
function marketArguments(): readonly string[] | undefined {
  const name = existsSync(market) ? readdirSync(market).find(file => file.startsWith('btc-perp') && file.endsWith('.csv.gz')) : undefined;
  if (name === undefined) return undefined;
  if (isMonth) return ['--candles', join(market, name)];
  const [head = '', ...rows] = gunzipSync(readFileSync(join(market, name)))
    .toString('utf8')
    .split('\n');
  const first = rows.findIndex(row => row.startsWith(stretch.from));
  const file = join(folder, 'stretch.csv');
  writeFileSync(file, `${[head, ...rows.slice(Math.max(0, first), Math.max(0, first) + stretch.minutes)].join('\n')}\n`);
  return ['--candles', file];
}

interface Seen {
  readonly title: string;
  readonly status: string;
  readonly said: string;
  /** Whether there is ink: text, shapes, or pixels on a canvas. */
  readonly drawn: boolean;
}

const looks = [
  ['dark', { width: 1600, height: 1000, scheme: 'dark' }],
  ['light', { width: 1600, height: 1000, scheme: 'light' }],
  ['phone', { width: 390, height: 844, scheme: 'dark' }],
] as const;
const tabs = ['trader', 'operations', 'developer', 'resources'] as const;

async function widgetsOf(page: Page): Promise<readonly Seen[]> {
  await expect.poll(() => page.getByTestId('widget').count(), { timeout: 30_000 }).toBeGreaterThan(3);
  await expect.poll(() => page.locator('[data-testid=widget][data-status=loading]').count(), { timeout: 90_000 }).toBe(0);
  return page.getByTestId('widget').evaluateAll(elements =>
    elements.map(element => {
      const body = element.querySelector('.widget-body');
      const shadows = [...(body?.querySelectorAll('*') ?? [])].flatMap(each => (each.shadowRoot === null ? [] : [each.shadowRoot]));
      const roots = [...(body === null ? [] : [body]), ...shadows];
      const inked = [...element.querySelectorAll('canvas')].some(canvas => {
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
        let ink = 0;
        for (let at = 3; at < pixels.length; at += 4) if ((pixels[at] ?? 0) > 0) ink += 1;
        return ink > 200;
      });
      const isChart = element.querySelector('.plot') !== null;
      const filled = roots.some(root => (root.textContent ?? '').trim() !== '' || root.querySelector('svg') !== null);
      return {
        title: element.getAttribute('data-title') ?? '',
        status: element.getAttribute('data-status') ?? '',
        said: element.querySelector('.widget-said')?.textContent ?? '',
        drawn: isChart ? inked : filled,
      };
    }),
  );
}

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate(() => {
    const run = Reflect.get(window, 'axe') as {
      run: (options: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
    };
    return run.run({ resultTypes: ['violations'] }).then(result => result.violations);
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

describe.each(tabs)('the %s dashboard', tab => {
  it.each(looks)('in %s shows data in every widget, or says why not', async (name, look) => {
    const complaints: string[] = [];
    const page = await browser.newPage({ viewport: { width: look.width, height: look.height }, colorScheme: look.scheme });
    page.on('console', message => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', error => complaints.push(String(error)));
    await page.goto(`${running.url}/#/${tab}${isMonth ? '?range=all' : ''}`);
    const seen = await widgetsOf(page);
    // The picture is of the whole page, also of what is out of sight.
    await page.getByTestId('widget').evaluateAll(all => {
      for (const each of all) if (each instanceof HTMLElement) each.style.contentVisibility = 'visible';
    });
    await page.screenshot({ path: join(artifacts, `${tab}-${name}.png`), fullPage: true });

    const body = await page.evaluate(async wanted => {
      const entries = (await (await fetch('/api/dashboards')).json()) as { name: string; audience: string }[];
      const entry = entries.find(({ audience }) => audience === wanted);
      return (await (await fetch(`/api/dashboards/${entry?.name}`)).json()) as { body: { widgets: unknown[] } };
    }, tab);
    expect(seen).toHaveLength(body.body.widgets.length);
    for (const { title, status, said, drawn } of seen) {
      if (status === 'empty') expect(said, `${title} says why it is empty`).toMatch(/\w+ \w+ \w+/);
      else expect({ title, status, drawn: drawn || said !== '' }, title).toEqual({ title, status: 'data', drawn: true });
    }
    expect(seen.filter(({ status }) => status === 'data').length, 'most widgets have data').toBeGreaterThan(seen.length / 2);
    expect(await seriousFaults(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, 'fits the width').toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
