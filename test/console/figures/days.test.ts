import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from '../console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from '../find-violations.js';

describe.skipIf(!existsSync(CHROMIUM))('figures over days in the console, in Chromium', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let url: string;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    console = await openConsole();
    url = console.server.url;
    await console.startRun('greet', { name: 'Ada' }, ['completed']);
    await console.startRun('halves', {}, ['partial_complete']);
    await console.startRun('hostile', {}, ['failed']);
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, url);
  }, 120_000);
  afterAll(() => console.close());

  const panel = () => page.getByRole('region', { name: 'Over the last days' });

  it('says what all runs of the last days came to', async () => {
    await page.goto(`${url}/console`);
    await expect
      .poll(() => panel().innerText())
      .toMatch(/Completed\s+33 % 1 of 3 that ended\s+The others\s+1 partly complete\s*1 failed\s+Half took up to/);
    await panel()
      .getByRole('img', { name: /^Runs that ended, by the day, the oldest first: (\d, ){29}\d$/ })
      .waitFor();
    expect(await panel().innerText()).toMatch(/Kept since \d{4}-\d\d-\d\d\./);
  });

  it('shows other spans, and each day in numbers, by the keyboard', async () => {
    const week = panel().getByRole('button', { name: '7 days' });
    await week.focus();
    await page.keyboard.press('Enter');
    await panel()
      .getByRole('img', { name: /^Runs that ended, by the day, the oldest first: (\d, ){6}\d$/ })
      .waitFor();
    expect(await week.getAttribute('aria-pressed')).toBe('true');
    await panel().getByText('Day by day, in numbers').focus();
    await page.keyboard.press('Enter');
    const row = panel().getByRole('row').nth(1);
    await expect.poll(() => row.innerText()).toMatch(/^\d{4}-\d\d-\d\d\s+1\s+1\s+1\s+0\s/);
  });

  it('shows those of one workflow on its page', async () => {
    await page.goto(`${url}/console/workflows/greet`);
    await expect.poll(() => panel().innerText()).toMatch(/Completed\s+100 % 1 of 1 that ended/);
    await panel().getByRole('button', { name: '90 days' }).click();
    await panel()
      .getByRole('img', { name: /^Credits, by the day, the oldest first: (0, ){89}0$/ })
      .waitFor();
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    await page.getByText('Day by day, in numbers').first().waitFor();
    expect(await findViolationsOf(page, url, { paths: ['', '/workflows/greet'], looks: TWO_LOOKS })).toEqual([]);
    await page.setViewportSize({ width: 360, height: 780 });
    await panel().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

  it('did nothing that its policy refuses', () => {
    expect(faults).toEqual([]);
  });
});
