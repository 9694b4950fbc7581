import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from './find-violations.js';

describe.skipIf(!existsSync(CHROMIUM))('what the console shows of a run, in Chromium', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let page: Page;
  let faults: string[];
  let ship: string;
  let wide: string;
  let nested: string;

  beforeAll(async () => {
    console = await openConsole();
    ship = await console.startRun('ship', { order: 4711 }, ['failed']);
    wide = await console.startRun('wide', {}, ['completed']);
    nested = await console.startRun('nested', {}, ['completed']);
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, console.server.url);
  }, 120_000);
  afterAll(() => console.close());

  const open = async (id: string, search: string): Promise<void> => {
    await page.goto(`${console.server.url}/console/runs/${id}${search}`);
    await page.getByText(id, { exact: true }).waitFor();
  };

  it('draws the plan with its states, and says it in words beside', async () => {
    await open(ship, '?view=graph');
    const box = (id: string) => page.locator(`[data-box="${id}"]`);
    await box('charge').getByText('code · attempt 3').waitFor();
    await expect.poll(() => box('charge').locator('a').getAttribute('class')).toContain('state-failed');
    await expect.poll(() => box('gift').locator('a').getAttribute('class')).toContain('state-skipped');
    await expect.poll(() => box('pack').innerText()).toContain('map of code · 4 of 5 items, 1 failed');
    const middle = async (id: string): Promise<number> => {
      const { x = 0, width = 0 } = (await box(id).boundingBox()) ?? {};
      return x + width / 2;
    };
    expect(await middle('order')).toBeLessThan(await middle('pack'));
    expect(await middle('pack')).toBeLessThan(await middle('charge'));
    const list = page.getByRole('group', { name: 'Nodes in their order' });
    expect(await list.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/order\s.*comes first/s),
      expect.stringMatching(/pack\s.*after order/s),
      expect.stringMatching(/greet\s.*after order/s),
      expect.stringMatching(/gift\s.*if a condition holds · after order/s),
      expect.stringMatching(/Cashier\s.*after pack, greet, gift/s),
    ]);
  });

  it('goes from a box to its node, and from a node to the run that it started', async () => {
    await open(ship, '?view=graph');
    await page.locator('[data-box="pack"] a').click();
    await page.getByRole('heading', { name: 'pack', exact: true }).waitFor();
    await page.getByText('Line 3 is out of stock').filter({ visible: true }).first().waitFor();
    await page.getByRole('group', { name: 'Nodes in their order' }).getByRole('link', { name: 'Open its run' }).click();
    await page.getByRole('heading', { name: 'Greeting' }).waitFor();
    await page.getByText('node greet of another run').waitFor();
    await expect.poll(() => page.getByText('node greet of another run').count()).toBe(1);
  });

  it('can be gone through by the keyboard', async () => {
    await open(ship, '?view=graph');
    const list = page.getByRole('group', { name: 'Nodes in their order' });
    await list.getByRole('link', { name: 'order' }).waitFor();
    await list.focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('node=order');
    await page.getByRole('heading', { name: 'order', exact: true }).waitFor();
  });

  it('folds like nodes of a large graph into one with their counts, and unfolds them', async () => {
    await open(wide, '?view=graph');
    await page.locator('[data-box="n00"]').getByText('80 like n00').waitFor();
    await expect.poll(() => page.locator('[data-box]').count()).toBe(3);
    await page.locator('[data-box="n00"] button').click();
    const drawn = () =>
      page.locator('[data-box]').evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-box')));
    await expect.poll(drawn).not.toContain('start');
    // What cannot be seen is not drawn.
    const [first = ''] = await drawn();
    expect((await drawn()).length).toBeLessThan(40);
    await page.getByTestId('graph').evaluate((graph) => graph.scrollTo(0, graph.scrollHeight));
    await expect.poll(drawn).not.toContain(first);
    expect((await drawn()).length).toBeGreaterThan(3);
  });

  it('draws the same steps of many chains as one, where all their nodes are too many', async () => {
    const chains = ['id: chains', 'name: Chains', 'description: Many chains beside each other.', 'nodes:'];
    for (let node = 0; node < 480; node += 1) {
      const needs = node < 40 ? '' : `, needs: [n${node - 40}]`;
      chains.push(`  - { id: n${node}, kind: transform${needs}, with: ${node} }`);
    }
    const made = await console.server.api('/drafts', { method: 'POST', body: { text: chains.join('\n') } });
    const id = String(made.body['id']);
    const body = { revision: made.body['revision'] };
    expect(await console.server.api(`/drafts/${id}/publish`, { method: 'POST', body })).toMatchObject({ status: 201 });
    await open(await console.startRun('chains', {}, ['completed']), '?view=graph');
    await page.locator('[data-box="n0"]').getByText('40 like n0').waitFor();
    await page.getByTestId('graph').evaluate((graph) => graph.scrollTo(graph.scrollWidth, 0));
    await page.locator('[data-box="n440"]').getByText('40 like n440').waitFor();
    await page.locator('[data-box="n440"] button').click();
    await page.getByText('40 like n440').waitFor({ state: 'detached' });
    await page.locator('[data-box]').first().waitFor();
  });

  it('draws nodes inside nodes when they are opened, of the item or round that is chosen', async () => {
    await open(nested, '?view=graph');
    const box = (id: string) => page.locator(`[data-box="${id}"]`);
    await box('polish').getByText('repeat · 3 rounds ended').waitFor();
    await expect.poll(() => box('route').innerText()).toContain('switch · 2 nodes inside');
    await expect.poll(() => page.locator('[data-box]').count()).toBe(5);
    await box('each').getByTitle('Show what is inside').click();
    await box('each[2].score').waitFor();
    await expect.poll(() => box('each[2].score').locator('a').getAttribute('class')).toContain('state-failed');
    const [frame, inner] = [await box('each').boundingBox(), await box('each[2].score').boundingBox()];
    expect(inner?.x).toBeGreaterThan(frame?.x ?? 0);
    await page.getByRole('combobox', { name: 'Item or round of each' }).selectOption('[0]');
    await box('each[0].fetch').waitFor();
    await expect.poll(() => box('each[0].fetch').locator('a').getAttribute('class')).toContain('state-completed');
    await box('each').getByTitle('Hide what is inside').click();
    await expect.poll(() => page.locator('[data-box]').count()).toBe(5);
  });

  it('opens nodes inside nodes by the keyboard, and shows one of them', async () => {
    await open(nested, '?view=graph');
    const list = page.getByRole('group', { name: 'Nodes in their order' });
    const opener = list.getByRole('button', { name: 'What is inside polish' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await list.getByText('polish[3] › draft').waitFor();
    await expect.poll(() => opener.getAttribute('aria-expanded')).toBe('true');
    await list.getByRole('combobox', { name: 'Item or round of polish' }).selectOption('[2]');
    await list.getByRole('link', { name: 'polish[2] › judge' }).focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('region', { name: 'polish[2] › judge' });
    await panel.getByRole('heading', { name: 'Output' }).waitFor();
    await expect.poll(() => panel.innerText()).toMatch(/Completed[^]*Output\s+4/);
  });

  it('has nodes inside nodes in the timeline, each item and round together, and folds them', async () => {
    await open(nested, '');
    const rows = page.getByRole('group', { name: 'Timeline' });
    const names = (): Promise<string[]> => rows.locator('[title^="each"]').allInnerTexts();
    await expect.poll(names).toContain('each[2] › score');
    const found = await names();
    expect(found.indexOf('each[0] › score')).toBeLessThan(found.indexOf('each[1] › fetch'));
    await rows.getByRole('button', { name: /inside each/ }).click();
    await expect.poll(names).toEqual(['each']);
  });

  it('filters the log by a node and those inside it', async () => {
    await open(nested, '?view=log');
    await page.getByLabel('Node', { exact: true }).selectOption('route.large');
    const log = page.getByRole('group', { name: 'Log' });
    await expect.poll(() => log.getByRole('listitem').count()).toBeLessThan(10);
    const rows = await log.getByRole('listitem').allInnerTexts();
    expect(rows.every((row) => row.includes('route.large'))).toBe(true);
    expect(rows.some((row) => row.includes('route.large.ship'))).toBe(true);
  });

  it('has room in the log for what an entry says on a phone, too', async () => {
    await page.setViewportSize({ width: 360, height: 800 });
    await open(ship, '?view=log');
    const row = page.getByRole('group', { name: 'Log' }).getByRole('button', { name: 'node.skipped gift' });
    const said = row.getByText('its condition does not hold');
    await expect.poll(async () => (await said.boundingBox())?.width).toBeGreaterThan(250);
    expect(await said.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    await page.setViewportSize({ width: 1360, height: 900 });
    await expect.poll(async () => (await row.boundingBox())?.height).toBe(32);
  });

  it('says first of all what the node that failed was given, and how its attempts differ', async () => {
    await open(ship, '');
    const panel = page.getByTestId('failure');
    const given = panel.getByRole('group', { name: 'What Cashier was given' });
    await given.getByText('125').waitFor();
    await expect.poll(() => given.innerText()).toMatch(/order: 4711\s+amount: 125/);
    const attempts = panel.getByRole('list', { name: 'Attempts' }).getByRole('listitem');
    await expect.poll(() => attempts.count()).toBe(3);
    for (const number of [1, 2, 3]) {
      await expect
        .poll(() => attempts.nth(number - 1).innerText())
        .toContain(`Attempt ${number}: the bank declined 125`);
    }
    const { y, height } = (await panel.boundingBox()) ?? { y: 0, height: 10_000 };
    expect(y + height).toBeLessThan(900);
  });

  it('shows the items of a map, those that failed first of all', async () => {
    await open(ship, '?node=pack');
    await page.getByText('Line 3 is out of stock').filter({ visible: true }).first().waitFor();
    const items = page.locator('details');
    await expect.poll(() => items.count()).toBe(1);
    await page.getByRole('region', { name: 'pack' }).getByLabel('Status').selectOption('completed');
    await expect.poll(() => items.count()).toBe(4);
    await items.first().locator('summary').click();
    await page.getByText('packed').filter({ visible: true }).first().waitFor();
  });

  it('shows the input as a tree, by its schema and as JSON', async () => {
    await open(ship, '?view=data');
    const input = page.getByRole('region', { name: 'Input', exact: true });
    await input.getByRole('button', { name: 'By schema' }).click();
    await input.getByText('As it stands on the invoice.').waitFor();
    await expect
      .poll(() => input.innerText())
      .toMatch(/Order number integer, required.*4711.*express boolean\s+not given/s);
    await input.getByRole('button', { name: 'Raw' }).click();
    await expect.poll(() => input.locator('pre').innerText()).toBe('{\n  "order": 4711\n}');
  });

  it('loads itself anew when what it was built with is gone, as after an update of the server', async () => {
    const context = await console.browser.newContext();
    const { page: stale, faults: staleFaults } = await openPage(context);
    await signIn(stale, console.server.url);
    let isGone = true;
    await stale.route(/\/assets\/graph-.*\.js$/, (route) => {
      if (!isGone) return route.continue();
      isGone = false;
      return route.fulfill({ status: 404, body: '{}' });
    });
    await stale.goto(`${console.server.url}/console/runs/${ship}?view=graph`);
    await stale.locator('[data-box="charge"]').waitFor();
    expect([isGone, staleFaults]).toEqual([false, []]);
    await context.close();
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    const views = ['?view=graph', '?view=graph&node=charge', '?node=pack', '?view=data'];
    const paths = [
      ...views.map((view) => `/runs/${ship}${view}`),
      `/runs/${wide}?view=graph`,
      `/runs/${nested}?view=graph`,
      `/runs/${nested}?node=each[2].score`,
    ];
    expect(await findViolationsOf(page, console.server.url, { paths, looks: TWO_LOOKS })).toEqual([]);
  });

  it('did nothing that its policy refuses', () => {
    expect(faults).toEqual([]);
  });
});
