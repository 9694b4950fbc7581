import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from './find-violations.js';

describe.skipIf(!existsSync(CHROMIUM))('the overview of the console, in Chromium', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let url: string;
  let page: Page;
  let faults: string[];
  let release: string;

  beforeAll(async () => {
    console = await openConsole();
    url = console.server.url;
    release = await console.startRun('release', {}, ['running']);
    await console.startRun('nap', {}, ['running']);
    await console.startRun('hostile', {}, ['failed']);
    await console.startRun('halves', {}, ['partial_complete']);
    await console.startRun('halves', { fails: false }, ['completed']);
    const cancelled = await console.startRun('nap', {}, ['running']);
    await console.server.api(`/runs/${cancelled}/cancel`, { method: 'POST' });
    for (let count = 0; count < 12; count += 1) await console.startRun('greet', { name: 'Ada' }, ['completed']);
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, url);
  }, 120_000);
  afterAll(() => console.close());

  const count = (status: string): Promise<string> =>
    page.getByRole('region', { name: 'Now' }).getByRole('link').filter({ hasText: status }).innerText();

  it('says what runs, what needs a person and what else waits, and leads there by the keyboard', async () => {
    await page.goto(`${url}/console`);
    const asks = page.getByRole('region', { name: 'What needs a person' });
    await asks.getByText('Release: Release manager asks').waitFor();
    await expect.poll(() => asks.innerText()).toContain('Release version 1.4.2 to all customers?');
    await expect
      .poll(() => page.getByRole('region', { name: 'What else waits' }).innerText())
      .toMatch(/For a time 1\s+Long nap, pause \w{8}, until/);
    expect(await count('running')).toMatch(/^2\s/);
    await asks.getByRole('link', { name: 'Answer' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toBe(`${url}/console/runs/${release}`);
    await page.goto(`${url}/console`);
  });

  it('shows the latest runs of each workflow, in one look and in figures', async () => {
    const card = page.getByRole('article').filter({ hasText: 'Greeting' });
    await card.waitFor();
    await expect.poll(() => card.getByRole('list', { name: 'Last 12 runs' }).getByRole('listitem').count()).toBe(12);
    await expect
      .poll(() => card.innerText())
      .toMatch(/Completed\s+100 % 12 of 12 that ended\s+Half took up to\s+\d+ ms/);
    const shares = 'Completed, of those that ended, in tens of runs, the oldest first: 100 %, 100 %';
    await card.getByRole('img', { name: shares }).waitFor();
    await expect.poll(() => page.getByText('No runs yet:').innerText()).toContain('Monthly invoice');
  });

  it('counts runs that are partly complete or cancelled, and says what a share is of', async () => {
    await page.goto(`${url}/console`);
    await expect.poll(() => count('partly complete, of all that are kept')).toMatch(/^1\s/);
    await expect.poll(() => count('cancelled, of all that are kept')).toMatch(/^1\s/);
    const halves = page.getByRole('article').filter({ hasText: 'Half of it' });
    await expect
      .poll(() => halves.innerText())
      .toMatch(/Completed\s+50 % 1 of 2 that ended\s+The others\s+1 partly complete\s+Half took/);
    const naps = page.getByRole('article').filter({ hasText: 'Long nap' });
    await expect.poll(() => naps.innerText()).toMatch(/Completed\s+0 % 0 of 1 that ended\s+The others\s+1 cancelled/);
    await page.getByRole('region', { name: 'Now' }).getByRole('link', { name: 'partly complete' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toBe(`${url}/console/runs?status=partial_complete`);
    await page.goto(`${url}/console`);
  });

  it('is up to date without being asked', async () => {
    await expect.poll(() => count('completed')).toMatch(/^\d/);
    const before = Number.parseInt(await count('completed'), 10);
    await console.startRun('greet', { name: 'Grace' }, ['completed']);
    await expect.poll(async () => Number.parseInt(await count('completed'), 10), { timeout: 15_000 }).toBe(before + 1);
    const card = page.getByRole('article').filter({ hasText: 'Greeting' });
    await card.getByRole('list', { name: 'Last 13 runs' }).waitFor();
  });

  it('writes what workflows are called and why they failed as text', async () => {
    await page.getByRole('article').filter({ hasText: '<img src=x onerror="window.attacked=1">' }).waitFor();
    expect(await page.evaluate(() => Reflect.get(globalThis, 'attacked'))).toBeUndefined();
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    expect(await findViolationsOf(page, url, { paths: [''], looks: TWO_LOOKS })).toEqual([]);
    await page.setViewportSize({ width: 360, height: 780 });
    await page.getByRole('article').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

  it('did nothing that its policy refuses', () => {
    expect(faults).toEqual([]);
  });
});
