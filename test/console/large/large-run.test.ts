import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from '../console-under-test.js';

const NODES = 2_000;
/** Three of it are so long that a run which gives them is read in a worker. */
const TEXT = 'Long. '.repeat(150_000);

describe.skipIf(!existsSync(CHROMIUM))('a run of very many nodes in the console', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-large-'));
  let console: ConsoleUnderTest;
  let page: Page;
  let faults: string[];
  let run: string;

  beforeAll(async () => {
    writeFileSync(join(folder, 'large.yaml'), describeLarge());
    writeFileSync(join(folder, 'long.yaml'), LONG);
    console = await openConsole({}, folder);
    run = await console.startRun('large', {}, ['completed']);
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, console.server.url);
  }, 120_000);
  afterAll(async () => {
    await console.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const rows = () => page.getByRole('group', { name: 'Timeline' });
  const row = (index: number) => rows().getByRole('link', { name: new RegExp(`^n${index}(?!\\d)`) });

  it('is read in a worker where its output is very long, in the same session', async () => {
    const long = await console.startRun('long', { text: TEXT }, ['completed']);
    const started = page.waitForEvent('worker');
    await page.goto(`${console.server.url}/console/runs/${long}`);
    expect((await started).url()).toContain('/console/assets/parse-worker-');
    await rows().getByRole('link', { name: /^give/ }).waitFor();
    expect(faults).toEqual([]);
  });

  it('has rows only where somebody looks, down to the last', async () => {
    await page.goto(`${console.server.url}/console/runs/${run}`);
    await row(0).waitFor();
    await expect.poll(() => rows().evaluate((box) => box.scrollHeight)).toBeGreaterThan(NODES * 30);
    expect(await rows().getByRole('listitem').count()).toBeLessThan(80);
    await rows().evaluate((box) => (box.scrollTop = box.scrollHeight));
    await row(NODES - 1).waitFor();
    expect(await row(0).count()).toBe(0);
  });

  it('keeps the focus in the list when the row that has it is scrolled away', async () => {
    await page.goto(`${console.server.url}/console/runs/${run}`);
    await row(3).focus();
    await rows().evaluate((box) => (box.scrollTop = box.scrollHeight));
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Timeline');
  });

  it('is gone through by arrows further than what is drawn at first', async () => {
    await page.goto(`${console.server.url}/console/runs/${run}`);
    await row(0).focus();
    for (let count = 0; count < 60; count += 1) {
      await page.keyboard.press('ArrowDown');
      // The rows below are made when the box has scrolled.
      await row(count + 2).waitFor();
    }
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).innerText)).toContain('n60');
  });

  it('shows its graph, like nodes as one, and its log', async () => {
    await page.goto(`${console.server.url}/console/runs/${run}?view=graph`);
    await page.getByRole('group', { name: 'Nodes in their order' }).getByRole('link', { name: 'n0' }).first().waitFor();
    await expect.poll(() => page.getByTestId('graph').innerText(), { timeout: 20_000 }).toContain('10 like n0');
    await page.goto(`${console.server.url}/console/runs/${run}?view=log`);
    await page.getByRole('button', { name: 'run.created' }).waitFor();
    expect(faults).toEqual([]);
  });
});

const LONG = `id: long
name: Long
description: Gives a long text three times.
input: { type: object, properties: { text: { type: string } } }
nodes:
  - id: give
    kind: transform
    with: ['{{ input.text }}', '{{ input.text }}', '{{ input.text }}']
`;

/** Ten chains beside each other. */
function describeLarge(): string {
  const lines = ['id: large', 'name: Large', 'description: Very many nodes.', 'nodes:'];
  for (let index = 0; index < NODES; index += 1) {
    const needs = index < 10 ? '' : `, needs: [n${index - 10}]`;
    lines.push(`  - { id: n${index}, kind: transform${needs}, with: ${index} }`);
  }
  return `${lines.join('\n')}\n`;
}
