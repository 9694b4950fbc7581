import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optionsAt } from '../../console/src/screens/editor/completion.js';
import { SCHEMA_FORMATS, SCHEMA_KEYWORDS, SCHEMA_TYPES } from '../../console/src/screens/editor/schema-words.js';
import { KIND_FIELDS, NODE_FIELDS, WORKFLOW_FIELDS } from '../../console/src/screens/editor/words.js';
import { nodeKinds } from '../../src/nodes/registry.js';
import { checkDefinition } from '../../src/workflow/check/check-definition.js';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from './find-violations.js';
import { focused, pasteInto, tabTo } from './keys.js';

const HOSTILE = '<img src=x onerror="window.attacked=1">';
const PRICES = `id: prices
name: Prices
description: Tells a price.
nodes:
  - { id: look, kind: transform, with: 1 }
  - { id: tell, kind: transform, needs: [look], with: '{{ nodes.look.output }}' }
`;

describe('what the editor completes', () => {
  /** The fields that a fault tells of when there is one that is unknown. */
  const fieldsOf = (definition: object, path: string): readonly string[] => {
    const faults = checkDefinition({ definition, kinds: nodeKinds });
    const fault = faults.find((each) => each.path === path);
    return (/ has (.*)$/.exec(fault?.message ?? '')?.[1] ?? '').split(', ');
  };

  it('are the fields of a workflow and of each kind of node, as the server has them', () => {
    expect(fieldsOf({ zzzzzzzz: 1 }, 'zzzzzzzz')).toEqual([...WORKFLOW_FIELDS]);
    expect(Object.keys(KIND_FIELDS)).toEqual([...nodeKinds.keys()]);
    for (const [kind, fields] of Object.entries(KIND_FIELDS)) {
      const definition = { id: 'a', name: 'A', description: 'A.', nodes: [{ id: 'b', kind, zzzzzzzz: 1 }] };
      const known = [...NODE_FIELDS, ...fields];
      expect(fieldsOf(definition, 'nodes[0].zzzzzzzz').toSorted()).toEqual(known.toSorted());
    }
  });
});

describe('what the editor completes in a JSON Schema', () => {
  /** The labels at the bar. */
  const at = (text: string): readonly string[] | null => {
    const [head = '', rest = ''] = text.split('|');
    const lines = `${head}${rest}`.split('\n');
    const before = head.split('\n').at(-1) ?? '';
    return optionsAt(before, { lines, place: head.split('\n').length - 1 })?.map(({ label }) => label) ?? null;
  };
  const keywords = [...SCHEMA_KEYWORDS];

  it.each<readonly [string, readonly string[] | null]>([
    ['input:\n  |', keywords],
    ['input: { |', keywords],
    ['input:\n  type: object\n  properties:\n    |', null],
    ['input:\n  type: object\n  properties:\n    age:\n      |', keywords],
    ['input:\n  properties:\n    default:\n      |', keywords],
    ['input:\n  properties:\n    properties:\n      |', keywords],
    ['input:\n  properties:\n    age: { type: integer, |', keywords],
    ['input:\n  properties:\n    age: { type: |', [...SCHEMA_TYPES]],
    ['input:\n  properties: { mail: { format: |', [...SCHEMA_FORMATS]],
    ['input:\n  default:\n    |', null],
    ['input:\n  anyOf:\n    - |', keywords],
    ['nodes:\n  - id: ask\n    kind: ask\n    answer:\n      |', keywords],
    ['nodes:\n  - { id: ask, kind: ask, answer: { type: object, properties: { |', null],
  ])('is what fits there: %j', (text, labels) => {
    expect(at(text)).toEqual(labels);
  });

  it('is none of it elsewhere', () => {
    for (const text of [
      'input:\n  type: object\n|',
      'nodes:\n  - id: a\n    kind: http\n    with:\n      output:\n        |',
    ]) {
      expect(at(text)).not.toEqual(keywords);
    }
    expect(at('input: {}\nnodes:\n  - id: a\n    kind: wait\n    |')).toContain('until');
  });

  it('is what the server knows: none of it is taken for a fault', () => {
    const input = Object.fromEntries(SCHEMA_FORMATS.map((format) => [format, { type: 'string', format }]));
    const types = Object.fromEntries(SCHEMA_TYPES.map((type) => [`a_${type}`, { type }]));
    const nodes = [{ id: 'b', kind: 'transform', with: 1 }];
    const properties = { ...input, ...types };
    const definition = { id: 'a', name: 'A', description: 'A.', input: { type: 'object', properties }, nodes };
    expect(checkDefinition({ definition, kinds: nodeKinds })).toEqual([]);
    const vocabulary = ['applicator', 'core', 'format-annotation', 'meta-data', 'validation'].flatMap((name) => {
      const read = createRequire(import.meta.url)(`ajv/dist/refs/json-schema-2020-12/meta/${name}.json`) as object;
      return Object.keys((read as { readonly properties: object }).properties);
    });
    expect(keywords.filter((keyword) => !vocabulary.includes(keyword))).toEqual([]);
  });
});

