/**
 * The viewer in a real Chromium: what it ships, how soon a page stands, how it holds up while data arrives, and the heavy case of 50 charts of 10 series
 * of 10,000 points. Absolute times are of this machine; the bound is on the bytes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { hasBrowser, openBrowser } from '../e2e/browser.ts';
import { startHeavyServer } from '../web/heavy-server.ts';
import type { Bench } from './bench.ts';

const dist = join(import.meta.dirname, '../../dist/web');
const mostBytes = 250_000;

export const bench: Bench = {
  name: 'viewer in Chromium',
  run: async ({ short }) => {
    shipped();
    if (!hasBrowser) {
      console.log('no Chromium here: times are not measured');
      return;
    }
    const browser = await openBrowser();
    try {
      console.log(`machine: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, headless Chromium without a GPU`);
      const usual = { widgets: 24, series: 3, points: 180 };
      const heavy = short ? { widgets: 20, series: 10, points: 10_000 } : { widgets: 50, series: 10, points: 10_000 };
      await measure(browser, 'a dashboard of 24 charts (3 series of 180 points)', usual, short ? 2 : 5);
      await measure(browser, `${heavy.widgets} charts of ${heavy.series} series of ${heavy.points} points`, heavy, short ? 3 : 8);
    } finally {
      await browser.close();
    }
  },
};

function shipped(): void {
  if (!existsSync(dist)) throw new Error('the viewer is not built: run "npm run build"');
  const sizes = readdirSync(dist).map(name => ({ name, bytes: gzipSync(readFileSync(join(dist, name))).length }));
  const sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
  console.log(
    `shipped, gzip: ${sizes.map(({ name, bytes }) => `${name} ${kilobytes(bytes)}`).join(', ')}; together ${kilobytes(sum)} of ${kilobytes(mostBytes)}`,
  );
  if (sum > mostBytes) throw new Error(`the viewer ships ${sum} bytes; the bound is ${mostBytes}`);
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

interface Load {
  readonly widgets: number;
  readonly series: number;
  readonly points: number;
}

interface Frames {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
  /** Over 50 ms: what a reader feels. */
  readonly slow: number;
}

async function measure(browser: Browser, name: string, load: Load, seconds: number): Promise<void> {
  const server = await startHeavyServer({ dist, ...load });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  // Functions that run in the page come through a compiler that keeps their names by this helper.
  await page.addInitScript({ content: 'globalThis.__name = target => target;' });
  try {
    console.log(`\n${name}`);
    await page.goto(`${server.url}/#/heavy`);
    const times = await page.evaluate(standing);
    console.log(
      `  first paint ${times.firstPaint.toFixed(0)} ms; charts in view drawn, and no long task for 250 ms (interactive) at ${times.interactive.toFixed(0)} ms; all ${load.widgets} drawn at ${times.all.toFixed(0)} ms`,
    );
    const still = await frames(page, 1);
    server.updatesPerSecond(10);
    const live = await frames(page, seconds);
    server.updatesPerSecond(0);
    const said = ({ p50, p95, longest, slow, count }: Frames) =>
      `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, longest ${longest.toFixed(0)} ms, ${slow} of ${count} over 50 ms`;
    console.log(`  frames at rest: ${said(still)}`);
    console.log(
      `  frames while data arrives at 10 updates a second: ${said(live)}; ratio of p95 to rest ${(live.p95 / still.p95).toFixed(2)}`,
    );
    console.log(`  pointer over a chart, all cursors follow: ${said(await framesWhileHovering(page))}`);
    console.log(`  redraw after a zoom: ${(await zoomTime(page)).toFixed(0)} ms until the charts in view stand again`);
  } finally {
    await page.close();
    await server.close();
  }
}

/** Runs in the page. */
function standing(): Promise<{ firstPaint: number; interactive: number; all: number }> {
  return new Promise(resolve => {
    let lastLong = 0;
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) lastLong = Math.max(lastLong, entry.startTime + entry.duration);
    }).observe({ type: 'longtask', buffered: true });
    let interactive = 0;
    const inView = (element: Element) => element.getBoundingClientRect().top < innerHeight;
    const look = () => {
      const widgets = [...document.querySelectorAll('[data-testid=widget]')];
      const isDrawn = (element: Element) => element.getAttribute('data-status') === 'data';
      const now = performance.now();
      const seen = widgets.length > 0 && widgets.filter(inView).every(isDrawn);
      if (interactive === 0 && seen && now - lastLong > 250) interactive = Math.max(lastLong, now - 250);
      if (interactive > 0 && widgets.every(isDrawn)) {
        const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
        resolve({ firstPaint: paint, interactive, all: now });
      } else setTimeout(look, 20);
    };
    look();
  });
}

async function frames(page: Page, seconds: number): Promise<Frames> {
  const lengths = await page.evaluate(
    length =>
      new Promise<number[]>(resolve => {
        const gaps: number[] = [];
        const began = performance.now();
        let before = began;
        const next = (now: number) => {
          gaps.push(now - before);
          before = now;
          if (now - began < length) requestAnimationFrame(next);
          else resolve(gaps.slice(1));
        };
        requestAnimationFrame(next);
      }),
    seconds * 1000,
  );
  const sorted = [...lengths].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {
    count: sorted.length,
    p50: at(0.5),
    p95: at(0.95),
    longest: sorted.at(-1) ?? 0,
    slow: sorted.filter(length => length > 50).length,
  };
}

async function framesWhileHovering(page: Page): Promise<Frames> {
  const box = await page.locator('.u-over').first().boundingBox();
  if (box === null) throw new Error('there is no chart');
  const measured = frames(page, 1.5);
  const until = performance.now() + 1_400;
  for (let step = 0; performance.now() < until; step += 1) await page.mouse.move(box.x + 10 + ((step * 7) % (box.width - 20)), box.y + 30);
  await page.mouse.move(5, 5);
  return measured;
}

async function zoomTime(page: Page): Promise<number> {
  const box = await page.locator('.u-over').first().boundingBox();
  if (box === null) throw new Error('there is no chart');
  await page.mouse.move(box.x + 60, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 40, { steps: 4 });
  const answered = page.waitForResponse(response => response.url().endsWith('/api/metric-data'));
  const began = performance.now();
  await page.mouse.up();
  await answered;
  await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  return performance.now() - began;
}
