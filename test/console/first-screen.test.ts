import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { type ModelServer, startModelServer } from '../support/model-servers/model-server.js';
import { startToolServer, type ToolServer } from '../support/tool-servers/tool-server.mjs';
import { MODEL_ANSWERS, writeFailingWorkflows } from './failing/workflows.js';

/** Of each workflow that fails: what failed, why, and what to do, as the first screen of its run says it. */
const EXPECTED: Record<string, readonly [what: string, why: string, todo: string]> = {
  throws: ['make_invoice failed', 'The order 4711 has no customer', 'fix the code'],
  throws_long: ['upload failed', 'The upload was refused.', 'fix the code'],
  throws_nothing: ['silent failed', 'Error', 'the server’s log may say more'],
  gives_nan: ['measure failed', 'when is NaN', 'Mend the node'],
  gives_too_much: ['export failed', 'at most 8388608 are kept', 'Have the node give less'],
  crashes: ['convert failed', 'it called process.exit(1)', 'See the server’s log'],
  differs: ['Cashier failed', 'The card has expired', 'fix the code'],
  agent_bad_result: ['rate failed', 'gave no result that fits', 'a model’s answer may fit the next time'],
  agent_never_done: ['search failed', '2', 'Raise max_steps'],
  agent_over_budget: ['research failed', 'budget', 'Raise the budget'],
  mcp_said_no: ['find failed', 'no such customer', 'mend what it was given'],
  mcp_broke: ['find failed', 'the database is closed', 'mend what it was given'],
  mcp_gone: ['find failed', 'gone', 'See that it runs'],
  model_declines: ['write failed', 'I would rather not.', 'change what it is asked'],
  model_gone: ['write failed', 'No such model.', 'Check the model’s name'],
  model_key: ['write failed', 'Incorrect key.', 'Set a valid key'],
  model_limit: ['write failed', 'Too many requests.', 'requests_per_minute'],
  model_long: ['write failed', 'Too long.', 'take a model that reads more'],
  model_nonsense: ['write failed', 'house/nonsense', 'check the provider’s base_url'],
  model_overloaded: ['write failed', 'Overloaded.', 'name a second model'],
  model_strange: ['write failed', 'Unknown parameter.', 'mend the node’s settings'],
  maps: ['pack failed', 'is out of stock', 'fix the code'],
  http_404: ['find_customer failed', 'answered 404', 'Check the address'],
  http_503: ['ask_crm failed', 'answered 503', 'Retry once it is well again'],
  http_refused: ['fetch_page failed', 'nothing listens there', 'Check the address'],
  http_slow: ['slow_service failed', 'longer than its time-out of 300 ms', 'give the node a longer timeout'],
  http_no_url: ['call failed', 'with/url: must be string', 'input'],
  expression: ['compute failed', 'Unable to cast value to a number', 'mend the expression'],
  script_throws: ['add_up failed', "cannot read property 'length' of null", 'Mend the script'],
  script_slow: ['endless failed', 'longer than the 200 ms', 'raise its time'],
  nobody_answers: ['approve failed', 'Nobody answered in time', 'a default that stands where nobody answers'],
  child_fails: ['sub failed', 'make_invoice failed', 'fix the code'],
  child_unknown: ['sub failed', 'There is no workflow "nope"', 'mend the name'],
  race_lost: ['fastest failed', 'fastest › second', 'Check the address'],
  rounds_over: ['polish failed', 'Its condition did not hold after 2 rounds', 'raise at_most'],
  group_fails: ['review failed', 'What review › judge was given', 'Mend the script'],
  run_too_long: ['The run itself failed', 'At work or waiting when the run was ended: pause', 'raise the timeout'],
  wrong_output: ['The run itself failed', 'property "score" is missing', 'Mend its "result" or "output"'],
  two_fail: ['Left agent failed', 'The order 4711 has no customer', 'fix the code'],
};

/** In pixels, how far down a phone's first screen or beyond it the buttons stand, where each of several branches is told. */
const MAX_DOWN: Record<string, number> = { race_lost: 1_000 };

describe.skipIf(!existsSync(CHROMIUM))('the first screen of a run that failed', { timeout: 240_000 }, () => {
  let console: ConsoleUnderTest;
  let other: Server;
  let models: ModelServer;
  let tools: ToolServer;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), 'errand-failures-'));
  const runs = new Map<string, string>();

  beforeAll(async () => {
    [other, models, tools] = await Promise.all([startAnswering(), startModelServer(), startToolServer()]);
    models.script(({ model }) => MODEL_ANSWERS[model] ?? 'ok');
    writeFailingWorkflows(folder, { models: models.url, tools: tools.url });
    console = await openConsole({ ERRAND_OUTBOUND_ALLOW: '127.0.0.1' }, folder);
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const input = { n: 4711, url, word: 'many', which: 'nope' };
    // A few at a time: where all wait for the processors, what is to fail of itself would fail of its time.
    const left = Object.keys(EXPECTED);
    const startSome = async (): Promise<void> => {
      for (let workflow = left.pop(); workflow !== undefined; workflow = left.pop()) {
        runs.set(workflow, await console.startRun(workflow, input, ['failed', 'partial_complete']));
      }
    };
    await Promise.all(Array.from({ length: 5 }, startSome));
    ({ page } = await openPage(await console.browser.newContext()));
    await signIn(page, console.server.url);
  }, 240_000);
  afterAll(async () => {
    await console.close();
    other.closeAllConnections();
    other.close();
    await Promise.all([models.close(), tools.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(Object.entries(EXPECTED))(
    'of %s says what failed, why and what to do, on a phone with what can be done',
    async (workflow, [what, why, todo]) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`${console.server.url}/console/runs/${runs.get(workflow)}`);
      const panel = page.getByRole('region').filter({ has: page.getByRole('heading', { name: what, exact: true }) });
      await panel.getByText(why).first().waitFor();
      await expect.poll(() => panel.innerText()).toContain(todo);
      await expect.poll(() => bottomOf(panel)).toBeLessThan(800);
      await page.setViewportSize({ width: 360, height: 800 });
      await panel.getByText(why).first().waitFor();
      await panel.getByRole('heading', { name: 'What to do' }).waitFor();
      const button = panel.getByRole('button', { name: 'Rerun' });
      // What children and inner nodes failed of comes a moment later, and moves it.
      await expect.poll(() => bottomOf(button)).toBeLessThan(MAX_DOWN[workflow] ?? 800);
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    },
  );

  it('tells an error once, though what the node was given cannot be computed for the same reason', async () => {
    await page.goto(`${console.server.url}/console/runs/${runs.get('expression')}`);
    await page.getByRole('heading', { name: 'What the run was given' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByText('Unable to cast value to a number').count()).toBe(1);
    await page.getByText('No node was started.').waitFor();
  });

  it('draws attempts whose process died as cut short, not as completed', async () => {
    await page.goto(`${console.server.url}/console/runs/${runs.get('crashes')}`);
    const row = page.getByRole('group', { name: 'Timeline' }).getByRole('listitem').first();
    await row.getByTitle('cut short: its process ended').first().waitFor();
    expect(await row.locator('.state-completed').count()).toBe(0);
  });
});

/** In pixels; far below every screen while there is none. */
async function bottomOf(shown: Locator): Promise<number> {
  const { y, height } = (await shown.boundingBox()) ?? { y: 0, height: 10_000 };
  return y + height;
}

/** Answers with the status that the path names; to other paths, not at all. */
async function startAnswering(): Promise<Server> {
  const server = createServer((request, response) => {
    const status = Number(request.url?.slice(1));
    if (!Number.isNaN(status)) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