describe.skipIf(!existsSync(CHROMIUM))('the editor of workflows, in Chromium', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let url: string;
  let page: Page;
  let faults: string[];
  let draft: string;

  beforeAll(async () => {
    console = await openConsole();
    url = console.server.url;
    const context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, url);
  }, 120_000);
  afterAll(() => console.close());

  const editor = () => page.getByRole('textbox', { name: 'Definition (YAML)' });
  const paste = (text: string): Promise<void> => pasteInto(editor(), text);
  const replace = async (text: string): Promise<void> => {
    await editor().click();
    await page.keyboard.press('Control+a');
    await paste(text);
  };
  const panel = (name: string) => page.getByRole('region', { name, exact: true });

  it('tells faults at their places while one types, and leads there', async () => {
    await page.goto(`${url}/console/workflows`);
    await page.getByRole('link', { name: 'New workflow' }).click();
    await panel('Faults').getByText('No faults: it can be published.').waitFor();
    await replace(PRICES.replace('needs: [look]', 'needs: [lok]'));
    await panel('Faults').getByText('nodes[1].needs[0]').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true);
    await page.locator('.cm-lintRange-error').first().waitFor();
    await panel('Faults').getByRole('button', { name: 'line 6' }).first().click();
    await page.keyboard.press('End');
    expect(await editor().evaluate((element) => element === (element.getRootNode() as ShadowRoot).activeElement)).toBe(
      true,
    );
  });

  it('draws the graph as it is typed', async () => {
    await replace(PRICES);
    await panel('Faults').getByText('No faults: it can be published.').waitFor();
    await panel('Graph').getByRole('img', { name: 'The graph: look comes first; tell after look' }).waitFor();
    await panel('Graph').getByText('tell', { exact: true }).waitFor();
    await expect.poll(() => panel('Graph').innerText()).toMatch(/look\s+transform\s+tell\s+transform/);
  });

  it('completes fields, kinds and needs, and leaves its keys to the text', async () => {
    await editor().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('  - id: gr\nki');
    await page.getByRole('option', { name: 'kind' }).click();
    await page.keyboard.type('wa');
    await page.getByRole('option', { name: 'wait' }).click();
    await page.keyboard.press('Enter');
    await page.keyboard.type('unt');
    await page.getByRole('option', { name: 'until' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+a');
    await paste(`${PRICES}  - { id: c, kind: transform, with: 1, needs: [`);
    await page.keyboard.type('lo');
    await page.getByRole('option', { name: 'look' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type("], with: 1 }\n- id: d\nkind: map\nover: '{{ [1] }}'", { delay: 20 });
    await expect.poll(() => editor().innerText()).toMatch(/kind: map\n\s+over: /);
    // "g r" leads to the runs elsewhere.
    expect(page.url()).toBe(`${url}/console/drafts/new`);
  });

  it('asks before what is not saved is left', async () => {
    await replace(PRICES.replace('id: look', 'id: LOOK'));
    const asked = page.waitForEvent('dialog').then(async (dialog) => {
      await dialog.dismiss();
      return dialog.message();
    });
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    expect(await asked).toContain('What was typed is not saved');
    expect(page.url()).toBe(`${url}/console/drafts/new`);
    await expect.poll(() => editor().innerText()).toContain('id: LOOK');
  });

  it('keeps a draft, with faults too, and opens it again, by the keyboard', async () => {
    await tabTo(page, 'Save the draft');
    await page.keyboard.press('Enter');
    await page.getByText('Saved, revision 1').waitFor();
    await page.keyboard.press('Escape');
    await panel('Drafts').getByText(/fault/).waitFor();
    await expect.poll(() => focused(page)).toBe('Prices');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Draft: Prices' }).waitFor();
    await expect.poll(() => editor().innerText()).toContain('id: LOOK');
  });

  it('says when somebody else was first, and shows what they have saved', async () => {
    const id = page.url().split('/').at(-1) ?? '';
    await expect.poll(() => editor().innerText()).toContain('id: LOOK');
    const theirs = { text: PRICES.replace('Tells a price', 'Tells our price'), revision: 1 };
    expect(await console.server.api(`/drafts/${id}`, { method: 'PUT', body: theirs })).toMatchObject({ status: 200 });
    await replace(PRICES);
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByRole('button', { name: 'Show the saved one instead' }).waitFor();
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Show the saved one instead' }).click();
    await expect.poll(() => editor().innerText()).toContain('Tells our price');
  });

  it('publishes, shows what is changed, and rolls back', async () => {
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('heading', { name: 'Prices', level: 1 }).waitFor();
    await panel('Versions').getByRole('link', { name: 'Edit as a draft' }).click();
    await expect.poll(() => editor().innerText()).toContain('Tells our price');
    await panel('Changes to version 1').getByText('Nothing is changed.').waitFor();
    const words = panel('What it changes');
    await replace(PRICES.replace('id: tell', 'id: told'));
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await words.getByText('New node told').waitFor();
    await words.getByText('Gone: tell').waitFor();
    await replace(PRICES);
    await words.getByText('Of what is saved.').waitFor();
    const changes = page.getByLabel('Changes', { exact: true });
    await changes.waitFor();
    await expect
      .poll(() => changes.innerText())
      .toMatch(/taken out:\s+description: Tells our price\.[^]*added:\s+description: Tells a price\./);
    await panel('Faults').getByText('No faults: it can be published.').waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Tells a price.').first().waitFor();
    await page.getByRole('heading', { name: 'Prices', level: 1 }).waitFor();
    await panel('Versions').getByRole('button', { name: 'What version 2 changed' }).click();
    await panel('Versions').getByText('"Tells our price." → "Tells a price."').waitFor();
  });

  it('asks before it rolls back, and says what that changes', async () => {
    await page.getByRole('button', { name: 'Roll back to version 1' }).focus();
    await page.keyboard.press('Enter');
    const asks = page.getByRole('dialog', { name: 'Roll back to version 1?' });
    await asks.getByText('Runs that go on stay on their version; new ones start on this one.').waitFor();
    await asks.getByText('"Tells a price." → "Tells our price."').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => asks.count()).toBe(0);
    expect(await focused(page)).toContain('Roll back to version 1');
    expect(await page.getByRole('button', { name: 'Roll back to version 2' }).count()).toBe(0);
    await page.keyboard.press('Enter');
    await asks.getByRole('button', { name: 'Roll back to version 1' }).click();
    await page.getByText('Tells our price.').first().waitFor();
    await panel('Versions').getByRole('button', { name: 'Roll back to version 2' }).waitFor();
  });

  it('keeps the focus on a button while its request is sent, and sends it once', async () => {
    await page.goto(`${url}/console/drafts/new`);
    await replace(PRICES);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    let sent = 0;
    await page.route('**/drafts', async (route) => {
      if (route.request().method() === 'POST') {
        sent += 1;
        await held;
      }
      await route.continue();
    });
    const save = page.getByRole('button', { name: 'Save the draft' });
    await save.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => save.getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    expect(await focused(page)).toContain('Save the draft');
    letGo();
    await page.getByText('Saved, revision 1').waitFor();
    await expect.poll(() => save.getAttribute('aria-disabled')).toBe('false');
    expect(await focused(page)).toContain('Save the draft');
    expect(sent).toBe(1);
    await page.unroute('**/drafts');
  });

  it('writes what a definition says as text', async () => {
    await page.goto(`${url}/console/drafts/new`);
    await replace(PRICES.replace('name: Prices', `name: '${HOSTILE}'`).replace('id: tell', `id: '${HOSTILE}'`));
    await panel('Faults')
      .getByText(/nodes\[1\]/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByRole('heading', { name: `Draft: ${HOSTILE}` }).waitFor();
    draft = new URL(page.url()).pathname.replace('/console', '');
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
  });

  it('leaves the editor by Escape and Tab', async () => {
    await page.goto(`${url}/console/drafts/new`);
    await editor().click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.shadowRoot ?? null)).toBeNull();
  });

  it('shows no draft of others, and nothing to who may not write', async () => {
    await page.goto(`${url}/console/drafts/0190b0c2-7f3a-7abc-8def-0123456789ab`);
    await page.getByText('There is no such draft.').waitFor();
    const made = await console.server.api('/keys', { method: 'POST', body: { name: 'reader', scopes: ['read'] } });
    const context = await console.browser.newContext();
    const { page: reader } = await openPage(context);
    await signIn(reader, url, String(made.body['key']));
    await reader.goto(`${url}/console/drafts/new`);
    await reader.getByText('Writing workflows takes the scope').waitFor();
    await reader.goto(`${url}/console/workflows`);
    await reader.getByRole('heading', { name: 'Workflows' }).waitFor();
    await expect.poll(() => reader.getByRole('link', { name: 'New workflow' }).count()).toBe(0);
    await context.close();
  });

  it('is accessible in light and dark colours, and on a phone', async () => {
    const paths = ['/drafts/new', draft, '/workflows', '/workflows/prices', '/drafts/new?from=prices'];
    expect(await findViolationsOf(page, url, { paths, looks: TWO_LOOKS })).toEqual([]);
  });

  it('fits a window that is made narrow', async () => {
    await page.setViewportSize({ width: 1360, height: 900 });
    await page.goto(`${url}/console/drafts/new`);
    await panel('Graph').getByText('transform').waitFor();
    await page.setViewportSize({ width: 360, height: 780 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  it('did nothing that its policy refuses', () => {
    expect(faults).toEqual([]);
  });
});
