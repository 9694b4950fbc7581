import { existsSync } from 'node:fs';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, type ConsoleUnderTest } from '../console/console-under-test.js';
import type { McpUiHost } from './mcp-ui-host.js';
import { HostUnderTest } from './host-under-test.js';

declare const host: McpUiHost;

type Options = Parameters<McpUiHost['show']>[2];

/** In hosts of `@mcp-ui/client`, a page in between passes messages on to the view and back. */
const SANDBOX = `<!doctype html><meta charset="utf-8"><body style="margin:0"><script>
let view = null;
addEventListener('message', ({ source, data }) => {
  if (view !== null && source === view.contentWindow) return parent.postMessage(data, '*');
  if (source !== parent) return;
  if (data.method !== 'ui/notifications/sandbox-resource-ready') return view?.contentWindow.postMessage(data, '*');
  view = document.createElement('iframe');
  view.sandbox.add('allow-scripts', 'allow-forms');
  view.style.cssText = 'width: 100%; height: 500px; border: 0';
  view.srcdoc = data.params.html;
  document.body.replaceChildren(view);
});
parent.postMessage({ jsonrpc: '2.0', method: 'ui/notifications/sandbox-proxy-ready', params: {} }, '*');
</script>`;

describe.skipIf(!existsSync(CHROMIUM))('the views, in hosts of @mcp-ui/client', { timeout: 60_000 }, () => {
  let hosts: HostUnderTest;
  let under: ConsoleUnderTest;
  let page: Page;
  let view: FrameLocator;

  beforeAll(async () => {
    hosts = await HostUnderTest.start('mcp-ui-host.ts', { '/sandbox.html': SANDBOX });
    ({ under } = hosts);
    await under.startRun('invoice', { order: 1 }, ['failed']);
  }, 60_000);
  beforeEach(async () => {
    const opened = await hosts.open();
    ({ page } = opened);
    view = page.frameLocator('iframe').frameLocator('iframe');
    return () => opened.close();
  });
  afterAll(() => hosts.close());

  const show = (tool: string, args: object, options: Options = {}): Promise<void> =>
    page.evaluate(
      (text) => host.show(...(JSON.parse(text) as [string, Record<string, unknown>, Options])),
      JSON.stringify([tool, args, options]),
    );

  it('show a run, ask for it through the host, and answer its question', async () => {
    await show('run_workflow', { workflow_id: 'release' });
    await view.getByText('Release version 1.4.2').waitFor();
    await view.getByLabel('release *').selectOption('true');
    await view.getByRole('button', { name: 'Send the answer' }).click();
    await expect.poll(() => view.locator('header .status').innerText()).toBe('Completed');
    expect(await page.evaluate(() => host.faults)).toEqual([]);
    expect(await page.evaluate(() => host.sizes.length)).toBeGreaterThan(0);
  });

  it('list runs and open one, and start one by a form', async () => {
    await show('list_runs', { status: 'failed' });
    await view.getByRole('button', { name: 'Monthly invoice' }).click();
    await view.getByRole('alert').getByText('The order 4711 has no customer').waitFor();
    await show('get_workflow', { workflow_id: 'greet' });
    await view.getByLabel(/^name/).fill('Ada');
    await view.getByRole('button', { name: 'Start' }).click();
    await view.getByRole('button', { name: 'Start another run' }).waitFor();
    expect(await page.evaluate(() => host.faults)).toEqual([]);
  });

  it('take the theme of the host, and say what it refuses', async () => {
    await show('run_workflow', { workflow_id: 'nap' }, { theme: 'dark', deny: true });
    await view.getByText('The user said no.').waitFor();
    const scheme = await view.locator('html').evaluate((root) => getComputedStyle(root).colorScheme);
    expect(scheme).toBe('dark');
  });

  it('are gone with the host’s frame', async () => {
    await show('run_workflow', { workflow_id: 'nap' });
    await view.getByRole('heading', { name: 'Long nap' }).waitFor();
    await page.evaluate(() => host.close());
    await expect.poll(() => page.frames().length).toBe(1);
  });
});
