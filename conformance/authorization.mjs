// npm run conformance:authorization: the official suite's tests of authorization servers, against a server as it is
// installed. Where the suite sends a person, a browser presses the buttons of the consent page: Chromium, named by
// CHROMIUM or found in its usual places.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findNode, install } from '../scripts/folder-packages.mjs';
import { startServer } from '../scripts/start-server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const workflows = join(dirname(here), 'workflows');
const key = `sk_live_${'o'.repeat(32)}`;
const SUITE = join(here, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const MAX_MS = 120_000;

install(here);
const node = findNode(here, '22.0');
const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
if (executablePath === undefined) {
  say('There is no Chromium: install it (on Debian: apt install chromium), or name it in CHROMIUM.');
  process.exit(2);
}
const home = mkdtempSync(join(tmpdir(), 'errand-authorization-'));
const server = await startServer({ data: join(home, 'data'), workflows, key });
try {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const framed = await isFramed(browser);
    const code = await runSuite(browser);
    const failed = summarize();
    say(framed ? 'FAILED the consent page can be framed' : 'ok     the consent page cannot be framed');
    process.exitCode = code === 0 && failed === 0 && !framed ? 0 : 1;
  } finally {
    await browser.close();
  }
} finally {
  server.child.kill();
  await once(server.child, 'exit');
  rmSync(home, { recursive: true, force: true });
}

async function runSuite(browser) {
  const port = await freePort();
  const clientId = await register(`http://127.0.0.1:${port}/callback`);
  const args = ['--url', server.url, '--client-id', clientId, '--resource', `${server.url}/mcp`];
  const child = spawn(
    node,
    [SUITE, 'authorization', ...args, '--port', String(port), '--verbose', '--output-dir', join(home, 'results')],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: MAX_MS },
  );
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith(`${server.url}/oauth/authorize?`)) await consent(browser, line.trim());
  }
  return child.exitCode ?? (await once(child, 'close'))[0];
}

/** As a person does, who first mistypes the key. */
async function consent(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.fill('#key', 'sk_live_mistyped');
  await page.click('text=Continue');
  await page.waitForSelector('text=This is no valid API key.');
  await page.fill('#key', key);
  await page.keyboard.press('Enter');
  await page.click('text=Allow >> nth=-1');
  await page.waitForURL(/\/callback\?/);
  say(`       ${await page.evaluate('document.location.pathname')} was reached by pressing the page's buttons`);
  await page.close();
}

/** Whether a page of another origin can show the consent page within itself. */
async function isFramed(browser) {
  const clientId = await register('http://127.0.0.1/callback');
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    code_challenge: 'A'.repeat(43),
    code_challenge_method: 'S256',
  });
  const page = await browser.newPage();
  const framed = `${server.url}/oauth/authorize?${query}`;
  await page.goto(`data:text/html,${encodeURIComponent(`<iframe src="${framed.replaceAll('&', '&amp;')}"></iframe>`)}`);
  await page.waitForLoadState('networkidle');
  const frame = page.frames().at(-1);
  const shown = (await frame.locator('#key').count()) > 0;
  await page.close();
  return shown;
}

async function register(redirectUri) {
  const body = JSON.stringify({ client_name: 'Conformance suite', redirect_uris: [redirectUri] });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/oauth/register`, { method: 'POST', headers, body });
  return (await answer.json()).client_id;
}

async function freePort() {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address();
  taken.close();
  await once(taken, 'close');
  return port;
}

function summarize() {
  const results = join(home, 'results');
  let failed = 0;
  let passed = 0;
  for (const scenario of readdirSync(results)) {
    for (const { id, status, errorMessage = '' } of JSON.parse(
      readFileSync(join(results, scenario, 'checks.json'), 'utf8'),
    )) {
      if (status === 'SUCCESS') passed++;
      if (status !== 'FAILURE' && status !== 'WARNING') continue;
      failed++;
      say(`${status} ${id} ${errorMessage}`);
    }
  }
  say(`${failed === 0 ? 'ok    ' : 'FAILED'} the suite: ${passed} checks passed, ${failed} did not`);
  return failed + (passed === 0 ? 1 : 0);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
