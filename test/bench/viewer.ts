/**
 * The viewer in a real Chromium: what it ships, how soon a page stands, how it holds up while data arrives, and the heavy case of 50 charts of 10 series
 * of 10,000 points. Absolute times are of this machine and of what else runs on it; the bound is on the bytes. With VIEWER_BEFORE=FOLDER, the `dist/web`
 * of another state of the project, both are measured in turn (before, after, after, before), so that the machine's moods meet both.
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
/** No step of a measurement takes longer on a machine that can be measured on. */
const patienceMs = 30_000;

export const bench: Bench = {
  name: 'viewer in Chromium',
  run: async ({ short }) => {
    shipped();
    if (!hasBrowser) {
      console.log('no Chromium here: times are not measured');
      return;
    }
    const browser = await within('opening Chromium', openBrowser());
    try {
      console.log(`machine: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, headless Chromium without a GPU`);
      const usual = { widgets: 24, series: 3, points: 180 };
      const heavy = short ? { widgets: 20, series: 10, points: 10_000 } : { widgets: 50, series: 10, points: 10_000 };
      await compare(browser, 'a dashboard of 24 charts (3 series of 180 points)', usual, short ? 2 : 5);
      await compare(browser, `${heavy.widgets} charts of ${heavy.series} series of ${heavy.points} points`, heavy, short ? 3 : 8);
    } finally {
      await within('closing Chromium', browser.close());
    }
  },
};

/** What a promise comes to, or an error that says what was waited for. */
async function within<T>(what: string, work: Promise<T>, ms = patienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

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

/** What one look at one build says; frames as their lengths in milliseconds. */
interface Seen {
  readonly firstPaint: number;
  readonly interactive: number;
  readonly all: number;
  readonly rest: readonly number[];
  readonly live: readonly number[];
  /** Answers with series that came during `live`. */
  readonly refreshes: number;
  readonly pointer: readonly number[];
  readonly zoom: number;
}

async function compare(browser: Browser, name: string, load: Load, seconds: number): Promise<void> {
  console.log(`\n${name}`);
  const before = process.env['VIEWER_BEFORE'];
  if (before === undefined) return say('', [await measure(browser, dist, load, seconds)], load);
  const seen = new Map<string, Seen[]>([before, dist].map(folder => [folder, []]));
  for (const folder of [before, dist, dist, before]) seen.get(folder)?.push(await measure(browser, folder, load, seconds));
  say('before: ', seen.get(before) ?? [], load);
  say('after:  ', seen.get(dist) ?? [], load);
}

function say(prefix: string, all: readonly Seen[], { widgets }: Load): void {
  const mean = (read: (seen: Seen) => number) => (all.reduce((sum, each) => sum + read(each), 0) / all.length).toFixed(0);
  const frames = (read: (seen: Seen) => readonly number[]) => all.flatMap(read);
  const [rest, live] = [frames(each => each.rest), frames(each => each.live)];
  const lines = [
    `first paint ${mean(each => each.firstPaint)} ms; charts in view drawn, and no long task for 250 ms (interactive) at ${mean(each => each.interactive)} ms; all ${widgets} drawn at ${mean(each => each.all)} ms`,
    `frames at rest: ${words(rest)}`,
    `frames while data arrives at 10 updates a second (${mean(each => each.refreshes)} refreshes of the charts in view): ${words(live)}; ratio of p95 to rest ${(at(live, 0.95) / at(rest, 0.95)).toFixed(2)}`,
    `pointer over a chart, all cursors follow: ${words(frames(each => each.pointer))}`,
    `redraw after a zoom: ${mean(each => each.zoom)} ms until the charts in view stand again`,
  ];
  for (const line of lines) console.log(`  ${prefix}${line}`);
}

function at(lengths: readonly number[], share: number): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Over 50 ms is what a reader feels. */
function words(lengths: readonly number[]): string {
  const slow = lengths.filter(length => length > 50).length;
  return `p50 ${at(lengths, 0.5).toFixed(1)} ms, p95 ${at(lengths, 0.95).toFixed(1)} ms, longest ${at(lengths, 1).toFixed(0)} ms, ${slow} of ${lengths.length} over 50 ms`;
}

async function measure(browser: Browser, folder: string, load: Load, seconds: number): Promise<Seen> {
  const server = await startHeavyServer({ dist: folder, ...load });
  const page = await within('a new page', browser.newPage({ viewport: { width: 1600, height: 1000 } }));
  // Functions that run in the page come through a compiler that keeps their names by this helper.
  await page.addInitScript({ content: 'globalThis.__name = target => target;' });
  let refreshes = 0;
  page.on('response', response => {
    if (response.url().endsWith('/api/metric-data')) refreshes += 1;
  });
  try {
    await page.goto(`${server.url}/#/heavy`, { timeout: patienceMs });
    const times = await within('the charts being drawn', page.evaluate(standing, patienceMs - 2_000));
    if ('missing' in times) throw new Error(`the page does not stand after ${(patienceMs - 2_000) / 1000} s: ${times.missing}`);
    const rest = await frames(page, 1);
    refreshes = 0;
    server.updatesPerSecond(10);
    const live = await frames(page, seconds);
    server.updatesPerSecond(0);
    const during = refreshes;
    const pointer = await framesWhileHovering(page);
    return { ...times, rest, live, refreshes: during, pointer, zoom: await zoomTime(page) };
  } finally {
    await within('closing the page', page.close());
    await within('closing the server', server.close());
  }
}

type Standing = { readonly firstPaint: number; readonly interactive: number; readonly all: number } | { readonly missing: string };

/** Runs in the page. What never comes (a widget in error, a page that is never quiet) is said after `patience` milliseconds. */
function standing(patience: number): Promise<Standing> {
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
      } else if (now > patience) {
        const states = widgets.map(element => element.getAttribute('data-status'));
        const counts = [...new Set(states)].map(state => `${states.filter(each => each === state).length} ${state}`).join(', ');
        const words = document.querySelector('.widget-said:not([hidden]), .page-said')?.textContent ?? '';
        const quiet = interactive === 0 && seen ? `; never quiet, the last long task ended ${Math.round(now - lastLong)} ms ago` : '';
        resolve({ missing: `widgets: ${counts || 'none'}${quiet}${words === '' ? '' : `; "${words}"`}` });
      } else setTimeout(look, 20);
    };
    look();
  });
}

