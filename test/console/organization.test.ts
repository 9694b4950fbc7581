import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../support/http/webhook-receiver.js';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from './find-violations.js';
import { focused, pressAll, tabTo } from './keys.js';

const PARTS = ['credits', 'access', 'schedules', 'hooks', 'events', 'webhooks', 'secrets', 'audit'];

describe.skipIf(!existsSync(CHROMIUM))('what the console shows of an organization', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let receiver: WebhookReceiver;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    console = await openConsole({ ERRAND_OUTBOUND_ALLOW: '127.0.0.1' });
    receiver = await startWebhookReceiver();
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, console.server.url);
  }, 120_000);
  afterAll(async () => {
    await console.close();
    await receiver.close();
  });

  const open = async (part: string): Promise<void> => {
    await page.goto(`${console.server.url}/console/organization?part=${part}`);
    await page.getByRole('heading', { name: 'Organization' }).waitFor();
  };

  it('shows the limits of the organization and how near they are, as they change', async () => {
    await open('credits');
    const row = (name: string) =>
      page.getByRole('group', { name: 'Limits' }).getByRole('row', { name: new RegExp(`^${name} [\\d–]`) });
    await expect.poll(() => row('Active runs').innerText()).toMatch(/0\s+no limit\s+500 for all/);
    await expect.poll(() => row('Active nodes').innerText()).toMatch(/–\s+no limit/);
    const change = { method: 'PATCH', body: { limits: { runs: 1 } } };
    expect(await console.server.api('/organizations/default', change)).toMatchObject({ status: 200 });
    const run = await console.startRun('tend', {}, ['running']);
    await expect
      .poll(() => row('Active runs').innerText(), { timeout: 10_000 })
      .toMatch(/reached\s+1\s+1\s+set for this organization/);
    await expect.poll(() => row('Calls in a minute, this key').getByRole('meter').count()).toBe(1);
    await expect.poll(() => row('Active runs of tend').innerText()).toMatch(/1\s+50\s+for all organizations together/);
    expect(await row('Uses of garden at once').innerText()).toMatch(/1\s+40/);
    expect(await row('Uses of garden in a minute').innerText()).toMatch(/1\s+600/);
    await console.server.api(`/runs/${run}/cancel`, { method: 'POST', body: {} });
    const back = { method: 'PATCH', body: { limits: null } };
    expect(await console.server.api('/organizations/default', back)).toMatchObject({ status: 200 });
  });

  it('makes a webhook, shows each delivery with its attempts, and sends one again', async () => {
    receiver.answer = () => 410;
    await open('webhooks');
    await page.getByLabel('Address').fill(`${receiver.url}/hook`);
    await page.getByLabel('Name (optional)').fill('Bookkeeping');
    await page.getByRole('button', { name: 'Make a webhook' }).click();
    await expect.poll(() => page.getByLabel('Secret of Bookkeeping').innerText()).toMatch(/^whsec_/);
    const address = page.getByRole('cell', { name: `${receiver.url}/hook` });
    expect((await address.boundingBox())?.width).toBeGreaterThan(250);
    await console.startRun('greet', { name: 'Ada' }, ['completed']);
    const deliveries = page.getByRole('region', { name: 'Deliveries' });
    await deliveries.getByLabel('State').selectOption('failed');
    await deliveries.getByRole('button', { name: 'run.completed' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('list', { name: 'Attempts' }).getByText('410').waitFor();
    await expect.poll(() => dialog.getByLabel('What is sent').innerText()).toContain('"type": "run.completed"');
    await page.keyboard.press('Escape');
    // Who answers 410 is told of nothing more until a person says so.
    await page.getByRole('button', { name: 'Enable Bookkeeping' }).click();
    await page.getByRole('button', { name: 'Disable Bookkeeping' }).waitFor();
    receiver.answer = () => 204;
    await deliveries.getByRole('button', { name: 'run.completed' }).click();
    await dialog.getByRole('button', { name: 'Send it again' }).click();
    await dialog.getByText('Delivered').waitFor();
    const { received } = receiver;
    expect(received.at(-1)?.headers['webhook-id']).toBe(
      received.findLast(({ body }) => body.includes('run.completed'))?.headers['webhook-id'],
    );
    await page.keyboard.press('Escape');
  });

  it('disables a webhook and deletes it, when asked twice', async () => {
    await open('webhooks');
    await page.getByRole('button', { name: 'Disable Bookkeeping' }).click();
    await page.getByText('disabled', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete Bookkeeping' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('A webhook tells another program').waitFor();
    expect((await console.server.api('/webhooks')).body).toEqual({ webhooks: [] });
  });

  it('makes a hook whose address starts runs, and says what came to it', async () => {
    await open('hooks');
    await page.getByLabel('Workflow').selectOption('greet');
    await page.getByLabel('Name (optional)').fill('Shop');
    await page.getByRole('button', { name: 'Make a hook' }).click();
    const address = await page.getByLabel('Address of Shop').innerText();
    const said = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ada' }),
    });
    expect(said.ok).toBe(true);
    await page.getByRole('row', { name: 'Shop' }).getByText('1 taken').waitFor();
    await page.getByRole('button', { name: 'New address Shop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'New address' }).click();
    await expect.poll(() => page.getByLabel('Address of Shop').innerText()).not.toBe(address);
    await page.getByRole('button', { name: 'Disable Shop' }).click();
    await page.getByRole('button', { name: 'Enable Shop' }).waitFor();
    expect((await fetch(address, { method: 'POST', body: '{}' })).ok).toBe(false);
    await page.getByRole('button', { name: 'Delete Shop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('None. A hook is an address').waitFor();
  });

  it('lists what starts a workflow on its screen, changes it there and leads to all of it', async () => {
    const schedule = { name: 'Mornings', workflow_id: 'greet', cron: '0 9 * * *', input: { name: 'Ada' } };
    for (const workflow_id of ['greet', 'review']) {
      const body = { ...schedule, workflow_id, name: workflow_id === 'greet' ? 'Mornings' : 'Others' };
      expect(await console.server.api('/schedules', { method: 'POST', body })).toMatchObject({ status: 201 });
    }
    await page.goto(`${console.server.url}/console/workflows/greet`);
    const schedules = page.getByRole('region', { name: 'Schedules' });
    await schedules.getByText('0 9 * * *').waitFor();
    expect(await schedules.innerText()).not.toContain('Others');
    await schedules.getByRole('button', { name: 'Pause Mornings' }).click();
    await schedules.getByText('paused').waitFor();
    const hooks = page.getByRole('region', { name: 'Hooks' });
    await hooks.getByLabel('Name (optional)').fill('Till');
    await hooks.getByRole('button', { name: 'Make a hook' }).click();
    await hooks.getByRole('cell', { name: 'Till', exact: true }).waitFor();
    expect((await console.server.api('/hooks')).body).toMatchObject({
      hooks: expect.arrayContaining([expect.objectContaining({ name: 'Till', workflow_id: 'greet' })]) as unknown,
    });
    await page.goto(`${console.server.url}/console/workflows/release`);
    await page.getByText('No hook starts it.').waitFor();
    await page.getByText('No schedule starts it.').waitFor();
    await page.getByRole('link', { name: 'All schedules' }).click();
    await page.getByRole('row', { name: 'Others' }).waitFor();
  });

  it('lists the events that were sent, by name, and shows what was sent', async () => {
    const send = (name: string, key: string) =>
      console.server.api('/events', { method: 'POST', body: { name, key, data: { total: 12.5 } } });
    expect(await send('order.paid', '<img src=x>')).toMatchObject({ status: 201 });
    expect(await send('order.sent', '7')).toMatchObject({ status: 201 });
    await open('events');
    const rows = page.getByRole('group', { name: 'Sent events' }).locator('tbody').getByRole('row');
    await expect.poll(() => rows.allInnerTexts()).toHaveLength(2);
    expect(await rows.first().innerText()).toMatch(/order\.sent\s+7\s+0 runs/);
    await page.getByLabel('Name', { exact: true }).fill('order.paid');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.allInnerTexts()).toHaveLength(1);
    await page.getByRole('button', { name: 'order.paid' }).click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByLabel('What was sent').innerText()).toContain('"total": 12.5');
    await page.keyboard.press('Escape');
  });

  it('draws what was used and reserved, by the ledger', async () => {
    for (let run = 0; run < 2; run += 1) await console.startRun('invoice', { order: 1 }, ['failed']);
    await open('credits');
    const chart = page.getByRole('img', { name: /^Credits over time: \d+ used now, \d+ with what is reserved/ });
    await expect.poll(() => chart.locator('canvas').count()).toBe(1);
    await page.getByText(/^By the latest \d+ entries of the ledger/).waitFor();
  });

  it('sets a secret, shows its name alone, and removes it', async () => {
    await open('secrets');
    await page.getByLabel('Name', { exact: true }).fill('crm_token');
    await page.getByLabel('Value', { exact: true }).fill('a-value-that-nobody-sees');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByText('kept for this organization').waitFor();
    expect(await page.content()).not.toContain('a-value-that-nobody-sees');
    expect((await console.server.api('/secrets')).body).toMatchObject({ secrets: [{ name: 'crm_token' }] });
    await page.getByRole('button', { name: 'Remove crm_token' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Workflows name the secrets that they use').waitFor();
  });

  it('shows who changed what, before and after, and that the trail is whole', async () => {
    await open('audit');
    await page.getByRole('button', { name: 'secret.set' }).first().click();
    await page
      .getByRole('dialog')
      .getByRole('heading', { name: /secret\.set/ })
      .waitFor();
    await page.keyboard.press('Escape');
    await page.route('**/audit/verify', (route) => route.abort());
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByRole('alert').getByText('The server cannot be reached just now.').waitFor();
    await page.unroute('**/audit/verify');
    await page.getByRole('button', { name: 'Verify' }).click();
    const said = await page.getByText(/^The trail is whole: \d+ entries\./).innerText();
    expect(said).toMatch(/\d+:[0-9a-f]{64}/);
  });

  it('shows operators what the server does, and lets them log more', async () => {
    await page.getByRole('link', { name: 'System' }).click();
    await page.getByRole('region', { name: 'Server' }).getByText('sqlite').waitFor();
    await page.getByRole('row', { name: /greet/ }).waitFor();
    await page
      .getByRole('row', { name: /Default/ })
      .getByText('used or reserved')
      .waitFor();
    await page.getByRole('region', { name: 'Processes' }).getByText('answers here').waitFor();
    const found = page.getByRole('region', { name: 'Looked over' });
    await found.getByText('backups: the server makes none.').waitFor();
    expect(await found.innerText()).toMatch(/Last back-up\s+none is known\s+Back-ups go to\s+the server makes none/);
    await found.getByText('store: sqlite can be written').waitFor();
    await found.getByText('and none waits for its turn').waitFor();
    await found.getByRole('button', { name: 'Look again' }).waitFor();
    await page.getByLabel('Level').selectOption('debug');
    await expect.poll(async () => (await console.server.api('/log-level')).body).toEqual({ level: 'debug' });
  });

  it('lets operators top up an organization, with a reason that is text in the ledger', async () => {
    const reason = 'Pilot <img src=x onerror="window.attacked=1">';
    await page.goto(`${console.server.url}/console/system`);
    await page.getByRole('button', { name: 'Top up Default' }).click();
    await page.getByRole('dialog').getByLabel('Credits').fill('500');
    await page.getByRole('dialog').getByLabel('Reason').fill(reason);
    await page.getByRole('dialog').getByRole('button', { name: 'Top up' }).click();
    await page
      .getByRole('row', { name: /Default/ })
      .getByText('and 500 of top-ups')
      .waitFor();
    expect((await console.server.api('/credits')).body).toMatchObject({ topped_up: 500 });
    await open('credits');
    await page.getByRole('row').getByText(reason).waitFor();
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
  });

  it('keeps the rows of the trail low on a phone, with each id in one line', async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    await open('audit');
    const entry = page.getByRole('row').filter({ hasText: 'key.create' }).first();
    await expect.poll(async () => (await entry.boundingBox())?.height ?? 1_000).toBeLessThan(70);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.setViewportSize({ width: 1360, height: 900 });
  });

  it('goes through keys, the trail and the system by the keyboard alone', async () => {
    await open('credits');
    await page.getByRole('row').first().waitFor();
    await page.keyboard.press('2');
    await page.getByRole('row', { name: /you are signed in with it/ }).waitFor();
    await tabTo(page, 'Name');
    await page.keyboard.type('By keyboard');
    await tabTo(page, 'Make a key');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /By keyboard/ }).waitFor();
    for (let row = 0; row < 9 && !(await focused(page)).startsWith('By keyboard'); row += 1) await pressAll(page, 'j');
    await pressAll(page, 'Enter', 'Enter');
    await page.getByRole('dialog', { name: 'Revoke "By keyboard"?' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Revoke By keyboard');
    await page.keyboard.press('8');
    await page.getByRole('button', { name: 'key.create' }).first().waitFor();
    await pressAll(page, 'j', 'j', 'Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).not.toBe('');
    await pressAll(page, 'g', 's');
    await page.getByRole('button', { name: 'Top up Default' }).waitFor();
    await tabTo(page, 'Top up Default');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Top up Default' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('Top up Default');
  });

  it('shows every time local or in UTC, as is chosen for the browser, and both to who points at it', async () => {
    const { body } = await console.server.api('/bulk-jobs', {
      method: 'POST',
      body: { action: 'cancel', filter: { created_before: '2026-01-01T00:00:00Z' } },
    });
    const failed = await console.startRun('invoice', { order: 1 }, ['failed']);
    const nap = await console.startRun('nap', {}, ['running']);
    const context = await console.browser.newContext({ timezoneId: 'Asia/Kolkata', locale: 'en-GB' });
    const { page: abroad } = await openPage(context);
    await signIn(abroad, console.server.url);
    const choice = abroad.getByRole('combobox', { name: 'Times' });
    const paths = ['', `/runs/${failed}?node=make`, `/runs/${nap}?view=log`, `/bulk-jobs/${String(body['id'])}`];
    for (const path of [
      ...paths,
      ...['credits', 'access', 'webhooks', 'audit'].map((part) => `/organization?part=${part}`),
    ]) {
      await abroad.goto(`${console.server.url}/console${path}`);
      await abroad.locator('main time').first().waitFor();
      await abroad.locator('.skeleton').first().waitFor({ state: 'detached' });
      for (const zone of ['utc', 'local'] as const) {
        await choice.selectOption(zone);
        await expect
          .poll(async () => findWrongTimes(await abroad.evaluate(readTimes), zone), { message: path })
          .toEqual([]);
      }
    }
    await choice.selectOption('utc');
    await abroad.reload();
    await abroad
      .getByText(/^\d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC$/)
      .first()
      .waitFor();
    expect(await choice.inputValue()).toBe('utc');
    await context.close();
  });

  it('shows a key that only reads what it may see, and no more', async () => {
    const made = await console.server.api('/keys', { method: 'POST', body: { name: 'reader', scopes: ['read'] } });
    const other = await console.browser.newContext();
    const { page: reader, faults: readersFaults } = await openPage(other);
    await signIn(reader, console.server.url, String(made.body['key']));
    await reader.goto(`${console.server.url}/console/organization`);
    await reader.getByRole('heading', { name: 'Credits' }).waitFor();
    for (const part of ['Access', 'Webhooks', 'Secrets', 'Audit']) {
      await reader.getByRole('link', { name: part, exact: true }).click();
      await reader.getByText('Seeing this takes the scope "manage"').waitFor();
    }
    const error = { code: 'forbidden', message: 'Schedules are for others.' };
    await reader.route('**/api/v1/schedules', (route) => route.fulfill({ status: 403, json: { error } }));
    await reader.getByRole('link', { name: 'Schedules', exact: true }).click();
    await reader.getByText(error.message).waitFor();
    await expect.poll(() => reader.locator('.skeleton').count()).toBe(0);
    await expect.poll(() => reader.getByRole('link', { name: 'System' }).count()).toBe(0);
    await reader.goto(`${console.server.url}/console/system`);
    await reader.getByText('Seeing this takes the scope "operate"').waitFor();
    expect(readersFaults).toEqual([]);
    await other.close();
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    const paths = ['/system', ...PARTS.map((part) => `/organization?part=${part}`)];
    expect(await findViolationsOf(page, console.server.url, { paths, looks: TWO_LOOKS })).toEqual([]);
  });

  it('did nothing that its policy refuses', () => {
    expect(faults).toEqual([]);
  });
});

interface ShownTimes {
  readonly times: readonly { readonly at: string; readonly shown: string; readonly said: string }[];
  /** Texts that hold a time as programs write it, but for code. */
  readonly written: readonly string[];
}

/** What a page shows of times. Runs in the browser. */
function readTimes(): ShownTimes {
  const times = [...document.querySelectorAll<HTMLTimeElement>('main time')];
  const texts = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
  const written: string[] = [];
  while (texts.nextNode() !== null) {
    const { nodeValue: text, parentElement: place } = texts.currentNode;
    if (text !== null && /\d{4}-\d\d-\d\dT\d/.test(text) && place?.closest('pre, code') === null) written.push(text);
  }
  return { times: times.map(({ dateTime: at, innerText: shown, title: said }) => ({ at, shown, said })), written };
}

/** Those that are not shown as they should be in India, which is five and a half hours ahead of UTC. */
function findWrongTimes({ times, written }: ShownTimes, zone: 'local' | 'utc'): readonly unknown[] {
  const wrong = times.filter(({ at, shown, said }) => {
    const utc = new Date(at).toISOString().slice(11, 19);
    const local = new Date(Date.parse(at) + 5.5 * 3_600_000).toISOString().slice(11, 19);
    const isShown = /ago$|^just now$/.test(shown) || shown.includes(zone === 'utc' ? utc : local);
    return !isShown || !said.includes(`${local} (local)`) || !said.includes(`${at} (UTC)`);
  });
  return times.length === 0 ? ['no times'] : [...wrong, ...written];
}
