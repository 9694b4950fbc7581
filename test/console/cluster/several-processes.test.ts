import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from '../../restate/test-cluster.js';
import type { ServerProcess } from '../../support/server/server-process.js';
import { CHROMIUM, launchChromium, openPage, signIn } from '../console-under-test.js';

const SCOPES = ['read', 'run', 'manage', 'operate'];
const PAGE = { 'x-errand-console': '1' };

describe.skipIf(!existsSync(CHROMIUM))('the console of two processes on one Postgres', { timeout: 120_000 }, () => {
  let cluster: TestCluster;
  let browser: Browser;
  let servers: readonly [ServerProcess, ServerProcess];

  beforeAll(async () => {
    [cluster, browser] = await Promise.all([TestCluster.start(2), launchChromium()]);
    const [a, b] = cluster.members;
    if (a === undefined || b === undefined) throw new Error('there are two');
    servers = [a.server, b.server];
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await cluster.stop();
  });

  const open = async (server: ServerProcess, key?: string): Promise<{ page: Page; faults: string[] }> => {
    const opened = await openPage(await browser.newContext({ viewport: { width: 1360, height: 900 } }));
    await signIn(opened.page, server.url, key);
    return opened;
  };

  /** A run that goes on until `end` is called, and the process that drives it. */
  const startHeld = async (): Promise<{ id: string; driver: ServerProcess; end: () => void }> => {
    const mark = join(cluster.folder, `end-${Date.now()}`);
    const body = { workflow_id: 'held', input: { mark } };
    const started = await servers[0].api('/runs', { method: 'POST', body });
    const drivers = async () => {
      const active = await Promise.all(servers.map(async (server) => (await server.api('/system')).body['runs']));
      return servers.filter((_, index) => (active[index] as { active: number }).active === 1);
    };
    await expect.poll(async () => (await drivers()).length).toBe(1);
    const [driver = servers[0]] = await drivers();
    return { id: String(started.body['run_id']), driver, end: () => writeFileSync(mark, '') };
  };

  it('shows a run that the other process drives as it comes, to its end', async () => {
    const { id, driver, end } = await startHeld();
    const other = driver === servers[0] ? servers[1] : servers[0];
    const { page, faults } = await open(other);
    await page.goto(`${other.url}/console/runs/${id}`);
    const header = page.locator('main header');
    await header.getByText('Running', { exact: true }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    end();
    await header.getByText('Completed', { exact: true }).waitFor();
    await page.goto(`${other.url}/console/system`);
    const processes = page.getByRole('region', { name: 'Processes', exact: true });
    await expect.poll(() => processes.locator('tbody tr').count()).toBe(2);
    expect(await processes.getByText('answers here').count()).toBe(1);
    expect(await processes.getByText('not heard of').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('ends a session of both when its key is revoked at one of them', async () => {
    const [a, b] = servers;
    const made = await a.api('/keys', { method: 'POST', body: { name: 'guest', scopes: SCOPES } });
    const { id, key } = made.body as { id: string; key: string };
    const { id: run, end } = await startHeld();
    const { page } = await open(b, key);
    await page.goto(`${b.url}/console/runs/${run}`);
    await page.getByText('Live', { exact: true }).waitFor();
    const [session] = await page.context().cookies();
    // As a balancer sends it to either: each calls it by its own port.
    const ask = (server: ServerProcess) => {
      const name = session?.name.replace(/\d+$/, new URL(server.url).port);
      return fetch(`${server.url}/console/api/v1/runs`, { headers: { ...PAGE, cookie: `${name}=${session?.value}` } });
    };
    expect([(await ask(a)).status, (await ask(b)).status]).toEqual([200, 200]);
    expect((await a.api(`/keys/${id}`, { method: 'DELETE' })).status).toBeLessThan(300);
    expect([(await ask(b)).status, (await ask(a)).status]).toEqual([401, 401]);
    await page.getByLabel('API key').waitFor();
    end();
    await page.context().close();
  });
});
