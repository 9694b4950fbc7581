import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from './find-violations.js';

const ATTACK = '<img src=x onerror="window.attacked=1">';

describe.skipIf(!existsSync(CHROMIUM))('many runs at once in the console, in Chromium', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let url: string;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    console = await openConsole();
    url = console.server.url;
    for (let count = 0; count < 3; count += 1) await console.startRun('invoice', { order: 4711 }, ['failed']);
    for (let count = 0; count < 2; count += 1) await console.startRun('nap', {}, ['running']);
    await console.startRun('greet', { name: 'Ada' }, ['completed']);
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, url);
  }, 120_000);
  afterAll(() => console.close());

  const rows = () => page.locator('tbody tr');
  const dialog = () => page.getByRole('dialog');
  const openList = async (search = ''): Promise<void> => {
    await page.goto(`${url}/console/runs${search}`);
    await rows().first().waitFor();
  };
  const untilDone = () => page.getByText('Completed', { exact: true }).first().waitFor();

  it('says how many runs the filter finds and what they cost, does it as a job, and finds it again', async () => {
    await openList('?status=failed');
    await page.getByRole('button', { name: 'Retry all…' }).click();
    await dialog().getByText('3 runs would be retried').waitFor();
    const said = await dialog().innerText();
    expect(said).toMatch(/It reserves \d+ credits, one run after the other\. [\d,]+ are available\./);
    expect(said).toContain('invoice');
    await dialog().getByRole('button', { name: 'Not now' }).click();
    expect((await console.server.api('/bulk-jobs')).body).toEqual({ bulk_jobs: [] });
    await page.getByRole('button', { name: 'Retry all…' }).click();
    await dialog().getByRole('button', { name: 'Retry 3 runs' }).click();
    await page.getByRole('heading', { name: 'Retrying 3 runs' }).waitFor();
    await untilDone();
    await page.getByRole('progressbar', { name: 'How far it is' }).waitFor();
    await expect.poll(() => page.getByRole('progressbar').getAttribute('aria-valuetext')).toBe('3 of 3');
    await openList();
    await page.getByRole('link', { name: 'Bulk jobs' }).click();
    await page.getByRole('link', { name: 'Retrying 3 runs' }).click();
    await page.getByRole('link', { name: 'Show the runs' }).click();
    await expect.poll(() => page.url()).toContain('/console/runs');
    for (const run of (await console.server.api('/runs?workflow_id=invoice')).body['runs'] as object[])
      expect(run).toMatchObject({ retries: 1 });
  });

  it('offers what the filter allows, and says where there is nothing to do', async () => {
    await openList('?status=completed');
    expect(await page.getByRole('button', { name: /all…$/ }).allInnerTexts()).toEqual(['Rerun all…']);
    await openList('?workflow=greet');
    await page.getByRole('button', { name: 'Cancel all…' }).click();
    await dialog().getByText('None of these runs is still going on').waitFor();
    await expect.poll(() => dialog().getByRole('button', { name: 'Cancel 0 runs' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
  });

  it('reruns what is selected, by the keyboard alone', async () => {
    await openList('?workflow=invoice');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 runs selected').waitFor();
    await page.getByRole('button', { name: 'Rerun…' }).focus();
    await page.keyboard.press('Enter');
    await dialog().getByText('2 runs would be run again').waitFor();
    await dialog().getByRole('button', { name: 'Rerun 2 runs' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Rerunning 2 runs' }).waitFor();
    await page.getByText('2 runs that were selected').waitFor();
    await untilDone();
    await openList('?workflow=invoice');
    await expect.poll(() => rows().count()).toBe(5);
    await expect.poll(() => page.getByRole('checkbox', { checked: true }).count()).toBe(0);
  });

  it('cancels with a reason, which is text wherever it is shown', async () => {
    await openList();
    await page.getByRole('button', { name: 'Cancel all…' }).click();
    await dialog().getByText('2 runs would be cancelled').waitFor();
    await dialog().getByLabel('Reason (optional), for the logs of the runs').fill(ATTACK);
    await dialog().getByRole('button', { name: 'Cancel 2 runs' }).click();
    await untilDone();
    await page.getByText(ATTACK).waitFor();
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    await openList('?workflow=nap&status=cancelled');
    await expect.poll(() => rows().count()).toBe(2);
  });

  it('says why runs were refused', async () => {
    const { body } = await console.server.api('/credits');
    const left = Number(body['used_this_month']) + Number(body['reserved']) + 12;
    await console.server.api('/organizations/default/credits', { method: 'PUT', body: { monthly_credits: left } });
    await openList('?workflow=invoice');
    await page.getByRole('button', { name: 'Rerun all…' }).click();
    await dialog().getByText('There are not enough credits for all of them').waitFor();
    await dialog()
      .getByRole('button', { name: /^Rerun \d+ runs$/ })
      .click();
    await untilDone();
    const refusals = page.getByRole('region', { name: 'Why runs were refused' });
    await expect.poll(() => refusals.innerText()).toMatch(/credits/);
    await refusals.getByRole('link').first().click();
    await page.getByTestId('failure').waitFor();
  });

  it('shows no job of another organization, and lets who only reads do nothing', async () => {
    const [job] = (await console.server.api('/bulk-jobs')).body['bulk_jobs'] as { id: string }[];
    await console.server.api('/organizations', { method: 'POST', body: { slug: 'other', name: 'Other' } });
    for (const [body, isSeen] of [
      [{ name: 'other', organization: 'other', scopes: ['run'] }, false],
      [{ name: 'reader', scopes: ['read'] }, true],
    ] as const) {
      const made = await console.server.api('/keys', { method: 'POST', body });
      const context = await console.browser.newContext();
      const { page: theirs } = await openPage(context);
      await signIn(theirs, url, String(made.body['key']));
      await theirs.goto(`${url}/console/bulk-jobs/${job?.id}`);
      await theirs
        .getByText(isSeen ? 'How far it is' : 'There is no such bulk job')
        .first()
        .waitFor();
      await theirs.goto(`${url}/console/runs`);
      await theirs.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
      await theirs.locator('.skeleton').first().waitFor({ state: 'detached' });
      await expect.poll(() => theirs.getByRole('button', { name: /all…$/ }).count()).toBe(0);
      await expect.poll(() => theirs.getByRole('checkbox').count()).toBe(0);
      await context.close();
    }
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    const [job] = (await console.server.api('/bulk-jobs')).body['bulk_jobs'] as { id: string }[];
    const paths = ['/runs', '/bulk-jobs', `/bulk-jobs/${job?.id}`];
    expect(await findViolationsOf(page, url, { paths, looks: TWO_LOOKS })).toEqual([]);
    await openList();
    await page.getByRole('button', { name: 'Rerun all…' }).click();
    await dialog().getByText('would be run again').waitFor();
  });

  it('did nothing that its policy refuses', () => {
    expect(faults).toEqual([]);
  });
});