/** Lengths of the frames of some seconds. A page without frames does not answer. */
function frames(page: Page, seconds: number): Promise<readonly number[]> {
  const measured = page.evaluate(
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
  return within(`${seconds} s of frames`, measured, seconds * 1000 + patienceMs);
}

async function plotBox(page: Page) {
  const box = await page.locator('.u-over').first().boundingBox({ timeout: patienceMs });
  if (box === null) throw new Error('there is no chart');
  return box;
}

async function framesWhileHovering(page: Page): Promise<readonly number[]> {
  const box = await plotBox(page);
  const measured = frames(page, 1.5);
  const until = performance.now() + 1_400;
  for (let step = 0; performance.now() < until; step += 1)
    await within('moving the pointer', page.mouse.move(box.x + 10 + ((step * 7) % (box.width - 20)), box.y + 30));
  await within('moving the pointer away', page.mouse.move(5, 5));
  return measured;
}

async function zoomTime(page: Page): Promise<number> {
  const box = await plotBox(page);
  const drag = async () => {
    await page.mouse.move(box.x + 60, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 40, { steps: 4 });
  };
  await within('dragging over a chart', drag());
  const answered = page.waitForResponse(response => response.url().endsWith('/api/metric-data'), { timeout: patienceMs });
  // A failure of the steps before it is the one to tell.
  answered.catch(() => undefined);
  const began = performance.now();
  await within('letting go', page.mouse.up());
  await answered.catch(() => {
    throw new Error(`zooming: no series were asked for within ${patienceMs / 1000} s`);
  });
  const twoFrames = page.evaluate(() => new Promise<void>(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))));
  await within('the frames after a zoom', twoFrames);
  return performance.now() - began;
}
