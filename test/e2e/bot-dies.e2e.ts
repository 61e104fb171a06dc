import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isUnderWay, type Running, startNightdesk } from '../run-nightdesk.ts';
import { hasBrowser, openBrowser } from './browser.ts';

const bot = 'momentum-btc';

let browser: Browser;
let running: Running;
let page: Page;
const consoleErrors: string[] = [];

beforeAll(async () => {
  if (!hasBrowser) throw new Error('Chromium is missing: install it or set CHROMIUM to its path');
  [browser, running] = await Promise.all([openBrowser(), startNightdesk('--fresh', '--speed', '20')]);
  page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  page.on('console', message => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  page.on('pageerror', error => consoleErrors.push(String(error)));
  await page.goto(running.url);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await running?.stop();
});

it('says that the data is simulated and how fast the clock runs', async () => {
  await expect.poll(() => page.getByTestId('banner').innerText(), { timeout: 60_000 }).toMatch(/simulated/i);
  expect(await page.getByTestId('banner').innerText()).toMatch(/20\s*×/);
});

it.each(['developer', 'trader', 'operations'])('fills the %s dashboard: every widget shows data or says why not', async tab => {
  await page.getByTestId(`tab-${tab}`).click();
  await expect.poll(() => page.getByTestId('widget').count(), { timeout: 60_000 }).toBeGreaterThan(3);
  await expect.poll(() => page.locator('[data-testid=widget][data-status=data]').count(), { timeout: 60_000 }).toBeGreaterThan(3);
  expect(await page.locator('[data-testid=widget][data-status=error]').count()).toBe(0);
});

it('pages when a bot dies, and resolves when it is back', async () => {
  const alarm = `[data-testid=alarm-row][data-alarm$="heartbeat-missing-${bot}"]`;
  const message = (channel: string, state: string) =>
    page.locator(`[data-testid=inbox-item][data-channel=${channel}][data-state=${state}][data-alarm*="heartbeat-missing"]`);

  await expect.poll(() => isUnderWay(running, bot), { timeout: 60_000 }).toBe(true);
  await page.getByTestId('provoke-bot-dies').first().click();
  await page.getByTestId('tab-inbox').click();
  await expect.poll(() => message('slack', 'ALARM').count(), { timeout: 60_000 }).toBeGreaterThan(0);
  await expect.poll(() => message('pagerduty', 'ALARM').count(), { timeout: 60_000 }).toBeGreaterThan(0);
  const text = await message('slack', 'ALARM').first().innerText();
  expect(text).toMatch(new RegExp(bot));
  expect(text).toMatch(/position/i);

  await page.getByTestId('tab-alarms').click();
  await expect.poll(() => page.locator(`${alarm}[data-state=ALARM]`).count(), { timeout: 90_000 }).toBe(1);

  await page.getByTestId('provoke-recover').first().click();
  await expect.poll(() => page.locator(`${alarm}[data-state=OK]`).count(), { timeout: 90_000 }).toBe(1);
  await page.getByTestId('tab-inbox').click();
  await expect.poll(() => message('slack', 'OK').count(), { timeout: 60_000 }).toBeGreaterThan(0);
  await expect.poll(() => message('pagerduty', 'OK').count(), { timeout: 60_000 }).toBeGreaterThan(0);
  const pages = page.locator('[data-testid=inbox-item][data-channel=pagerduty][data-alarm*="heartbeat-missing"]');
  expect(await pages.count(), 'two alert paths, one page').toBe(1);
});

it('shows no console error on the way', () => {
  expect(consoleErrors).toEqual([]);
});

it('stops cleanly', async () => {
  expect(await running.stop()).toBe(0);
});
