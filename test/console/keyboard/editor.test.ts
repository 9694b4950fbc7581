import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from '../console-under-test.js';
import { focused, pasteInto, pressAll, tabTo } from '../keys.js';

const TEXT = `id: prices
name: Prices
description: Tells a price.
nodes:
  - { id: look, kind: transform, with: 12 }
  - { id: tell, kind: transform, needs: [look], with: '{{ nodes.look.output }}' }
`;

describe.skipIf(!existsSync(CHROMIUM))('writing a workflow by the keyboard alone', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    console = await openConsole();
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, console.server.url);
  }, 120_000);
  afterAll(() => console.close());

  const panel = (name: string) => page.getByRole('region', { name, exact: true });
  const editor = () => page.getByRole('textbox', { name: 'Definition (YAML)' });
  const isInText = () =>
    editor().evaluate((element) => element === (element.getRootNode() as ShadowRoot).activeElement);
  /** On from where the focus is. */
  const tabToText = async (): Promise<void> => {
    for (let stop = 0; !(await isInText()); stop += 1) {
      expect(stop, 'Tab does not lead to the text').toBeLessThan(60);
      await page.keyboard.press('Tab');
    }
  };
  const paste = (text: string): Promise<void> => pasteInto(editor(), text);
  const replaceBy = async (text: string): Promise<void> => {
    await page.keyboard.press('Control+a');
    await paste(text);
  };

  it('reaches the text, and types in it what leads to other screens elsewhere', async () => {
    await pressAll(page, 'g', 'w');
    await page.getByRole('heading', { level: 1, name: 'Workflows' }).waitFor();
    await page.getByRole('link', { name: 'New workflow' }).waitFor();
    await tabTo(page, 'New workflow');
    await page.keyboard.press('Enter');
    await editor().waitFor();
    await tabToText();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('# g r ? 1 j x');
    await expect.poll(() => editor().innerText()).toContain('# g r ? 1 j x');
    expect(page.url()).toBe(`${console.server.url}/console/drafts/new`);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('leaves the text, finds the faults behind it, and goes from one to its line', async () => {
    await replaceBy(TEXT.replace('needs: [look]', 'needs: [lok]'));
    await panel('Faults').getByText('nodes[1].needs[0]').waitFor();
    await pressAll(page, 'Escape', 'Tab');
    expect(await isInText()).toBe(false);
    if ((await focused(page)) !== 'line 6') await tabTo(page, 'line 6');
    await page.keyboard.press('Enter');
    expect(await isInText()).toBe(true);
    // As far as the line is set in.
    await pressAll(page, 'End', 'Shift+Home');
    await paste("- { id: tell, kind: transform, needs: [look], with: '{{ nodes.look.output }}' }");
    await panel('Faults').getByText('No faults: it can be published.').waitFor();
  });

  it('keeps a draft and publishes it', async () => {
    await pressAll(page, 'Escape', 'Shift+Tab');
    if ((await focused(page)) !== 'Save the draft') await tabTo(page, 'Save the draft', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Saved, revision 1').waitFor();
    await expect.poll(() => focused(page)).toContain('Save the draft');
    await tabTo(page, 'Publish');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Prices', level: 1 }).waitFor();
  });

  it('compares what is typed with the published version, and publishes that', async () => {
    await panel('Versions').getByRole('link', { name: 'Edit as a draft' }).waitFor();
    await tabTo(page, 'Edit as a draft');
    await page.keyboard.press('Enter');
    await panel('Changes to version 1').getByText('Nothing is changed.').waitFor();
    await tabToText();
    const checked = page.waitForResponse((response) => response.request().postData()?.includes('our price') === true);
    await replaceBy(TEXT.replace('Tells a price', 'Tells our price'));
    await expect
      .poll(() => page.getByLabel('Changes', { exact: true }).innerText())
      .toMatch(/taken out:\s+description: Tells a price\.[^]*added:\s+description: Tells our price\./);
    await checked;
    await page.keyboard.press('Escape');
    await tabTo(page, 'Changes');
    await tabTo(page, 'Publish', 'Shift+Tab');
    await expect.poll(() => page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(false);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Prices', level: 1 }).waitFor();
    await panel('Versions').getByRole('button', { name: 'What version 2 changed' }).waitFor();
    await tabTo(page, 'What version 2 changed');
    await page.keyboard.press('Enter');
    await panel('Versions').getByText('"Tells a price." → "Tells our price."').waitFor();
    expect(faults).toEqual([]);
  });
});
