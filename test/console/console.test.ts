import { existsSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY } from '../support/server/server-process.js';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { ALL_LOOKS, findViolationsOf } from './find-violations.js';
import { focused, pressAll, tabTo } from './keys.js';

interface ZedSettings {
  readonly context_servers: { readonly errand: { readonly url: string; readonly headers: Record<string, string> } };
}

// `npm test` needs Node alone: a browser is used where there is one, as on CI, and never downloaded.
describe.skipIf(!existsSync(CHROMIUM))('the console, in Chromium', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let url: string;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];
  const runs = new Map<string, string>();

  beforeAll(async () => {
    console = await openConsole();
    url = console.server.url;
    for (const [workflow, input, until] of [
      ['greet', { name: 'Ada' }, 'completed'],
      ['many', { count: 300 }, 'completed'],
      ['review', {}, 'partial_complete'],
      ['nap', {}, 'running'],
      ['invoice', { order: 4711 }, 'failed'],
      ['hostile', {}, 'failed'],
    ] as const) {
      runs.set(workflow, await console.startRun(workflow, input, [until]));
    }
    context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, url);
  }, 120_000);
  afterAll(() => console.close());

  const openRun = async (id: string | undefined, search = ''): Promise<void> => {
    await page.goto(`${url}/console/runs/${id}${search}`);
    await page.getByText(String(id), { exact: true }).waitFor();
  };
  const isSeen = (text: string): Promise<void> => page.getByText(text).filter({ visible: true }).first().waitFor();
  const headings = (): Promise<string[]> => page.getByRole('heading').allInnerTexts();

  it('lists runs with why they failed, and keeps its filters in the address', async () => {
    await page.goto(`${url}/console/runs`);
    await isSeen('The order 4711 has no customer');
    await page.getByLabel('Status').selectOption('failed');
    await expect.poll(() => page.url()).toContain('/console/runs?status=failed');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(2);
    await page.getByLabel('Workflow').selectOption('invoice');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    await page.reload();
    await isSeen('The order 4711 has no customer');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  });

  it('says in the list what a run waits for', async () => {
    await page.goto(`${url}/console/runs?workflow=nap`);
    await expect.poll(() => page.locator('tbody tr').first().innerText()).toContain('pause waits for a time');
    await openRun(runs.get('nap'));
    await expect.poll(() => page.locator('main header').innerText()).toMatch(/pause waits for a time, until .*\d{4}/);
    expect(await page.title()).toBe('Running: Long nap · Errand');
  });

  it('gives the start of a run as a program would do it', async () => {
    await openRun(runs.get('invoice'), '?view=data');
    const curl = await page.locator('pre[aria-label="curl"]').innerText();
    expect(curl).toContain(`${url}/api/v1/runs`);
    expect(curl).toContain('{"workflow_id":"invoice","input":{"order":4711}}');
  });

  it('saves a view in the browser, leads back to it, and forgets it', async () => {
    await page.goto(`${url}/console/runs?status=failed&workflow=invoice`);
    await page.getByRole('button', { name: 'Save this view' }).click();
    await page.getByLabel('Name of the view').fill('Invoices that failed');
    await page.keyboard.press('Enter');
    await page.goto(`${url}/console/runs`);
    await page.getByRole('link', { name: 'Invoices that failed' }).click();
    await expect.poll(() => page.url()).toContain('status=failed&workflow=invoice');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    await page.getByRole('button', { name: 'Forget Invoices that failed' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Save this view' }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'Invoices that failed' }).count()).toBe(0);
  });

  it('finds runs by tags, fields and times, which the address holds', async () => {
    const body = { workflow_id: 'many', input: { count: 2 }, tags: ['vip', 'europe'], metadata: { region: 'eu' } };
    expect(await console.server.api('/runs', { method: 'POST', body })).toMatchObject({ status: 201 });
    const rows = page.locator('tbody tr');
    await page.goto(`${url}/console/runs`);
    await expect.poll(() => rows.count()).toBeGreaterThan(3);
    await page.getByLabel('Tags').fill('vip, europe');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(1);
    await rows.getByText('europe, vip').waitFor();
    await page.getByLabel('Field').fill('metadata.region=us');
    await page.keyboard.press('Enter');
    await isSeen('No run fits these filters.');
    await page.getByLabel('Field').fill('metadata.region=eu');
    await page.keyboard.press('Enter');
    await page.getByLabel('Created').selectOption('in the last hour');
    await expect.poll(() => rows.count()).toBe(1);
    await page.reload();
    await expect.poll(() => rows.count()).toBe(1);
    expect(new URL(page.url()).searchParams.get('since')).toBe('1h');
    await page.goto(`${url}/console/runs?to=2001-01-01T00:00:00.000Z`);
    await isSeen('No run fits these filters.');
  });

  it('shows new runs without being asked', async () => {
    await page.goto(`${url}/console/runs?workflow=greet`);
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    await console.startRun('greet', { name: 'Grace' }, ['completed']);
    await expect.poll(() => page.locator('tbody tr').count()).toBe(2);
  });

  it('says on the first screen of a failed run which node failed, why, and what to do', async () => {
    await openRun(runs.get('invoice'));
    const panel = page.getByTestId('failure');
    await panel.getByRole('heading', { name: 'Invoice writer failed' }).waitFor();
    // What it was given, and its attempts, are asked for apart from the run.
    for (const said of [
      'The order 4711 has no customer',
      'make',
      'The node’s own code threw this.',
      'All 3 attempts failed alike',
      '4711',
    ]) {
      await expect.poll(() => panel.innerText()).toContain(said);
    }
    const { y, height } = (await panel.boundingBox()) ?? { y: 0, height: 10_000 };
    expect(y + height).toBeLessThan(900);
  });

  it('shows the details of a node, and the entries of the log', async () => {
    await openRun(runs.get('invoice'));
    await page
      .getByRole('link', { name: /^Invoice writer/ })
      .last()
      .click();
    await page.getByRole('heading', { name: 'Invoice writer', exact: true }).waitFor();
    await page.getByRole('link', { name: 'Log' }).click();
    await isSeen('node.retrying');
    await page.getByLabel('Kind').selectOption('node.findings');
    await isSeen('1 entry');
    await page.getByRole('button', { name: /node\.findings/ }).click();
    await page.getByRole('dialog').getByText('3 of 20 pages have no title').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('answers a question by a form, and shows what comes of it as it comes', async () => {
    const id = await console.startRun('release', {}, ['running']);
    await openRun(id);
    await page.getByRole('heading', { name: 'Release manager asks' }).waitFor();
    await page.getByLabel('release *').selectOption('true');
    await page.getByLabel('channel').selectOption({ label: 'beta' });
    await page.getByLabel('note').fill('Go!');
    await page.getByRole('button', { name: 'Send the answer' }).click();
    await page.locator('header').getByText('Completed', { exact: true }).waitFor();
    const ended = await console.server.api(`/runs/${id}`);
    expect(ended.body['output']).toEqual({ release: true, channel: 'beta', note: 'Go!' });
  });

  it('cancels a run with a reason, and retries it', async () => {
    const id = await console.startRun('nap', {}, ['running']);
    await openRun(id);
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByLabel('Reason').fill('No time for naps');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
    await isSeen('Reason: No time for naps');
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').getByText('Runs again (2): pause, wake').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('button', { name: 'Cancel run' }).waitFor();
    expect((await console.server.api(`/runs/${id}`)).body).toMatchObject({ terminal: false, retries: 1 });
  });

  it('reruns with another input, and says before what it costs', async () => {
    await openRun(runs.get('invoice'));
    await page.getByRole('button', { name: 'Rerun' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It reserves 12 credits.').waitFor();
    await dialog.getByLabel('From the start, with another input').check();
    await dialog.getByLabel('Input (JSON)').fill('{"order": ');
    await dialog.getByRole('button', { name: 'Start the rerun' }).click();
    await dialog.getByText('This is not JSON').waitFor();
    await dialog.getByLabel('Input (JSON)').fill('{"order": "a word"}');
    await dialog.getByRole('button', { name: 'Start the rerun' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'order' }).waitFor();
    await dialog.getByLabel('Input (JSON)').fill('{"order": 12}');
    await dialog.getByRole('button', { name: 'Start the rerun' }).click();
    await page.getByText('Rerun of').waitFor();
    expect(page.url()).not.toContain(runs.get('invoice'));
  });

  it('runs no script that a workflow or a model has written', async () => {
    for (const search of ['', '?view=log&node=look', '?view=data']) {
      await openRun(runs.get('hostile'), search);
      await isSeen('<script>window.attacked=1</script>');
    }
    await page.goto(`${url}/console/runs`);
    await isSeen('<img src=x onerror="window.attacked=1">');
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    await expect.poll(() => page.locator('img').count()).toBe(0);
  });

  it('can be used by the keyboard alone, from the overview to a retry and back to the list', async () => {
    await page.goto(`${url}/console`);
    await page.getByRole('article').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await pressAll(page, 'g', 'r');
    await expect.poll(headings).toContain('Runs');
    await page.locator('tbody tr').first().waitFor();
    await tabTo(page, 'Status');
    await pressAll(page, 'f');
    await expect.poll(() => page.url()).toContain('status=failed');
    await tabTo(page, /all…$/);
    await pressAll(page, 'j', 'ArrowDown', 'k', 'j');
    const opened = await focused(page);
    await page.keyboard.press('Enter');
    await page.getByTestId('failure').waitFor();
    await tabTo(page, 'Retry');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Runs again (').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Retry');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).toContain('/console/runs?status=failed');
    await expect.poll(() => focused(page)).toBe(opened);
  });

  it('goes through the nodes of a run, its log and its parts by the keyboard', async () => {
    await openRun(runs.get('invoice'));
    await page.getByRole('group', { name: 'Timeline' }).getByRole('link').first().waitFor();
    await pressAll(page, 'j', 'j', 'k', 'j', 'j', 'Enter');
    const panel = page.getByRole('region', { name: 'Invoice writer', exact: true });
    await panel.getByRole('heading', { name: 'Output' }).waitFor();
    await expect.poll(() => panel.locator('xpath=..').evaluate((place) => place === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toMatch(/^Invoice writer/);
    await page.keyboard.press('3');
    await page.getByRole('group', { name: 'Log' }).getByRole('button').first().waitFor();
    await pressAll(page, 'j', 'j', 'Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toContain('run.started');
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    expect(await findViolationsOf(page, url, { paths: pathsOf(runs), looks: ALL_LOOKS })).toEqual([]);
  }, 240_000);

  it('tells how workflows fare and what needs a person, first of all', async () => {
    const id = await console.startRun('release', {}, ['running']);
    await page.goto(`${url}/console`);
    await isSeen('Release: Release manager asks');
    await page.getByRole('article').filter({ hasText: 'Monthly invoice' }).getByText('Last failure').waitFor();
    await page.getByRole('link', { name: 'Answer' }).first().click();
    await page.getByRole('heading', { name: 'Release manager asks' }).waitFor();
    expect(page.url()).toContain(`/console/runs/${id}`);
  });

  it('starts a run by a form made from the input schema, and says what does not fit', async () => {
    await page.goto(`${url}/console/workflows`);
    await page.getByRole('link', { name: 'Monthly invoice' }).waitFor();
    for (let row = 0; row < 20 && (await focused(page)) !== 'Monthly invoice'; row += 1) await pressAll(page, 'j');
    await page.keyboard.press('Enter');
    await page.getByLabel('order *').waitFor();
    await tabTo(page, 'order *');
    await page.keyboard.type('4711.5');
    await tabTo(page, 'Start, for 12 credits');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await expect.poll(() => page.getByLabel('order *').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('order *').fill('4712');
    await page.getByLabel('note').fill("Don't fail");
    await page.getByRole('button', { name: 'Start, for 12 credits' }).click();
    await page.getByTestId('failure').getByText('4712').waitFor();
    await isSeen("Don't fail");
  });

  it('draws how long the last runs of a workflow took', async () => {
    for (let run = 0; run < 3; run += 1) await console.startRun('greet', { name: 'Ada' }, ['completed']);
    await page.goto(`${url}/console/workflows/greet`);
    const panel = page.getByRole('region', { name: /^The last \d+ runs that have ended/ });
    await panel.getByText('100 %').waitFor();
    const chart = panel.getByRole('img', { name: /^How long each took: half up to/ });
    await expect.poll(() => chart.locator('canvas').count()).toBe(1);
  });

  it('makes a key, which signs in, and revokes it', async () => {
    await page.goto(`${url}/console/organization?part=access`);
    await page.getByLabel('Name', { exact: true }).fill('of the test');
    await page.getByLabel('read', { exact: true }).check();
    await page.getByLabel('run', { exact: true }).uncheck();
    await page.getByRole('button', { name: 'Make a key' }).click();
    const key = await page.getByLabel('of the test', { exact: true }).innerText();
    expect((await console.server.api('/runs', { key })).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke of the test' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect((await console.server.api('/runs', { key })).status).toBe(401);
  });

  it('shows how a host is connected to this server, and says when it has called', async () => {
    await page.goto(`${url}/console/connect`);
    await page.getByRole('button', { name: 'Zed' }).click();
    await page.getByRole('button', { name: 'Make a key for Zed' }).click();
    const settings = page.locator('pre[aria-label="Zed"]');
    await expect.poll(() => settings.innerText()).toContain('Bearer sk_live_');
    await page.getByRole('button', { name: 'Wait for the first call' }).click();
    await isSeen('Waiting: ');
    const { context_servers: servers } = JSON.parse(await settings.innerText()) as ZedSettings;
    const { url: address, headers } = servers.errand;
    expect(address).toBe(`${url}/mcp/key`);
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const asked = await fetch(address, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(call),
    });
    expect(asked.status).toBe(200);
    await isSeen('It works: the key "Zed" has called.');
  });

  it('says that a run is not there, whoever has it', async () => {
    await page.goto(`${url}/console/runs/run_00000000-0000-7000-8000-000000000000`);
    await isSeen('There is no such run');
    await page.goto(`${url}/console/runs/none`);
    await isSeen('There is no such run');
    expect(await headings()).toEqual([]);
  });

  it('did nothing that its policy refuses, and asked no other host', () => {
    expect(faults).toEqual([]);
  });

  it('leads to signing in when the key is revoked, and on from there', async () => {
    const made = await console.server.api('/keys', { method: 'POST', body: { name: 'short', scopes: ['run'] } });
    const other = await console.browser.newContext();
    const { page: shortLived } = await openPage(other);
    await signIn(shortLived, url, String(made.body['key']));
    await shortLived.goto(`${url}/console/runs/${runs.get('invoice')}`);
    await shortLived.getByTestId('failure').waitFor();
    await console.server.api(`/keys/${String(made.body['id'])}`, { method: 'DELETE' });
    await shortLived.getByRole('link', { name: 'All runs' }).click();
    await shortLived.getByLabel('API key').fill(KEY);
    await shortLived.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => shortLived.getByRole('heading').allInnerTexts()).toContain('Runs');
    await other.close();
  });

  it('offers nothing that the key may not do', async () => {
    const made = await console.server.api('/keys', { method: 'POST', body: { name: 'reader', scopes: ['read'] } });
    const other = await console.browser.newContext();
    const { page: reader } = await openPage(other);
    await signIn(reader, url, String(made.body['key']));
    await reader.goto(`${url}/console/runs/${runs.get('invoice')}`);
    await reader.getByTestId('failure').waitFor();
    await expect.poll(() => reader.getByRole('button', { name: /Retry|Rerun|Cancel/ }).count()).toBe(0);
    await other.close();
  });

  it('signs out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    await page.reload();
    await page.getByLabel('API key').waitFor();
    expect(await context.cookies()).toEqual([]);
  });
});

function pathsOf(runs: ReadonlyMap<string, string>): readonly string[] {
  const [invoice, review, nap] = ['invoice', 'review', 'nap'].map((workflow) => runs.get(workflow));
  return [
    '',
    '/workflows',
    '/workflows/invoice',
    '/connect',
    '/organization',
    '/design',
    '/runs',
    `/runs/${invoice}?node=make`,
    `/runs/${invoice}?view=log`,
    `/runs/${review}?view=data`,
    `/runs/${nap}`,
  ];
}
