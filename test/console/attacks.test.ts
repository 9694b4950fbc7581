import { existsSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';

const HOSTILE = '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>';

const FAILS = `
id: evil
name: '${HOSTILE}'
description: '${HOSTILE}'
nodes:
  - id: review
    kind: group
    role: reviewer
    label: '${HOSTILE}'
    nodes:
      - { id: judge, kind: script, with: '${HOSTILE}', source: 'throw new Error(input);' }
`;
const ASKS = `
id: asks
name: Asks
description: Asks something.
nodes:
  - { id: q, kind: ask, role: asker, label: '${HOSTILE}', question: '${HOSTILE}', answer: { type: boolean } }
`;

describe.skipIf(!existsSync(CHROMIUM))('attacks on the screens of the console', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let url: string;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];
  let addresses: Record<'failed' | 'asks' | 'draft' | 'job', string>;

  beforeAll(async () => {
    console = await openConsole();
    url = console.server.url;
    for (const text of [FAILS, ASKS]) await publish(text);
    const failed = await console.startRun('evil', {}, ['failed']);
    const asks = await console.startRun('asks', {}, ['running']);
    const body = { text: FAILS.replace('reviewer', 'critic').replace('judge', 'other') };
    const draft = await post('/drafts', body);
    const job = await post('/bulk-jobs', { action: 'cancel', filter: { tags: ['none'] }, reason: HOSTILE });
    addresses = {
      failed: `/runs/${failed}`,
      asks: `/runs/${asks}`,
      draft: `/drafts/${String(draft['id'])}`,
      job: `/bulk-jobs/${String(job['id'])}`,
    };
    context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context));
    await signIn(page, url);
  }, 120_000);
  afterAll(() => console.close());

  const post = async (path: string, body: object): Promise<Record<string, unknown>> =>
    (await console.server.api(path, { method: 'POST', body })).body;
  const publish = async (text: string): Promise<void> => {
    const { id, revision } = await post('/drafts', { text });
    expect(await post(`/drafts/${String(id)}/publish`, { revision })).toHaveProperty('publication');
  };

  it('by what a workflow is called, says, asks, is given or fails with run no script on any screen', async () => {
    const { failed, asks, draft, job } = addresses;
    for (const [path, region] of [
      [failed, 'main [data-testid="failure"]'],
      [`${failed}?view=graph`, '[aria-label="Nodes in their order"]'],
      [`${failed}?view=log`, 'main'],
      [`${failed}?view=data&node=review.judge`, 'main'],
      [asks, 'main'],
      ['/runs', 'tbody'],
      ['', 'main'],
      ['/workflows', 'main'],
      ['/workflows/evil', 'main'],
      [draft, 'main'],
      [job, 'main'],
    ] as const) {
      await page.goto(`${url}/console${path}`);
      await expect.poll(() => page.locator(region).innerText(), { timeout: 15_000 }).toContain('onerror=');
      expect([path, await page.evaluate(() => 'attacked' in window)]).toEqual([path, false]);
      expect([path, await page.locator('main img, main script').count()]).toEqual([path, 0]);
    }
    expect(faults).toEqual([]);
  });

  it('with the ids of another organization show nothing, on any screen', async () => {
    await console.server.api('/organizations', { method: 'POST', body: { slug: 'other', name: 'Other' } });
    const made = await post('/keys', { name: 'other', organization: 'other', scopes: ['run', 'manage'] });
    const theirs = await console.browser.newContext();
    const { page: other } = await openPage(theirs);
    await signIn(other, url, String(made['key']));
    for (const [path, said] of [
      [addresses.failed, 'There is no such run'],
      [`${addresses.failed}?view=graph&node=review.judge`, 'There is no such run'],
      [addresses.draft, 'There is no such draft.'],
      [addresses.job, 'There is no such bulk job'],
      ['/workflows/evil', 'There is no such workflow.'],
      ['/drafts/new?from=evil', 'it is edited there'],
    ] as const) {
      await other.goto(`${url}/console${path}`);
      await other.getByText(said).first().waitFor();
      expect([path, await other.locator('main').innerText()]).not.toEqual([path, expect.stringContaining('onerror=')]);
    }
    await other.goto(`${url}/console/runs`);
    await other.getByText('No runs yet').first().waitFor();
    await other.getByRole('link', { name: /^Start .+ here$/ }).click();
    await other.getByRole('heading', { name: 'Start a run' }).waitFor();
    await theirs.close();
  });

  it('by a page that shows it in a frame fail: no screen can be framed', async () => {
    for (const path of ['', '/runs', '/bulk-jobs', '/design', addresses.failed]) {
      const response = await fetch(`${url}/console${path}`);
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });
});
