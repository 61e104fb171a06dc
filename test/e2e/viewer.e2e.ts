/** The viewer in a real browser, over invented answers: every widget type, every page, both grounds, phone width. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeServer, startFakeServer } from '../web/fake-server.ts';
import { hasBrowser, openBrowser } from './browser.ts';

const dist = join(import.meta.dirname, '../../dist/web');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let server: FakeServer;
let complaints: string[] = [];

beforeAll(async () => {
  if (!hasBrowser) throw new Error('Chromium is missing: install it or set CHROMIUM to its path');
  [browser, server] = await Promise.all([openBrowser(), startFakeServer({ dist, speed: 60 })]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(() => {
  complaints = [];
});

interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'dark' | 'light';
}

const desk: Look = { width: 1600, height: 1000, scheme: 'dark' };

async function open(hash: string, look: Look = desk): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: look.width, height: look.height }, colorScheme: look.scheme });
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error)));
  await page.goto(`${server.url}/#/${hash}`);
  return page;
}

const widgets = (page: Page, status: string) => page.locator(`[data-testid=widget][data-status=${status}]`);

async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.getByTestId('widget').count(), { timeout: 60_000 }).toBeGreaterThan(3);
  await expect.poll(() => widgets(page, 'loading').count(), { timeout: 60_000 }).toBe(0);
}

/** Counts what a page asks of the widgets' data, and tells when that has come to rest. */
function trafficOf(page: Page) {
  const isData = (url: string) => url.endsWith('/api/metric-data') || url.endsWith('/api/widget');
  let asked = 0;
  let answered = 0;
  let lastMs = 0;
  page.on('request', request => {
    if (!isData(request.url())) return;
    asked += 1;
    lastMs = performance.now();
  });
  const onEnd = (request: { readonly url: () => string }) => {
    if (isData(request.url())) answered += 1;
  };
  page.on('requestfinished', onEnd);
  page.on('requestfailed', onEnd);
  return { asked: () => asked, isAtRest: () => answered >= asked && performance.now() - lastMs > 500 };
}

