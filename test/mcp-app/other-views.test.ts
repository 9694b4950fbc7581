import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, type ConsoleUnderTest } from '../console/console-under-test.js';
import type { HostPage } from './host-page.js';
import { HostUnderTest } from './host-under-test.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Result = Awaited<ReturnType<HostPage['call']>>;
type ShowOptions = Parameters<HostPage['show']>[2];

declare const host: HostPage;

describe.skipIf(!existsSync(CHROMIUM))('the views of a list and of a workflow', { timeout: 60_000 }, () => {
  let hosts: HostUnderTest;
  let under: ConsoleUnderTest;
  let page: Page;
  let faults: string[];
  let view: FrameLocator;

  beforeAll(async () => {
    hosts = await HostUnderTest.start('host-page.ts');
    ({ under } = hosts);
    await under.startRun('invoice', { order: 1 }, ['failed']);
    await under.startRun('hostile', {}, ['failed']);
    await under.startRun('greet', { name: 'Ada' }, ['completed']);
  }, 60_000);
  beforeEach(async () => {
    const opened = await hosts.open();
    ({ page, faults } = opened);
    view = page.frameLocator('iframe');
    return () => opened.close();
  });
  afterAll(() => hosts.close());

  /** Calls the tool, and shows its view. */
  const show = async (tool: 'list_runs' | 'get_workflow', args: object, more: ShowOptions = {}): Promise<Result> => {
    const uri = tool === 'list_runs' ? 'ui://errand/runs' : 'ui://errand/workflow';
    const json = JSON.stringify([tool, args, { uri, ...more }]);
    return page.evaluate(async (text) => {
      const [name, given, options] = JSON.parse(text) as [string, Record<string, unknown>, ShowOptions];
      const result = await host.call(name, given);
      await host.show(given, result, options);
      return result;
    }, json);
  };
  const newestOf = async (workflow: string): Promise<string> => {
    const { body } = await under.server.api(`/runs?workflow_id=${workflow}&limit=1`);
    return (body['runs'] as { created_at: string }[])[0]?.created_at ?? '';
  };
  const zoneOfPage = (): Promise<string> => page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const called = (): Promise<string[]> => page.evaluate(() => host.called);
  const findViolations = async (): Promise<string[]> => {
    const frame = page.frames().at(-1);
    await frame?.evaluate(AXE);
    const found = await frame?.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>('axe.run()');
    return found?.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`) ?? ['no frame'];
  };

  it('lists runs with why they failed, opens one in its place, and leads back', async () => {
    await show('list_runs', { status: 'failed' });
    await view.getByText('The order 4711 has no customer').waitFor();
    await expect.poll(() => view.getByRole('listitem').count()).toBe(2);
    await view.getByRole('button', { name: 'Monthly invoice' }).click();
    await view.getByRole('alert').getByText('make: ').waitFor();
    await view.getByRole('button', { name: 'Retry' }).waitFor();
    await view.getByRole('button', { name: 'All runs' }).click();
    await expect.poll(() => view.getByRole('listitem').count()).toBe(2);
    expect(faults).toEqual([]);
  });

  it('follows the list while a run of it goes on, and asks no more once all have ended', async () => {
    const id = await under.startRun('nap', {}, ['running']);
    await show('list_runs', { workflow_id: 'nap' });
    await view.getByText('Running', { exact: true }).waitFor();
    await under.server.api(`/runs/${id}/cancel`, { method: 'POST', body: {} });
    await view.getByText('Cancelled', { exact: true }).waitFor();
    expect(new Set(await called())).toEqual(new Set(['list_runs']));
  });

  it("shows times in the host's time zone and language, and as the browser has them where it names none that is known", async () => {
    const at = await newestOf('invoice');
    const shown = async (context: NonNullable<NonNullable<ShowOptions>['context']>): Promise<string> => {
      await show('list_runs', { workflow_id: 'invoice' }, { context });
      return (await view.getByRole('time').innerText()).replaceAll(/\s/g, ' ');
    };
    const as = (locale: string | undefined, timeZone?: string): string =>
      new Date(at)
        .toLocaleString(locale, {
          dateStyle: 'short',
          timeStyle: 'short',
          ...(timeZone === undefined ? {} : { timeZone }),
        })
        .replaceAll(/\s/g, ' ');
    expect(await shown({ locale: 'de-DE', timeZone: 'Asia/Tokyo' })).toBe(as('de-DE', 'Asia/Tokyo'));
    expect(await shown({ locale: 'en-US', timeZone: 'America/Anchorage' })).toBe(as('en-US', 'America/Anchorage'));
    expect(await shown({ locale: 'en-GB', timeZone: 'Mars/Olympus' })).toBe(as('en-GB', await zoneOfPage()));
    expect(await shown({ locale: 'not a language', timeZone: 'Asia/Tokyo' })).toBe(as('en-US', 'Asia/Tokyo'));
  });

  it('turns to older runs and back', async () => {
    await show('list_runs', { limit: 1, status: 'failed' });
    await view.getByRole('button', { name: 'Older runs' }).click();
    await view.getByRole('button', { name: 'Monthly invoice' }).waitFor();
    await view.getByRole('button', { name: 'Newest runs' }).click();
    await view.getByRole('button', { name: 'Monthly invoice' }).waitFor({ state: 'detached' });
    await expect.poll(() => view.getByRole('listitem').count()).toBe(1);
  });

  it('starts a run by a form made from the input schema, once, and shows the run', async () => {
    await show('get_workflow', { workflow_id: 'invoice' });
    await view.getByRole('heading', { name: 'Monthly invoice' }).waitFor();
    await view.getByRole('button', { name: 'Start, for 12 credits' }).click();
    expect(await called()).toEqual([]);
    await view.getByLabel('order *').fill('4711');
    await view.getByRole('button', { name: 'Start, for 12 credits' }).dblclick();
    await view.getByRole('alert').getByText('The order 4711 has no customer').waitFor();
    expect((await called()).filter((name) => name === 'run_workflow')).toHaveLength(1);
    await view.getByRole('button', { name: 'Start another run' }).click();
    await view.getByLabel('order *').waitFor();
    expect(faults).toEqual([]);
  });

  it('says what the server has against the input, and what a host does not allow', async () => {
    await show('get_workflow', { workflow_id: 'greet' });
    await view.getByLabel(/^name/).fill('');
    await show('get_workflow', { workflow_id: 'greet' }, { deny: true });
    await view.getByLabel(/^name/).fill('Ada');
    await view.getByRole('button', { name: 'Start' }).click();
    await view.getByRole('alert').getByText('The user said no.').waitFor();
    await show('get_workflow', { workflow_id: 'greet' }, { serverTools: false });
    await view.getByText('does not let the view start runs').waitFor();
    await expect.poll(() => view.getByRole('button').count()).toBe(0);
    await show('list_runs', {}, { serverTools: false });
    await view.getByText('The order 4711 has no customer').first().waitFor();
    await expect.poll(() => view.getByRole('button').count()).toBe(0);
  });

  it('runs no script that a workflow has written', async () => {
    await show('list_runs', {});
    await view.getByText('<img src=x onerror="window.attacked=1">').first().waitFor();
    await show('get_workflow', { workflow_id: 'hostile' });
    await view.getByRole('heading', { name: '<img src=x onerror="window.attacked=1">' }).waitFor();
    expect(
      await page
        .frames()
        .at(-1)
        ?.evaluate(() => 'attacked' in window),
    ).toBe(false);
    await expect.poll(() => view.locator('img').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('takes the theme of the host and is accessible: %s', async (theme) => {
    await show('list_runs', {}, { context: { theme } });
    await view.getByText('The order 4711 has no customer').first().waitFor();
    expect(await findViolations()).toEqual([]);
    await show('get_workflow', { workflow_id: 'invoice' }, { context: { theme } });
    await view.getByLabel('order *').waitFor();
    expect(await findViolations()).toEqual([]);
    const sizes = await page.evaluate(() => host.sizes);
    expect(sizes.at(-1)?.height).toBeLessThan(500);
  });

  it('asks no more once the host takes it away', async () => {
    await under.startRun('nap', {}, ['running']);
    await show('list_runs', { workflow_id: 'nap' });
    await view.getByText('Running', { exact: true }).waitFor();
    await page.evaluate(() => host.teardown());
    const asked = (await called()).length;
    await page.evaluate(() => host.setTheme('dark'));
    await expect
      .poll(() =>
        page
          .frames()
          .at(-1)
          ?.evaluate(() => getComputedStyle(document.documentElement).colorScheme),
      )
      .toBe('dark');
    expect((await called()).length).toBe(asked);
  });
});
