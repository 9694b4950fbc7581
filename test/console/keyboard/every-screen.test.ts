import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from '../console-under-test.js';
import { focused, tabTo } from '../keys.js';

/** More stops than a screen of this little data has. */
const MAX_STOPS = 200;

/** Where nothing is listed, there are no rows to go through. */
interface Screen {
  readonly name: string;
  /** What is pressed from the overview on; a longer name is what Tab leads to before Enter is pressed. */
  readonly keys: readonly string[];
  /** Seen when it is there. */
  readonly shows: string;
  /** Fewer rows than that are not gone through by arrows. */
  readonly rows: number;
}

const SCREENS: readonly Screen[] = [
  { name: 'overview', keys: ['g', 'o'], shows: 'Overview', rows: 2 },
  { name: 'runs', keys: ['g', 'r'], shows: 'Runs', rows: 2 },
  { name: 'bulk jobs', keys: ['g', 'b'], shows: 'Bulk jobs', rows: 1 },
  { name: 'workflows', keys: ['g', 'w'], shows: 'Workflows', rows: 2 },
  { name: 'connect', keys: ['g', 'c'], shows: 'Connect a host', rows: 0 },
  { name: 'credits', keys: ['g', 'n', '1'], shows: 'Organization', rows: 2 },
  { name: 'access', keys: ['g', 'n', '2'], shows: 'Organization', rows: 2 },
  { name: 'schedules', keys: ['g', 'n', '3'], shows: 'Organization', rows: 0 },
  { name: 'hooks', keys: ['g', 'n', '4'], shows: 'Organization', rows: 1 },
  { name: 'events', keys: ['g', 'n', '5'], shows: 'Organization', rows: 1 },
  { name: 'webhooks', keys: ['g', 'n', '6'], shows: 'Organization', rows: 1 },
  { name: 'secrets', keys: ['g', 'n', '7'], shows: 'Organization', rows: 1 },
  { name: 'audit', keys: ['g', 'n', '8'], shows: 'Organization', rows: 2 },
  { name: 'system', keys: ['g', 's'], shows: 'System', rows: 2 },
  { name: 'a run', keys: ['g', 'r', 'j', 'Enter'], shows: 'invoice', rows: 2 },
  { name: 'the graph of a run', keys: ['g', 'r', 'j', 'Enter', '2'], shows: 'invoice', rows: 2 },
  { name: 'the log of a run', keys: ['g', 'r', 'j', 'Enter', '3'], shows: 'invoice', rows: 2 },
  { name: 'input and output of a run', keys: ['g', 'r', 'j', 'Enter', '4'], shows: 'invoice', rows: 0 },
  { name: 'a bulk job', keys: ['g', 'b', 'j', 'Enter'], shows: 'Rerunning 1 run', rows: 0 },
  { name: 'the editor of workflows', keys: ['g', 'w', 'New workflow'], shows: 'New workflow', rows: 0 },
  { name: 'a draft', keys: ['g', 'w', 'Kept'], shows: 'Draft: Kept', rows: 0 },
  { name: 'a workflow', keys: ['g', 'w', 'j', 'Enter'], shows: 'Greet', rows: 0 },
];

/** The heading of what a letter after `g` leads to. */
const LISTS: { readonly [letter: string]: string } = {
  r: 'Runs',
  b: 'Bulk jobs',
  w: 'Workflows',
  n: 'Organization',
};

