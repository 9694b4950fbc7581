import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, type ConsoleUnderTest } from '../console/console-under-test.js';
import { repository } from '../support/server/server-process.js';
import type { HostPage } from './host-page.js';
import { HostUnderTest } from './host-under-test.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MAX_BYTES = 80_000;

type Result = Awaited<ReturnType<HostPage['call']>>;
type Args = Record<string, unknown>;
type ShowOptions = Parameters<HostPage['show']>[2];

declare const host: HostPage;

it.each(['run', 'runs', 'workflow'])('the view %s is one small file that loads nothing', (name) => {
  const html = readFileSync(join(repository, 'dist', 'mcp-app', `${name}.html`), 'utf8');
  expect(html.length).toBeLessThan(MAX_BYTES);
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)=/);
});

// `npm test` needs Node alone: a browser is used where there is one, as on CI, and never downloaded.
describe.skipIf(!existsSync(CHROMIUM))('the view of a run, in the official host bridge', { timeout: 60_000 }, () => {
  let hosts: HostUnderTest;
  let under: ConsoleUnderTest;
  let page: Page;
  let faults: string[];
  let view: FrameLocator;

  beforeAll(async () => {
    hosts = await HostUnderTest.start('host-page.ts');
    ({ under } = hosts);
  }, 60_000);
  beforeEach(async () => {
    const opened = await hosts.open();
    ({ page, faults } = opened);
    view = page.frameLocator('iframe');
    return () => opened.close();
  });
  afterAll(() => hosts.close());

  const call = (name: string, args: object): Promise<Result> =>
    page.evaluate(([tool, json]) => host.call(tool, JSON.parse(json) as Args), [name, JSON.stringify(args)] as const);
  const show = async (args: object, result: Result, options: ShowOptions = {}): Promise<void> => {
    const json = JSON.stringify([args, result, options]);
    await page.evaluate((text) => host.show(...(JSON.parse(text) as [Args, Result, ShowOptions])), json);
  };
  const run = (workflow: string, input: object = {}): Promise<Result> =>
    call('run_workflow', { workflow_id: workflow, input });

  it('is named by the tools whose runs it shows', async () => {
    const names = await page.evaluate(() => host.toolsWithView('ui://errand/run'));
    expect(names).toEqual(expect.arrayContaining(['run_workflow', 'get_run_status', 'review', 'invoice']));
    expect(names).not.toContain('list_workflows');
    expect(await page.evaluate(() => host.toolsWithView('ui://errand/runs'))).toEqual(['list_runs']);
    expect(await page.evaluate(() => host.toolsWithView('ui://errand/workflow'))).toEqual(['get_workflow']);
  });

  it('shows a run as it goes on, until its end, and then asks no more', async () => {
    await show({}, await run('review'));
    await view.getByText('Partly complete').waitFor();
    await view.getByText('Performance inspector', { exact: true }).waitFor();
    await view.getByText('nothing listens there').first().waitFor();
    const asked = await page.evaluate(() => host.called.length);
    expect(asked).toBeGreaterThan(0);
    const sizes = await page.evaluate(() => host.sizes);
    expect(sizes.at(-1)?.height).toBeLessThan(500);
    expect(faults).toEqual([]);
  });

  it('finds the run of a workflow’s own tool, which answers with its output alone', async () => {
    await show({ name: 'Ada' }, await call('greet', { name: 'Ada' }));
    await view.getByRole('heading', { name: 'Greeting' }).waitFor();
    await expect.poll(() => view.locator('.status').allInnerTexts()).toEqual(['Completed']);
  });

  it('answers a question by a form', async () => {
    const result = await run('release');
    await show({}, result);
    await view.getByText('Release version 1.4.2').waitFor();
    await view.getByLabel('release *').selectOption('true');
    await view.getByRole('button', { name: 'Send the answer' }).click();
    // An agent is complete a moment before its run.
    await expect.poll(() => view.locator('header .status').innerText()).toBe('Completed');
    const { run_id: id } = result.structuredContent as { run_id: string };
    expect((await under.server.api(`/runs/${id}`)).body['output']).toEqual({ release: true });
  });

  it('cancels and retries once it is told so twice, and says before what it costs', async () => {
    const result = await run('nap');
    await show({}, result);
    await view.getByRole('button', { name: 'Cancel run' }).click();
    await view.getByRole('button', { name: 'Yes' }).click();
    await view.getByText('Cancelled', { exact: true }).waitFor();
    await view.getByRole('button', { name: 'Retry' }).click();
    await view.getByText('It costs no credits').waitFor();
    await view.getByRole('button', { name: 'Yes' }).click();
    await view.getByRole('button', { name: 'Cancel run' }).waitFor();
    const { run_id: id } = result.structuredContent as { run_id: string };
    expect((await under.server.api(`/runs/${id}`)).body).toMatchObject({ retries: 1, terminal: false });
  });

  it('shows how a run has ended since, when it is shown again later', async () => {
    const result = await run('invoice', { order: 1 });
    const { run_id: id } = result.structuredContent as { run_id: string };
    await expect.poll(async () => (await under.server.api(`/runs/${id}`)).body['status']).toBe('failed');
    await show({}, result);
    await view.getByRole('alert').getByText('The order 4711 has no customer').waitFor();
    await expect.poll(() => view.getByRole('alert').innerText()).toContain('make: ');
  });

  it('shows what it knows where the host lets it ask nothing, and says so where it is refused', async () => {
    const result = await run('nap');
    await show({}, result, { serverTools: false });
    await view.getByText('does not let the view ask').waitFor();
    await expect.poll(() => view.getByRole('button').count()).toBe(0);
    await show({}, result, { deny: true });
    await view.getByText('The user said no.').waitFor();
    await expect.poll(() => view.getByRole('heading', { name: 'Long nap' }).count()).toBe(1);
  });

  it('runs no script that a workflow has written', async () => {
    await show({}, await run('hostile'));
    await view.getByText('<script>window.attacked=1</script>').first().waitFor();
    const frame = page.frames().at(-1);
    expect(await frame?.evaluate(() => 'attacked' in window)).toBe(false);
    await expect.poll(() => view.locator('img').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('takes the theme of the host and is accessible: %s', async (theme) => {
    await show({}, await run('review'), { context: { theme, availableDisplayModes: ['inline', 'fullscreen'] } });
    await view.getByText('Partly complete').waitFor();
    const frame = page.frames().at(-1);
    expect(await frame?.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe(theme);
    await frame?.evaluate(AXE);
    const found = await frame?.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>('axe.run()');
    const told = found?.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`) ?? ['no frame'];
    expect(told).toEqual([]);
    await view.getByRole('button', { name: 'Full screen' }).click();
    await view.getByRole('button', { name: 'Back' }).waitFor();
  });

  it('asks no more once the host takes it away', async () => {
    await show({}, await run('nap'));
    await view.getByRole('heading', { name: 'Long nap' }).waitFor();
    await page.evaluate(() => host.teardown());
    const asked = await page.evaluate(() => host.called.length);
    await page.evaluate(() => host.setTheme('dark'));
    await expect
      .poll(() =>
        page
          .frames()
          .at(-1)
          ?.evaluate(() => getComputedStyle(document.documentElement).colorScheme),
      )
      .toBe('dark');
    expect(await page.evaluate(() => host.called.length)).toBe(asked);
  });
});