/** Stops the refreshing of a dashboard, and waits for what was under way. */
async function pause(page: Page, traffic: ReturnType<typeof trafficOf>): Promise<void> {
  await page.getByTestId('pause').click();
  await expect.poll(traffic.isAtRest).toBe(true);
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
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

describe('dashboards', () => {
  it.each(['trader', 'operations', 'developer'])('show %s: each widget has data or says in words why not', async name => {
    const page = await open(name);
    await settled(page);
    expect(await widgets(page, 'error').count()).toBe(0);
    expect(await widgets(page, 'data').count()).toBeGreaterThan(3);
    for (const empty of await widgets(page, 'empty').all()) expect(await empty.innerText()).toMatch(/no data|not drawn/i);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('say that the data is simulated and how fast the clock runs', async () => {
    const page = await open('');
    await expect.poll(() => page.getByTestId('banner').innerText()).toMatch(/simulated data.*60×/i);
    const before = await page.getByTestId('clock').innerText();
    await expect.poll(() => page.getByTestId('clock').innerText()).not.toBe(before);
    await page.close();
  });

  it('ask for the series of many widgets in few requests, and keep their drawings on a tick', async () => {
    const page = await open('trader?range=1h');
    // By the end of the range that they ask for, which is the moment of the load that they belong to. The clock ticks once a second.
    const loads = new Map<string, number>();
    const beganMs = performance.now();
    page.on('request', request => {
      if (!request.url().endsWith('/api/metric-data')) return;
      const { to } = request.postDataJSON() as { readonly to: string };
      loads.set(to, (loads.get(to) ?? 0) + 1);
    });
    await settled(page);
    const canvas = await page.locator('canvas').first().elementHandle();
    const before = loads.size;
    await expect.poll(() => loads.size).toBeGreaterThan(before);
    expect(Math.max(...loads.values()), 'requests of a load').toBeLessThan(4);
    expect(loads.size, 'loads').toBeLessThan(8 + (performance.now() - beganMs) / 1_000);
    expect(await canvas?.evaluate(node => node.isConnected)).toBe(true);
    await page.close();
  });

  it('zoom by drag, keep the range in the address, and reset', async () => {
    const page = await open('trader?range=3h');
    await settled(page);
    const plot = await page.locator('.u-over').first().boundingBox();
    if (plot === null) throw new Error('there is no chart');
    await page.mouse.move(plot.x + 100, plot.y + 50);
    await page.mouse.down();
    await page.mouse.move(plot.x + 300, plot.y + 60, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => page.url()).toMatch(/from=.*to=/);
    await page.getByTestId('reset-zoom').click();
    await expect.poll(() => page.url()).toMatch(/range=3h/);
    await page.close();
  });

  it('zoom out by a double click', async () => {
    const page = await open('trader?from=2026-01-14T11:00:00.000Z&to=2026-01-14T12:00:00.000Z');
    await settled(page);
    await page.locator('.u-over').first().dblclick();
    await expect.poll(() => page.url()).toMatch(/from=2026-01-14T10%3A30.*to=2026-01-14T12%3A30/);
    await page.close();
  });

  it('tell beside the pointer what every line is worth, the nearest marked, and to the keyboard too', async () => {
    const page = await open('trader?from=2026-01-14T10:00:00.000Z&to=2026-01-14T13:00:00.000Z&marks=none');
    await settled(page);
    const chart = page.locator('.chart').first();
    const plot = await chart.locator('.u-over').boundingBox();
    if (plot === null) throw new Error('there is no chart');
    const tip = page.getByTestId('tip');
    const shown = () => tip.locator('li:visible').evaluateAll(rows => rows.map(each => (each.textContent ?? '').replace('−', '-')));
    const values = async () => (await shown()).map(row => Number(/-?[\d.,]+$/.exec(row)?.[0].replace(',', '')));
    await page.mouse.move(plot.x + plot.width / 2, plot.y + 4);
    await expect.poll(() => tip.isVisible()).toBe(true);
    expect(await tip.locator('.tip-time').innerText()).toBe('14 Jan 11:30:00');
    expect(await shown()).toHaveLength(3);
    expect(await values()).toEqual([...(await values())].sort((a, b) => b - a));
    expect(await tip.locator('li').first().getAttribute('data-nearest')).toBe('');
    await page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height - 2);
    await expect.poll(() => tip.locator('li:visible').last().getAttribute('data-nearest')).toBe('');
    await page.keyboard.press('Escape');
    await expect.poll(() => tip.isVisible()).toBe(false);
    await page.mouse.move(5, 5);
    await chart.locator('.plot').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => tip.isVisible()).toBe(true);
    expect(await tip.locator('.tip-time').innerText()).toBe('14 Jan 13:00:00');
    expect(await tip.locator('[data-nearest]').count()).toBe(0);
    await page.keyboard.press('Tab');
    await expect.poll(() => tip.isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('move in time by drag with Shift, by keys and by buttons, never beyond now', async () => {
    const page = await open('trader?from=2026-01-14T10:00:00.000Z&to=2026-01-14T12:00:00.000Z');
    await settled(page);
    const span = () => {
      const search = new URLSearchParams(page.url().split('?')[1]);
      return [search.get('from'), search.get('to')]
        .map(each => Math.round(Date.parse(each ?? '') / 60_000) * 60_000)
        .map(ms => new Date(ms).toISOString().slice(11, 16));
    };
    const plot = await page.locator('.u-over').first().boundingBox();
    if (plot === null) throw new Error('there is no chart');
    await page.mouse.move(plot.x + plot.width * 0.25, plot.y + 40);
    await page.keyboard.down('Shift');
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.75, plot.y + 50, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await expect.poll(span).toEqual(['09:00', '11:00']);
    await page.locator('.plot').first().focus();
    await page.keyboard.press('Control+ArrowLeft');
    await expect.poll(span).toEqual(['08:00', '10:00']);
    await page.getByTestId('range-later').focus();
    await page.keyboard.press('Enter');
    await expect.poll(span).toEqual(['09:00', '11:00']);
    // The button is still where the reader is.
    await page.keyboard.press('Enter');
    await expect.poll(span).toEqual(['10:00', '12:00']);
    // A drag moves what is drawn, which comes some time after the address.
    const shown = async (share: number) => {
      await page.mouse.move(plot.x + plot.width * share, plot.y + 39);
      await page.mouse.move(plot.x + plot.width * share, plot.y + 40);
      return page.getByTestId('tip').locator('.tip-time').innerText();
    };
    await expect.poll(() => shown(0.9)).toBe('14 Jan 11:48:00');
    await page.mouse.down({ button: 'middle' });
    await page.mouse.move(plot.x + plot.width * 0.4, plot.y + 40, { steps: 3 });
    await page.mouse.up({ button: 'middle' });
    await expect.poll(span).toEqual(['11:00', '13:00']);
    for (let press = 0; press < 3; press += 1) await page.getByTestId('range-later').click();
    const toMs = () => Date.parse(new URLSearchParams(page.url().split('?')[1]).get('to') ?? '');
    await expect.poll(toMs).toBeGreaterThan(Date.parse('2026-01-14T13:00:00Z'));
    // The page's own clock is drawn four times a second: it may be older than what the press saw.
    const { now } = (await (await fetch(`${server.url}/api/status`)).json()) as { readonly now: string };
    expect(toMs()).toBeLessThanOrEqual(Date.parse(now));
    await settled(page);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('move on from where they were moved to before its data has come', async () => {
    const page = await open('trader?from=2026-01-14T10:00:00.000Z&to=2026-01-14T12:00:00.000Z');
    await settled(page);
    let release: () => void = () => undefined;
    const gate = new Promise<void>(resolve => {
      release = resolve;
    });
    await page.route('**/api/metric-data', async route => {
      await gate;
      await route.continue();
    });
    await page.locator('.plot').first().focus();
    await page.keyboard.press('Control+ArrowLeft');
    await expect.poll(() => page.url()).toMatch(/from=2026-01-14T09%3A00.*to=2026-01-14T11%3A00/);
    await page.keyboard.press('Control+ArrowLeft');
    await expect.poll(() => page.url()).toMatch(/from=2026-01-14T08%3A00.*to=2026-01-14T10%3A00/);
    release();
    await settled(page);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('have a table of last, smallest, largest and average as their legend when they are large', async () => {
    const page = await open('trader?from=2026-01-14T10:00:00.000Z&to=2026-01-14T13:00:00.000Z');
    await settled(page);
    const widget = page.locator('[data-testid=widget]:has(.chart)').first();
    const table = widget.getByTestId('legend-table');
    expect(await table.count()).toBe(0);
    await widget.getByTestId('widget-menu').click();
    await widget.getByTestId('menu-enlarge').click();
    await expect.poll(() => table.isVisible()).toBe(true);
    expect(await table.locator('thead th').allInnerTexts()).toEqual(['Line', 'Last', 'Minimum', 'Maximum', 'Average', 'At the pointer']);
    const row = table.locator('tbody tr').first();
    const numbers = async () => (await row.locator('td').allInnerTexts()).map(text => Number(text.replace('−', '-').replace(',', '')));
    await expect.poll(async () => (await numbers()).slice(0, 4).every(Number.isFinite)).toBe(true);
    const [last = 0, least = 0, most = 0, average = 0] = await numbers();
    expect(least <= last && last <= most && least < average && average < most).toBe(true);
    await row.locator('button').focus();
    await page.keyboard.press('Enter');
    expect(await row.locator('button').getAttribute('aria-pressed')).toBe('false');
    expect(await seriousFaults(page)).toEqual([]);
    // What lies below is out of the keyboard's way.
    const isOutside = () =>
      page.evaluate(() => document.activeElement?.closest('.enlarged') === null && document.activeElement !== document.body);
    for (let press = 0; press < 12; press += 1) {
      await page.keyboard.press('Tab');
      expect(await isOutside()).toBe(false);
    }
    await page.keyboard.press('Escape');
    await expect.poll(() => table.isVisible()).toBe(false);
    expect(await page.locator('[inert]').count()).toBe(0);
    expect(await widget.locator('.legend button').first().getAttribute('aria-pressed')).toBe('false');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('leave the focus where it is when the time range is chosen by keyboard', async () => {
    const page = await open('trader?range=3h');
    await settled(page);
    await page.getByTestId('range-12h').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toMatch(/range=12h/);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('range-12h');
    await page.close();
  });

  it('write the values of a pie beside each other', async () => {
    const page = await open('trader?range=3h');
    await settled(page);
    // A tick may draw the rows anew after they were found: what is gone has no size.
    const gaps = () =>
      page.locator('.pie-legend li').evaluateAll(rows =>
        rows.map(row => {
          const of = (name: string) => {
            const range = document.createRange();
            range.selectNodeContents(row.querySelector(name)!);
            return range.getBoundingClientRect();
          };
          return of('.legend-share').left - of('.legend-value').right;
        }),
      );
    await expect.poll(async () => Math.min(...(await gaps()))).toBeGreaterThan(0);
    expect((await gaps()).length).toBeGreaterThan(1);
    await page.close();
  });

  it('show one series alone with Shift, and all again', async () => {
    const page = await open('trader?range=3h');
    await settled(page);
    const legend = page.locator('.chart').first().locator('.legend button');
    const pressed = () => legend.evaluateAll(buttons => buttons.map(each => each.getAttribute('aria-pressed')).join());
    await legend.nth(1).click({ modifiers: ['Shift'] });
    expect(await pressed()).toBe('false,true,false');
    await legend.nth(1).click({ modifiers: ['Shift'] });
    expect(await pressed()).toBe('true,true,true');
    await page.close();
  });

  it('stand still while they are paused', async () => {
    const page = await open('trader?range=1h');
    const traffic = trafficOf(page);
    await settled(page);
    await pause(page, traffic);
    const asked = traffic.asked();
    const clock = () => page.getByTestId('clock').innerText();
    const before = await clock();
    await expect
      .poll(async () => Date.parse(`1970-01-01T${(await clock()).slice(0, 8)}Z`) - Date.parse(`1970-01-01T${before.slice(0, 8)}Z`))
      .toBeGreaterThan(150_000);
    expect(traffic.asked()).toBe(asked);
    await page.getByTestId('pause').click();
    await expect.poll(traffic.asked).toBeGreaterThan(asked);
    await page.close();
  });

  it('ask for nothing before the clock of the stack is known', async () => {
    const page = await browser.newPage({ viewport: { width: desk.width, height: desk.height } });
    const asked: string[] = [];
    page.on('request', request => {
      if (request.url().endsWith('/api/metric-data')) asked.push(request.postData() ?? '');
    });
    // The stream tells the time too, when it is there in time.
    await page.route('**/api/stream', route => route.abort());
    let answers = 0;
    await page.route('**/api/status', async route => {
      answers += 1;
      if (answers > 1) await new Promise(resolve => setTimeout(resolve, 1_500));
      await route.continue();
    });
    await page.goto(`${server.url}/#/trader`);
    await settled(page);
    expect(asked.length).toBeGreaterThan(0);
    for (const body of asked) expect(body).toMatch(/"to":"2026-01-1/);
    await page.close();
  });

  it('share the moment under the pointer across charts', async () => {
    const page = await open('operations?range=1h');
    await settled(page);
    await page.locator('.u-over').first().hover();
    await expect
      .poll(async () => (await page.locator('.legend-time').allInnerTexts()).filter(text => text !== '').length)
      .toBeGreaterThan(2);
    await page.close();
  });

  it('draw what a function answers without running any of it', async () => {
    const page = await open('trader');
    await settled(page);
    const host = page.locator('.custom');
    expect(await host.evaluate(element => element.shadowRoot?.querySelectorAll('tbody tr').length)).toBe(3);
    expect(await host.evaluate(element => element.shadowRoot?.querySelectorAll('script, img, [onclick], a[href]').length)).toBe(0);
    expect(await page.evaluate(() => Reflect.get(window, 'hacked'))).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describe('a dashboard with variables and actions', () => {
  const shadow = (page: Page, selector: string) => page.locator('.custom').first().locator(selector);

  it('puts defaults in, takes choices, and keeps them in the address', async () => {
    const asked: string[] = [];
    const page = await open('demo-desk');
    page.on('request', request => {
      if (request.url().endsWith('/api/metric-data')) asked.push(request.postData() ?? '');
    });
    await settled(page);
    const title = () => page.getByTestId('widget').first().getAttribute('data-title');
    expect(await title()).toBe('plain put in (Average)');
    expect(await page.getByTestId('variable-hidden').count()).toBe(0);
    await page.getByTestId('variable-strategy').locator('select').selectOption('maker-eth');
    await page.getByTestId('variable-stat').getByText('Maximum').click();
    await page.getByTestId('variable-title').locator('input').fill('mine');
    await page.getByTestId('variable-title').locator('input').press('Enter');
    await expect.poll(title).toBe('mine put in (Maximum)');
    await settled(page);
    expect(asked.at(-1)).toMatch(/maker-eth/);
    expect(asked.join()).toMatch(/"stat":"Maximum"/);
    const address = page.url();
    expect(address).toMatch(/v\.strategy=maker-eth/);
    await page.goto('about:blank');
    await page.goto(address);
    await expect.poll(title).toBe('mine put in (Maximum)');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('asks before it calls, shows answers in dialogs or in place, and runs nothing of theirs', async () => {
    const page = await open('demo-desk');
    const traffic = trafficOf(page);
    await settled(page);
    await shadow(page, '#ack').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('dialog.ask').innerText()).toMatch(/Acknowledge it\?/);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').filter({ visible: true }).count()).toBe(0);
    await shadow(page, '#ack').click();
    await page.getByTestId('confirm').click();
    await expect
      .poll(() => page.getByTestId('popup').locator('.answer').innerText())
      .toBe('did acknowledge with note from the form in dark');
    await page.keyboard.press('Escape');
    await shadow(page, '#more').click();
    await expect.poll(() => page.getByTestId('popup').locator('.custom p').innerText()).toMatch(/of this/);
    await page.keyboard.press('Escape');
    await shadow(page, '#broken').click();
    await expect.poll(() => page.getByTestId('popup').innerText()).toMatch(/not JSON/);
    await page.keyboard.press('Escape');
    // A refresh draws the widget itself again.
    await pause(page, traffic);
    await shadow(page, '#swap').click();
    await expect.poll(() => shadow(page, '.answer').innerText()).toBe('did swap with note from the form in dark');
    expect(await page.evaluate(() => Reflect.get(window, 'hacked'))).toBeUndefined();
    const left = await page
      .locator('.custom')
      .first()
      .evaluate(host => host.shadowRoot?.querySelectorAll('form, script, img, [type=password], [onclick]').length);
    expect(left).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('leaves what is typed into the field of a widget to the field', async () => {
    const page = await open('demo-desk');
    await settled(page);
    await shadow(page, 'input').first().focus();
    const before = page.url();
    await page.keyboard.type('1p2');
    expect(await shadow(page, 'input').first().inputValue()).toContain('1p2');
    expect(page.url()).toBe(before);
    await page.close();
  });

  it('saves numbers and pictures of a widget, and enlarges it', async () => {
    const page = await open('demo-desk?range=1h');
    await settled(page);
    const first = page.getByTestId('widget').first();
    const saved = async (id: string) => {
      await first.getByTestId('widget-menu').click();
      const [download] = await Promise.all([page.waitForEvent('download'), first.getByTestId(`menu-${id}`).click()]);
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };
    const csv = await saved('csv');
    expect(csv.name).toBe('plain-put-in-average.csv');
    const lines = csv.bytes.toString().trim().split('\r\n');
    expect(lines[0]).toMatch(/^time,OrderAckLatency/);
    expect(lines.length).toBeGreaterThan(50);
    const png = await saved('png');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(png.bytes.length).toBeGreaterThan(8_000);
    const width = async () => (await first.boundingBox())?.width ?? 0;
    const before = await width();
    await first.getByTestId('widget-menu').click();
    await first.getByTestId('menu-enlarge').click();
    await expect.poll(width).toBeGreaterThan(before * 1.5);
    await page.keyboard.press('Escape');
    await expect.poll(width).toBe(before);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows between two moments, and shares exactly what is seen', async () => {
    const page = await open('demo-desk');
    await settled(page);
    await page.getByTestId('range-own').click();
    await page.getByTestId('range-from').fill('2026-01-14T11:00');
    await page.getByTestId('range-to').fill('2026-01-14T10:00');
    await page.getByTestId('range-apply').click();
    expect(await page.locator('.range-said').innerText()).toMatch(/must be before/);
    await page.getByTestId('range-to').fill('2026-01-14T12:00');
    await page.getByTestId('range-apply').click();
    await expect.poll(() => page.url()).toMatch(/from=2026-01-14T11%3A00.*to=2026-01-14T12%3A00/);
    await page.getByTestId('share').click();
    await expect.poll(() => page.getByTestId('share').getAttribute('data-address')).toMatch(/from=2026-01-14T11/);
    await page.close();
  });
});

describe('deploys and sessions', () => {
  /** Pixels of the first chart's canvas that are inked in the column of a moment, as a share of the plot's height. */
  const inkAt = (page: Page, minutesBack: number) =>
    page.evaluate(back => {
      const over = document.querySelector<HTMLElement>('.u-over');
      const canvas = over?.closest('.uplot')?.querySelector('canvas');
      if (over === null || over === undefined || canvas === null || canvas === undefined) return -1;
      const left = Number.parseFloat(over.style.left);
      const top = Number.parseFloat(over.style.top);
      const x = Math.round(left + over.clientWidth * (1 - back / 180));
      const height = over.clientHeight;
      const shares = [-2, -1, 0, 1, 2].map(shift => {
        const pixels = canvas.getContext('2d')?.getImageData(x + shift, top, 1, height).data ?? [];
        let inked = 0;
        for (let at = 3; at < pixels.length; at += 4) if ((pixels[at] ?? 0) > 60) inked += 1;
        return inked / height;
      });
      return Math.max(...shares);
    }, minutesBack);
  const said = (page: Page) => page.locator('.moment-said:not([hidden])');
  /** The clock stands at 13:30, or moves so slowly that a line stays in its column. */
  let still: FakeServer;
  beforeAll(async () => {
    still = await startFakeServer({ dist, speed: 0.01 });
  });
  afterAll(() => still.close());

  async function openTrader(search: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: desk.width, height: desk.height }, colorScheme: 'dark' });
    page.on('pageerror', error => complaints.push(String(error)));
    await page.goto(`${still.url}/#/trader?range=3h${search}`);
    await settled(page);
    return page;
  }

  it('are lines on the charts that say what they are to the pointer and to the keyboard, and never become markup', async () => {
    const page = await openTrader('');
    await expect.poll(() => inkAt(page, 55)).toBeGreaterThan(0.9);
    expect(await inkAt(page, 70)).toBeLessThan(0.3);
    const plot = await page.locator('.u-over').first().boundingBox();
    if (plot === null) throw new Error('there is no chart');
    await page.mouse.move(plot.x + plot.width * (1 - 55 / 180), plot.y + 30);
    await expect
      .poll(() => said(page).allInnerTexts())
      .toEqual([expect.stringMatching(/12:35:00 momentum-btc, maker-eth deploy 3f2a9c1 by ci: <b>faster/)]);
    await page.mouse.move(plot.x + plot.width * (1 - 75 / 180), plot.y + 30);
    await expect.poll(() => said(page).count()).toBe(0);
    await page.mouse.move(5, 5);
    await page.locator('.plot').first().focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(() => said(page).allInnerTexts()).toEqual([expect.stringMatching(/XNYS closes/)]);
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(() => said(page).allInnerTexts()).toEqual([expect.stringMatching(/halt by risk-desk/)]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('are switched off and on, remembered, and shared by the address', async () => {
    const page = await openTrader('');
    await expect.poll(() => inkAt(page, 55)).toBeGreaterThan(0.9);
    await page.getByTestId('marks-deploys').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => inkAt(page, 55)).toBeLessThan(0.5);
    expect(page.url()).toMatch(/marks=sessions/);
    await page.reload();
    await settled(page);
    expect(await page.getByTestId('marks-deploys').getAttribute('aria-pressed')).toBe('false');
    await page.goto(`${still.url}/#/trader?range=3h&marks=deploys`);
    await expect.poll(() => inkAt(page, 55)).toBeGreaterThan(0.9);
    expect(await page.getByTestId('marks-sessions').getAttribute('aria-pressed')).toBe('false');
    await page.close();
  });
});

describe('a list', () => {
  it('takes a press although its rows are drawn anew before the pointer is let go', async () => {
    const page = await open('alarms');
    const row = page.locator('[data-testid=alarm-row][data-alarm$="order-latency-maker-eth"]');
    await row.hover();
    // A row tells its age, so each minute of the clock, which is a second here, draws it anew.
    const minute = async () => (await page.getByTestId('clock').innerText()).slice(0, 5);
    await page.mouse.down();
    const pressed = await row.elementHandle();
    const before = await minute();
    await expect.poll(minute).not.toBe(before);
    const next = await minute();
    await expect.poll(minute).not.toBe(next);
    await page.mouse.up();
    await expect.poll(() => page.url()).toMatch(/#\/alarms\/demo-order-latency-maker-eth/);
    await expect.poll(() => pressed?.evaluate(node => node.isConnected)).toBe(false);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describe('an incident', () => {
  it('is provoked, paged, shown and resolved', async () => {
    const page = await open('trader');
    await expect.poll(() => page.getByTestId('bot-momentum-btc').getAttribute('data-state')).toBe('up');
    await page.getByTestId('provoke-bot-dies').first().click();
    await expect.poll(() => page.getByTestId('bot-momentum-btc').getAttribute('data-state')).toBe('down');
    expect(await page.getByTestId('bot-momentum-btc').innerText()).toMatch(/down/);
    await expect.poll(() => page.getByTestId('tab-inbox').innerText()).toMatch(/2/);

    await page.getByTestId('tab-inbox').click();
    const item = (channel: string, state: string) =>
      page.locator(`[data-testid=inbox-item][data-channel=${channel}][data-state=${state}][data-alarm*="heartbeat-missing"]`);
    await expect.poll(() => item('slack', 'ALARM').count()).toBe(1);
    const said = await item('slack', 'ALARM').innerText();
    expect(said).toMatch(/position/i);
    expect(said).toContain('<!channel>');
    expect(await item('pagerduty', 'ALARM').innerText()).toMatch(/triggered[\s\S]*critical[\s\S]*first action/i);
    await expect.poll(() => page.getByTestId('tab-inbox').innerText()).toBe('Inbox');

    await page.getByTestId('tab-alarms').click();
    const row = page.locator('[data-testid=alarm-row][data-alarm$="heartbeat-missing-momentum-btc"]');
    await expect.poll(() => row.getAttribute('data-state'), { timeout: 60_000 }).toBe('ALARM');
    await row.click();
    await expect.poll(() => page.locator('.detail').innerText()).toMatch(/first action[\s\S]*look whether the process runs/i);
    await expect.poll(() => page.locator('.detail .timeline').innerText()).toMatch(/missing datapoints were treated as \[Breaching\]/);

    await page.getByTestId('provoke-recover').first().click();
    await expect.poll(() => row.getAttribute('data-state'), { timeout: 60_000 }).toBe('OK');
    await page.getByTestId('tab-incidents').click();
    await expect.poll(() => page.locator('[data-testid=incident-row][data-status=resolved]').count()).toBe(1);
    await page.getByTestId('incident-row').first().click();
    await expect.poll(() => page.getByTestId('timeline').innerText()).toMatch(/heartbeats are back/i);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describe('logs', () => {
  it('filter by pattern and open into JSON, and never become markup', async () => {
    const page = await open('logs');
    await expect.poll(() => page.locator('.log-row').count()).toBeGreaterThan(50);
    await page.getByTestId('log-tail').click();
    await page.getByTestId('log-pattern').fill('ERROR');
    await page.getByTestId('log-pattern').press('Enter');
    await expect.poll(() => page.locator('.log-row:not([data-level=error])').count()).toBe(0);
    expect(await page.locator('.log-row').first().innerText()).toContain('<img src=x');
    await page.locator('.log-json summary').first().click();
    await expect.poll(() => page.locator('.log-json pre').first().innerText()).toMatch(/"orderId"/);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describe('readers', () => {
  const looks: readonly (readonly [string, Look])[] = [
    ['dark', desk],
    ['light', { ...desk, scheme: 'light' }],
    ['a phone', { width: 390, height: 844, scheme: 'dark' }],
  ];
  const pages = ['trader', 'operations', 'developer', 'demo-desk', 'alarms/demo-session-loss-momentum-btc', 'incidents', 'logs', 'inbox'];

  it.each(looks)('find no serious accessibility fault: %s', async (_, look) => {
    const page = await open('trader', look);
    for (const hash of pages) {
      await page.goto(`${server.url}/#/${hash}`);
      const content = page.locator('[data-testid=widget], .detail .chart, .page-said, .row, .log-row, .message');
      await content.filter({ visible: true }).first().waitFor();
      await expect.poll(() => widgets(page, 'loading').count(), { timeout: 60_000 }).toBe(0);
      expect(await seriousFaults(page), hash).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${hash} fits the width`).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('choose their colours, and reach everything by keyboard', async () => {
    const page = await open('trader', { ...desk, scheme: 'light' });
    await settled(page);
    const ground = () => page.evaluate(() => document.documentElement.dataset['theme']);
    expect(await ground()).toBe('light');
    await page.getByTestId('theme').click();
    expect(await ground()).toBe('dark');
    await page.keyboard.press('6');
    await expect.poll(() => page.url()).toMatch(/#\/incidents/);
    await page.close();
  });

  it('on a phone open the panel of provocations and close it again', async () => {
    const page = await open('trader', { width: 390, height: 844, scheme: 'dark' });
    await page.getByTestId('drawer').click();
    await page.getByTestId('provoke-duplicate-fill').click();
    await expect.poll(() => page.getByTestId('provoke-said').innerText()).toMatch(/done/i);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByTestId('provoke-duplicate-fill').isVisible()).toBe(false);
    await page.close();
  });
});
