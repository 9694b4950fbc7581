import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContentPolicy } from '../../../src/core/models/content-policy.js';
import { startModelServer, type ModelServer } from '../../support/model-servers/model-server.js';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from '../console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from '../find-violations.js';

const MAIL = 'ada@example.com';
const HOSTILE = '<img src=x onerror="window.attacked=1">';

describe.skipIf(!existsSync(CHROMIUM))('calls of models in the console, in Chromium', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-model-calls-'));
  let models: ModelServer;
  let console: ConsoleUnderTest;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    models = await startModelServer();
    for (const [file, text] of Object.entries(describeWorkflows(models.url))) writeFileSync(join(folder, file), text);
  });
  afterEach(() => console.close());
  afterAll(async () => {
    await models.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (content: ContentPolicy): Promise<void> => {
    console = await openConsole({ ERRAND_MODEL_CONTENT: content, HOUSE_KEY: 'sk-house' }, folder);
    ({ page, faults } = await openPage(await console.browser.newContext({ viewport: { width: 1360, height: 900 } })));
    await signIn(page, console.server.url);
  };
  const openNode = async (run: string, node: string): Promise<Locator> => {
    await page.goto(`${console.server.url}/console/runs/${run}?node=${node}`);
    return page.getByRole('group', { name: 'Steps and model calls' });
  };
  const answerWithMail = (): void =>
    models.script(() => ({ text: `Write to ${MAIL}. ${HOSTILE}`, usage: { input: 1_200, cached: 200, output: 30 } }));

  it('show the prompt, the answer, tokens and price where all is kept', async () => {
    await start('keep');
    answerWithMail();
    const run = await console.startRun('ask', { question: `Who is ${MAIL}?` }, ['completed']);
    const steps = await openNode(run, 'answer');
    await steps.getByText('Model answer · house/small · 1,200 tokens in (200 cached), 30 out · $0.0015').waitFor();
    const prompt = steps.getByRole('group', { name: 'Prompt' });
    await expect.poll(() => prompt.innerText()).toMatch(/System\s+Be brief\.\s+User\s+Who is ada@example\.com\?/);
    const answer = steps.getByRole('group', { name: 'Answer', exact: true });
    await expect.poll(() => answer.innerText()).toContain(`Write to ${MAIL}. ${HOSTILE}`);
    expect(await steps.innerText()).not.toContain('ERRAND_MODEL_CONTENT');
    const paths = [`/runs/${run}?node=answer`];
    expect(await findViolationsOf(page, console.server.url, { paths, looks: TWO_LOOKS })).toEqual([]);
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    expect(faults).toEqual([]);
  });

  it('show what an agent calls with which arguments, and what its tools gave', async () => {
    await start('keep');
    models.script(({ messages }) =>
      messages.some(({ toolResults }) => toolResults.length > 0)
        ? 'Found 42.'
        : { toolCalls: [{ name: 'look', input: { place: 'cellar' } }] },
    );
    const steps = await openNode(await console.startRun('clerk', {}, ['completed']), 'clerk');
    await expect.poll(() => steps.locator('summary').count()).toBe(3);
    for (const summary of await steps.locator('summary').all()) await summary.click();
    await expect.poll(() => steps.innerText()).toMatch(/Calls look\s+▾ 1 field\s+place: "cellar"/);
    await expect.poll(() => steps.innerText()).toMatch(/Result\s+▾ 2 fields\s+output: ▾ 1 field\s+found: 42/);
    await expect.poll(() => steps.innerText()).toMatch(/Tool\s+look\s+▾ 1 field\s+found: 42\s+Answer\s+Found 42\./);
    await expect.poll(() => steps.innerText()).toContain('no known price');
  });

  it('are masked with redact, and say by which setting', async () => {
    await start('redact');
    answerWithMail();
    const steps = await openNode(
      await console.startRun('ask', { question: `Who is ${MAIL}?` }, ['completed']),
      'answer',
    );
    await steps.getByText('ERRAND_MODEL_CONTENT=redact').waitFor();
    await expect.poll(() => steps.innerText()).toContain('Write to [');
    expect(await steps.innerText()).not.toContain(MAIL);
  });

  it('say with drop that nothing is kept, and by which setting, beside tokens and price', async () => {
    await start('drop');
    answerWithMail();
    const steps = await openNode(await console.startRun('ask', { question: 'Who?' }, ['completed']), 'answer');
    await steps.getByText('Prompt and answer are not kept').waitFor();
    const words = await steps.innerText();
    expect(words).toContain('ERRAND_MODEL_CONTENT=drop');
    expect(words).toContain('$0.0015');
    expect(words).not.toContain(MAIL);
  });

  it('are told where the model refused, with what that used', async () => {
    await start('keep');
    models.script(() => ({ refusal: 'I will not.', usage: { input: 900, output: 10 } }));
    const steps = await openNode(await console.startRun('ask', { question: 'Who?' }, ['failed']), 'answer');
    await expect.poll(() => steps.innerText()).toContain('900 tokens in, 10 out · $0.0010 · gave no answer');
  });

  it('show the answer while it is written, and that there was none in the end', async () => {
    await start('keep');
    models.script(() => ({ text: 'The first half is here. The second half never comes.', pieces: 2, stall: true }));
    const run = await console.startRun('ask', { question: 'Who?' }, ['running']);
    const steps = await openNode(run, 'answer');
    await steps.getByRole('group', { name: 'Answer so far' }).getByText('The first half').waitFor();
    await console.server.api(`/runs/${run}/cancel`, { method: 'POST', body: {} });
    await steps.getByRole('group', { name: 'Answer so far' }).waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });
});

function describeWorkflows(url: string): { readonly [file: string]: string } {
  return {
    'models.yaml': `
providers:
  house: { api: openai-compatible, base_url: ${url}, key_env: HOUSE_KEY }
prices:
  house/small: { input: 1, output: 10 }
`,
    'ask.yaml': `
id: ask
name: Ask
description: Asks a model.
input: { type: object, properties: { question: { type: string } } }
nodes:
  - { id: answer, kind: llm, model: house/small, system: Be brief., prompt: "{{ input.question }}" }
`,
    'clerk.yaml': `
id: clerk
name: Clerk
description: Has an agent look.
nodes:
  - id: clerk
    kind: agent
    model: house/other
    goal: Find it.
    tools:
      - { name: look, description: Looks., input: { type: object }, code: ./look.mjs }
`,
    'look.mjs': 'export default () => ({ found: 42 });\n',
  };
}
