/** From alarm to resolved incident, in a real browser, on the local stack with the demo's channels: every button goes the signed way. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isUnderWay, type Running, startNightdesk } from '../run-nightdesk.ts';
import { hasBrowser, openBrowser } from './browser.ts';

let browser: Browser;
let running: Running;
let page: Page;
const consoleErrors: string[] = [];

beforeAll(async () => {
  if (!hasBrowser) throw new Error('Chromium is missing: install it or set CHROMIUM to its path');
  [browser, running] = await Promise.all([openBrowser(), startNightdesk('--fresh', '--speed', '10')]);
  page = await browser.newPage({ viewport: { width: 1500, height: 1200 } });
  page.on('console', message => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  page.on('pageerror', error => consoleErrors.push(String(error)));
  page.on('dialog', dialog => dialog.accept());
  await page.goto(`${running.url}/#/inbox`);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await running?.stop();
});

const soon = { timeout: 90_000 };
const message = (channel: string): Locator =>
  page.locator(`[data-testid=inbox-item][data-channel=${channel}][data-alarm*="heartbeat-missing-momentum-btc"]`);
const pagerDuty = () => message('pagerduty').locator('.pagerduty').getAttribute('data-action');

it('pages Slack, PagerDuty, Telegram and e-mail with what a person needs first', async () => {
  await expect.poll(() => isUnderWay(running, 'momentum-btc'), soon).toBe(true);
  await page.getByTestId('provoke-bot-dies').first().click();
  for (const channel of ['slack', 'pagerduty', 'telegram', 'email']) await expect.poll(() => message(channel).count(), soon).toBe(1);
  for (const channel of ['slack', 'telegram', 'email']) {
    const said = await message(channel).innerText();
    expect(said, channel).toMatch(/\[CRIT\] momentum-btc@/);
    expect(said, channel).toMatch(/open position/i);
    expect(said, channel).toMatch(/first action: check open positions/i);
    expect(said, channel).toMatch(/still trading/i);
  }
  expect(await pagerDuty()).toBe('trigger');
});

it('an Acknowledge pressed in Slack is an acknowledgement in PagerDuty, and in every message', async () => {
  await message('slack').locator('button[data-action=acknowledge]').click();
  await expect.poll(pagerDuty, soon).toBe('acknowledge');
  await expect.poll(() => message('slack').innerText(), soon).toMatch(/Acknowledged by you \(Slack\)/);
  await expect.poll(() => message('slack').locator('button[data-action=acknowledge]').count(), soon).toBe(0);
  await expect.poll(() => message('telegram').innerText(), soon).toMatch(/Acknowledged by you \(Slack\)/);
  await expect
    .poll(() => message('slack').locator('[data-testid=inbox-reply]').allInnerTexts(), soon)
    .toEqual(expect.arrayContaining([expect.stringMatching(/Only visible to you[\s\S]*You have it/)]));
});

it('a silence pressed in Slack shows in the message', async () => {
  await message('slack').locator('button[data-action="silence-1h"]').click();
  await expect.poll(() => message('slack').innerText(), soon).toMatch(/Silenced until/);
});

it('the bot is told to halt after a second step only, and as a dry run nothing is sent', async () => {
  await message('slack').locator('button[data-action=halt]').click();
  const confirm = message('slack').locator('[data-testid=inbox-reply] button[data-action=confirm-halt]');
  await expect.poll(() => confirm.count(), soon).toBe(1);
  await confirm.click();
  await expect.poll(() => message('slack').innerText(), soon).toMatch(/is being told to stop trading \(dry run/);
  expect(await page.locator('[data-testid=inbox-item][data-channel=bot]').count()).toBe(0);
});

it('turns green when the bot is back, with how long it lasted', async () => {
  await page.getByTestId('provoke-recover').first().click();
  await expect.poll(() => message('slack').getAttribute('data-state'), soon).toBe('OK');
  await expect.poll(pagerDuty, soon).toBe('resolve');
  await expect.poll(() => message('slack').innerText(), soon).toMatch(/\[RESOLVED\] momentum-btc@[\s\S]*Lasted/);
  const buttons = () =>
    message('slack').evaluate(shown =>
      [...shown.querySelectorAll('button[data-action]')].map(each => each.closest('[data-testid=inbox-reply]') !== null),
    );
  expect(await buttons()).not.toContain(false);
});

it('has a post-mortem to read, with the real timeline', async () => {
  await message('slack').getByRole('link', { name: 'incident' }).click();
  await page.getByTestId('post-mortem').click();
  const shown = page.getByTestId('post-mortem-text');
  await expect.poll(() => shown.innerText(), soon).toMatch(/heartbeat missing/);
  const text = await shown.innerText();
  expect(text).toMatch(/you \(Slack\)/);
  expect(text).toMatch(/dry ?run/i);
  expect(text).toMatch(/acknowledge to pagerduty accepted/);
});

it('an acknowledgement inside PagerDuty comes back', async () => {
  await page.goto(`${running.url}/#/inbox`);
  // Of a bot that did not die: the feed of one that did is old too, and may be an incident that ends here at any moment.
  await page.getByLabel('Which bot').selectOption('meanrev-eth');
  await page.getByTestId('provoke-feed-stale').first().click();
  const stale = (channel: string) =>
    page.locator(`[data-testid=inbox-item][data-channel=${channel}][data-state=ALARM][data-alarm*="market-data-stale-meanrev-eth"]`);
  await expect.poll(() => stale('pagerduty').count(), { timeout: 180_000 }).toBe(1);
  await stale('pagerduty').locator('button[data-action=acknowledge]').click();
  await expect.poll(() => stale('slack').innerText(), soon).toMatch(/Acknowledged by You \(PagerDuty\)/);
});

it('shows no console error on the way', () => {
  expect(consoleErrors).toEqual([]);
});
