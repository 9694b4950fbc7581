import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { KEY, ServerProcess } from '../support/server/server-process.js';

export const WORKFLOWS = join(dirname(fileURLToPath(import.meta.url)), 'workflows');

/** Debian's Chromium, or the one that the variable names. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage', ...args] });
}

/** A real server with the workflows of this folder, and a browser. */
export interface ConsoleUnderTest {
  readonly server: ServerProcess;
  readonly browser: Browser;
  /** Starts a run and gives its id, once it has one of these statuses. */
  startRun(workflowId: string, input: object, until: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export async function openConsole(
  env: Record<string, string> = {},
  workflows: string = WORKFLOWS,
): Promise<ConsoleUnderTest> {
  const data = mkdtempSync(join(tmpdir(), 'errand-console-'));
  const server = await ServerProcess.start({ data, workflows, env });
  const browser = await launchChromium();
  return {
    server,
    browser,
    async startRun(workflowId, input, until) {
      const started = await server.api('/runs', { method: 'POST', body: { workflow_id: workflowId, input } });
      expect(started).toMatchObject({ status: 201 });
      const id = String(started.body['run_id']);
      await vi.waitUntil(async () => until.includes(String((await server.api(`/runs/${id}`)).body['status'])), {
        timeout: 60_000,
      });
      return id;
    },
    async close() {
      await browser.close();
      await server.end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** What a page did that none of ours does: errors, and things that its policy refused. */
export interface WatchedPage {
  readonly page: Page;
  readonly faults: string[];
}

/** `hosts`: others than the page's own that it may ask. */
export async function openPage(context: BrowserContext, hosts: readonly string[] = []): Promise<WatchedPage> {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // A refused request is told by the test that makes it.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    const own = new URL(page.url() === 'about:blank' ? request.url() : page.url()).host;
    if (protocol !== 'data:' && protocol !== 'about:' && host !== own && !hosts.includes(host))
      faults.push(`asked another host: ${request.url()}`);
  });
  return { page, faults };
}

/** Signs in by typing the key, as a person does. */
export async function signIn(page: Page, url: string, key = KEY): Promise<void> {
  await page.goto(`${url}/console`);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}
