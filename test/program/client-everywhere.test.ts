import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../console/console-under-test.js';
import { startGreeting } from '../support/client/greeting-server.js';
import { KEY, repository, type ServerProcess } from '../support/server/server-process.js';
import { findDeno, runInDeno } from './deno/run-deno.js';

const FILES: { readonly [path: string]: string } = {
  '/client.js': join(repository, 'dist', 'client.js'),
  '/client-scenario.mjs': join(repository, 'test', 'support', 'client', 'client-scenario.mjs'),
};
/** In a module of a page or of a worker. */
const IN_BROWSER = `
  import * as errand from '/client.js';
  import { useClient } from '/client-scenario.mjs';
  const told = new URL(import.meta.url).searchParams;
  const tell = (outcome) => (typeof document === 'object' ? (globalThis.outcome = outcome) : postMessage(outcome));
  useClient(errand, { url: told.get('url'), apiKey: told.get('key') }).then(tell, (error) => tell(String(error.stack)));
`;

const EXPECTED = {
  output: 'Hello Ada',
  sameRun: true,
  kinds: ['run.created', 'run.completed'],
  waited: 'enough',
  statuses: ['completed', 'completed', 'cancelled', 'completed'],
  workflows: ['greet'],
  errors: [
    'not_found []',
    'invalid_input [{"path":"/name","message":"must be string, but is a number (7)"}]',
    'unauthenticated []',
  ],
  signed: ['ü', 'unauthenticated'],
};

let base: string;
let server: ServerProcess;
/** A site of somebody else, whose pages call the server. */
let site: Server;
let siteUrl: string;
let browser: Browser;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'errand-client-everywhere-'));
  site = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const file = FILES[pathname];
    const isPage = pathname === '/';
    response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript');
    response.end(
      isPage ? '<!doctype html><title>A site</title>' : file === undefined ? IN_BROWSER : readFileSync(file),
    );
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', () => resolve()));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  server = await startGreeting(base, { ERRAND_ALLOWED_ORIGINS: siteUrl });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  site.close();
  await server.end('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

describe('the client does the same', { timeout: 60_000 }, () => {
  it('in Node', async () => {
    const errand: unknown = await import(pathToFileURL(FILES['/client.js'] ?? '').href);
    const { useClient } = (await import(pathToFileURL(FILES['/client-scenario.mjs'] ?? '').href)) as {
      useClient: (errand: unknown, at: { url: string; apiKey: string }) => Promise<unknown>;
    };
    expect(await useClient(errand, { url: server.url, apiKey: KEY })).toEqual(EXPECTED);
  });

  it('in a worker of Node', async () => {
    const [client, scenario] = Object.values(FILES).map((file) => JSON.stringify(pathToFileURL(file).href));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      Promise.all([import(${client}), import(${scenario})])
        .then(([errand, { useClient }]) => useClient(errand, workerData))
        .then((outcome) => parentPort.postMessage(outcome));`;
    const worker = new Worker(code, { eval: true, workerData: { url: server.url, apiKey: KEY } });
    const outcome = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(outcome).toEqual(EXPECTED);
    await worker.terminate();
  });

  it('in Deno, which may do nothing but call the server', { timeout: 180_000 }, async (context) => {
    const deno = await findDeno();
    if ('lacking' in deno) return context.skip(deno.lacking);
    const [client, scenario] = Object.values(FILES).map((file) => JSON.stringify(pathToFileURL(file).href));
    const code = `
      import * as errand from ${client};
      import { useClient } from ${scenario};
      console.log(JSON.stringify(await useClient(errand, ${JSON.stringify({ url: server.url, apiKey: KEY })})));`;
    const folder = join(base, 'deno');
    mkdirSync(folder);
    const outcome = await runInDeno({ program: deno.program, code, calls: new URL(server.url).host, folder });
    expect(JSON.parse(outcome)).toEqual(EXPECTED);
  });

  it('in a page of another origin', async () => {
    const page = await browser.newPage();
    await page.goto(siteUrl);
    const told = new URLSearchParams({ url: server.url, key: KEY });
    await page.addScriptTag({ type: 'module', url: `/module.js?${told.toString()}` });
    const outcome = await page.waitForFunction('globalThis.outcome');
    expect(await outcome.jsonValue()).toEqual(EXPECTED);
    await page.close();
  });

  it('in a worker of a browser', async () => {
    const page = await browser.newPage();
    await page.goto(siteUrl);
    const told = new URLSearchParams({ url: server.url, key: KEY });
    await page.evaluate(`
      new Worker(${JSON.stringify(`/module.js?${told.toString()}`)}, { type: 'module' }).onmessage = ({ data }) => {
        globalThis.outcome = data;
      };`);
    const outcome = await page.waitForFunction('globalThis.outcome');
    expect(await outcome.jsonValue()).toEqual(EXPECTED);
    await page.close();
  });
});