describe.skipIf(!existsSync(CHROMIUM))('every screen of the console by the keyboard', { timeout: 240_000 }, () => {
  let console: ConsoleUnderTest;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    console = await openConsole();
    await fill(console);
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, console.server.url);
  }, 240_000);
  afterAll(() => console.close());

  const rows = () => page.locator('main [data-row]:visible');

  /** Each key once what the one before led to is there. */
  const go = async ({ keys, shows, rows: count }: Screen): Promise<void> => {
    await page.goto(`${console.server.url}/console`);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await rows().first().waitFor();
    for (const [place, key] of keys.entries()) {
      if (key === 'j') await rows().first().waitFor();
      if (/^\d$/.test(key)) await page.locator('main [data-parts] a').first().waitFor();
      const before = page.url();
      const isLink = key.length > 1 && key !== 'Enter';
      if (isLink) await tabTo(page, key);
      await page.keyboard.press(isLink ? 'Enter' : key);
      if (isLink || key === 'Enter') await expect.poll(() => page.url()).not.toBe(before);
      const list = keys[place - 1] === 'g' ? LISTS[key] : undefined;
      if (list !== undefined) await page.getByRole('heading', { level: 1, name: list }).waitFor();
    }
    await page.getByRole('heading', { level: 1, name: shows }).waitFor();
    await expect.poll(() => rows().count()).toBeGreaterThanOrEqual(count);
  };

  it.each(SCREENS)('$name: comes, shows the keys, and gives the focus back', async (screen) => {
    await go(screen);
    const before = await page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await before.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(faults).toEqual([]);
  });

  it.each(SCREENS.filter((screen) => screen.rows > 0))('$name: rows are gone through by arrows', async (screen) => {
    await go(screen);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('j');
    const rowOf = () => page.evaluate(indexOfRow);
    const first = await rowOf();
    expect(first).toBeGreaterThanOrEqual(0);
    expect(await focused(page)).not.toBe('');
    if (screen.rows < 2) return;
    const isLast = first === (await rows().count()) - 1;
    await page.keyboard.press(isLast ? 'ArrowUp' : 'ArrowDown');
    expect(await rowOf()).toBe(isLast ? first - 1 : first + 1);
    await page.keyboard.press(isLast ? 'ArrowDown' : 'ArrowUp');
    expect(await rowOf()).toBe(first);
  });

  it.each(SCREENS)('$name: Tab leads to all that can be pressed, seen each time and by a name', async (screen) => {
    await go(screen);
    await page.waitForLoadState('networkidle');
    await page.locator('a[href="#content"]').focus();
    await page.evaluate(markStop);
    for (let stop = 0; stop < MAX_STOPS; stop += 1) {
      // The way out of the editor, and nothing elsewhere.
      if (await page.evaluate(isInText)) await page.keyboard.press('Escape');
      await page.keyboard.press('Tab');
      const stopped = await page.evaluate(markStop);
      if (stopped === null) break;
      expect(stopped, 'something that has no name, or does not show that it has the focus').not.toBe('');
    }
    expect(await page.evaluate(listMissed)).toEqual([]);
  });
});

/** One of each thing that screens list. */
async function fill(console: ConsoleUnderTest): Promise<void> {
  const { server } = console;
  const post = async (path: string, body: object, method = 'POST'): Promise<void> => {
    const { status } = await server.api(path, { method, body });
    expect([path, status < 300]).toEqual([path, true]);
  };
  await console.startRun('greet', { name: 'Ada' }, ['completed']);
  await post('/keys', { name: 'Second', scopes: ['read'] });
  await post('/webhooks', { url: 'https://hooks.example/errand', name: 'Bookkeeping', enabled: false });
  await post('/hooks', { name: 'orders', workflow_id: 'greet' });
  await post('/events', { name: 'order.paid', key: '7', data: { total: 12.5 } });
  await post('/secrets/token', { value: 'a-long-enough-value' }, 'PUT');
  await post('/drafts', { text: 'id: kept\nname: Kept\n' });
  await post('/bulk-jobs', { action: 'rerun', filter: { workflow_id: 'greet' } });
  // The newest run is the one that is looked at.
  const runsOf = async () => (await server.api('/runs?workflow_id=greet')).body['runs'] as readonly unknown[];
  await vi.waitUntil(async () => (await runsOf()).length === 2, { timeout: 60_000, interval: 200 });
  await console.startRun('invoice', { order: 4711 }, ['failed', 'completed', 'partial_complete']);
}

function indexOfRow(): number {
  const all = [...document.querySelectorAll<HTMLElement>('main [data-row]')].filter((row) => row.checkVisibility());
  return all.findIndex((row) => row.contains(document.activeElement));
}

/** Of the editor, which stands in a root of its own. */
function isInText(): boolean {
  return document.activeElement?.shadowRoot?.activeElement?.hasAttribute('contenteditable') === true;
}

/** The name of what has the focus now, which is remembered; null after the last stop. */
function markStop(): string | null {
  const { activeElement } = document;
  const element = activeElement?.shadowRoot?.activeElement ?? activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return null;
  const visited = ((globalThis as { visited?: Set<Element> }).visited ??= new Set());
  if (visited.has(element)) return null;
  visited.add(element);
  // The outline of the text is around the whole editor.
  const outlined = element.closest('.cm-editor') ?? element;
  if (getComputedStyle(outlined).outlineStyle === 'none') return '';
  const { labels } = element as Partial<HTMLInputElement>;
  const name = element.ariaLabel ?? labels?.[0]?.innerText ?? element.innerText;
  const inside = element.getAttribute('aria-labelledby') ?? element.querySelector('[aria-label]')?.ariaLabel ?? '';
  return name.trim() === '' ? inside : name.trim();
}

/** What can be pressed or written in, and was not stopped at. */
function listMissed(): readonly string[] {
  const visited = (globalThis as { visited?: Set<Element> }).visited ?? new Set();
  const all = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary');
  return [...all]
    .filter(
      (element) => element.checkVisibility() && element.tabIndex >= 0 && element.closest('[aria-hidden]') === null,
    )
    .filter((element) => !(element as Partial<HTMLButtonElement>).disabled && !visited.has(element))
    .filter((element) => (element as Partial<HTMLInputElement>).type !== 'radio')
    .map((element) => element.outerHTML.slice(0, 120));
}
