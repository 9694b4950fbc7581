import { existsSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from '../console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from '../find-violations.js';

describe.skipIf(!existsSync(CHROMIUM))('the timeline of a run that goes on, in Chromium', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let page: Page;
  let faults: string[];
  let run: string;

  beforeAll(async () => {
    console = await openConsole();
    run = await console.startRun('tend', {}, ['running']);
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, console.server.url);
  }, 120_000);
  afterAll(() => console.close());

  const open = (): Promise<unknown> => page.goto(`${console.server.url}/console/runs/${run}`);
  const playhead = (): Locator => page.getByTestId('playhead').locator('> span');
  const growing = (): Locator => page.getByRole('group', { name: 'Timeline' }).locator('[data-grows]');
  const endOf = async (moving: Locator): Promise<number> => {
    const { x = 0, width = 0 } = (await moving.boundingBox()) ?? {};
    return x + width;
  };

  /** In a second or so. A longer scale, which comes from time to time, sets it back. */
  const movesBy = async (moving: Locator): Promise<number> => {
    const before = await endOf(moving);
    await page.waitForTimeout(1_100);
    return (await endOf(moving)) - before;
  };

  it('has a line for now that moves on, and bars that grow to it', async () => {
    await open();
    for (const moving of [playhead(), growing().first(), growing().last()]) {
      await expect.poll(() => movesBy(moving)).toBeGreaterThan(0);
    }
    expect(await growing().count()).toBe(2);
    await expect
      .poll(async () => Math.abs((await endOf(growing().first())) - (await endOf(playhead()))))
      .toBeLessThan(12);
  });

  it('renders no row anew as time goes by, but for how long it took', async () => {
    await open();
    await growing().last().waitFor({ state: 'attached' });
    await expect.poll(() => page.evaluate(countChanges), { timeout: 60_000 }).toEqual({ rows: 0, isSameScale: true });
  });

  it('moves once a second where the system asks for less motion', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await open();
    await growing().last().waitFor({ state: 'attached' });
    const easings = (): Promise<unknown[]> =>
      page.evaluate(() => document.getAnimations().map(({ effect }) => effect?.getTiming().easing));
    await expect.poll(async () => (await easings()).length).toBe(3);
    for (const easing of await easings()) expect(easing).toMatch(/^steps\(\d+\)$/);
    await expect.poll(() => movesBy(playhead())).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: null });
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    const paths = [`/runs/${run}`];
    expect(await findViolationsOf(page, console.server.url, { paths, looks: TWO_LOOKS })).toEqual([]);
  });

  it('stops at the end of the run', async () => {
    await open();
    await playhead().waitFor({ state: 'attached' });
    expect(await console.server.api(`/runs/${run}/cancel`, { method: 'POST', body: {} })).toMatchObject({
      status: 200,
    });
    await playhead().waitFor({ state: 'detached' });
    expect(await growing().count()).toBe(0);
    await page.locator('h1', { hasText: 'Tending' }).waitFor();
    expect(faults).toEqual([]);
  });
});

/** What becomes of the rows until two seconds have been counted, their texts aside. */
async function countChanges(): Promise<{ rows: number; isSameScale: boolean }> {
  const box = document.querySelector('[aria-label="Timeline"]');
  const now = box?.querySelector('[data-testid=playhead]') ?? null;
  const rows = box?.querySelector('ol') ?? null;
  if (now === null || rows === null) return { rows: -1, isSameScale: false };
  const scale = (): string => box?.querySelector('.justify-between')?.textContent ?? '';
  const before = scale();
  let changes = 0;
  const observer = new MutationObserver((records) => (changes += records.length));
  observer.observe(rows, { childList: true, attributes: true, subtree: true });
  await new Promise<void>((resolve) => {
    let seconds = 0;
    new MutationObserver((_, ticks) => {
      seconds += 1;
      if (seconds < 2) return;
      ticks.disconnect();
      resolve();
    }).observe(now, { characterData: true, childList: true, subtree: true });
  });
  observer.disconnect();
  return { rows: changes, isSameScale: scale() === before };
}
