// How fast the console is beside a long history and with very large runs: what a person waits for, in Chromium.
//   npm run bench:console -- [--runs 1000000] [--nodes 10000] [--load 5] [--keep folder]
// All the while so many small runs are started in a second. In a folder that is kept, the history is made once.
// CHROMIUM names another browser than /usr/bin/chromium.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startServer } from '../../scripts/start-server.mjs';
import { describeMachine } from '../lib/machine.mjs';
import { makeHistory } from '../lib/history/make-history.mjs';
import { quantile } from '../lib/load.mjs';
import { renderTable, whole } from '../lib/table.mjs';
import { until } from '../lib/until.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    nodes: { type: 'string', default: '10000' },
    load: { type: 'string', default: '5' },
    keep: { type: 'string' },
  },
});
const RUNS = Number(values.runs);
const NODES = Number(values.nodes);
const LOAD = Number(values.load);
/** More credits than the history and the load use up. */
const ENV = { ERRAND_BOOTSTRAP_CREDITS: '1000000000' };
const KEY = `sk_live_${'b'.repeat(32)}`;
/** In milliseconds: the first row from the server, in the browser, and the longest that the page may be busy at once. */
const LIMITS = { server: 300, browser: 1_000, task: 100, frame: 20 };

/** What the server is asked for without a browser. */
const ASKED = [
  '/runs?limit=50',
  '/runs?limit=50&status=completed&workflow_id=small',
  '/runs?limit=50&status=failed',
  '/overview',
  '/overview/workflows',
  '/overview/days?days=90',
];

/** The large run takes half a minute, and many times that on a machine that does other things too. */
const MAX_RUN_MS = 1_800_000;

const say = (text) => process.stderr.write(`${text}\n`);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'errand-bench-console-'));
const [data, workflows] = [join(folder, 'data'), join(folder, 'workflows')];

async function main() {
  mkdirSync(workflows, { recursive: true });
  writeWorkflows();
  if (existsSync(join(data, 'errand.db'))) say('The history is there already.');
  else await makeData();
  const server = await startServer({ data, workflows, key: KEY, env: ENV });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const stopLoad = startLoad(server);
  try {
    const rows = await measure(server, browser);
    report(rows);
  } finally {
    stopLoad();
    await browser.close();
    await stop(server);
  }
}

function writeWorkflows() {
  const small = ['id: small', 'name: Small', 'description: Ends at once.', 'credits: 1', 'nodes:'];
  small.push('  - { id: a, kind: transform, with: 1 }', '  - { id: b, kind: transform, needs: [a], with: 2 }');
  writeFileSync(join(workflows, 'small.yaml'), `${small.join('\n')}\n`);
  const large = ['id: large', 'name: Large', 'description: Very many nodes.', 'nodes:'];
  for (let index = 0; index < NODES; index += 1) {
    const needs = index < 100 ? '' : `, needs: [n${index - 100}]`;
    large.push(`  - { id: n${index}, kind: transform${needs}, with: ${index} }`);
  }
  writeFileSync(join(workflows, 'large.yaml'), `${large.join('\n')}\n`);
  const many = ['id: many', 'name: Many', 'description: Very many items.', 'nodes:', '  - id: each', '    kind: map'];
  many.push(
    `    over: '{{ [1..${NODES}] }}'`,
    '    concurrency: 100',
    "    do: { kind: transform, with: '{{ item }}' }",
  );
  writeFileSync(join(workflows, 'many.yaml'), `${many.join('\n')}\n`);
}

/** One run by the server itself, of which all others are copies. */
async function makeData() {
  const server = await startServer({ data, workflows, key: KEY, env: ENV });
  const run = await start(server, 'small');
  await untilEnded(server, run);
  await stop(server);
  say(`Making ${whole(RUNS)} finished runs …`);
  await makeHistory({ path: join(data, 'errand.db'), runs: RUNS });
}

async function stop({ child }) {
  child.kill('SIGTERM');
  await until(() => child.exitCode !== null || child.signalCode !== null, 60_000);
}

async function ask({ url }, path, body) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

const start = async (server, workflow) => (await ask(server, '/runs', { workflow_id: workflow })).run_id;
const untilEnded = (server, run) =>
  until(async () => (await ask(server, `/runs/${run}?wait_seconds=20&nodes=none`)).terminal, MAX_RUN_MS);

/** What goes on in the meantime. */
function startLoad(server) {
  if (LOAD === 0) return () => undefined;
  const timer = setInterval(() => void start(server, 'small').catch((error) => say(String(error))), 1_000 / LOAD);
  return () => clearInterval(timer);
}

async function measure(server, browser) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  // What keeps the page busy for more than 50 ms at once.
  await context.addInitScript(() => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${server.url}/console`);
  await page.getByLabel('API key').fill(KEY);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const rows = [];
  for (const path of ASKED) {
    const took = [];
    for (let count = 0; count < 21; count += 1) took.push(await timed(() => ask(server, path)));
    const half = quantile(
      took.toSorted((a, b) => a - b),
      0.5,
    );
    rows.push({ what: `GET ${path}`, took: half, limit: LIMITS.server });
  }
  /** `later`: what comes after that, until when, on the same page. */
  const show = async (what, path, seen, later = []) => {
    const from = wallClock();
    await page.goto(`${server.url}/console${path}`, { waitUntil: 'commit' });
    rows.push({ what, took: (await paintedAt(page, seen)) - from, limit: LIMITS.browser });
    for (const one of later) {
      rows.push({ what: one.what, took: (await paintedAt(page, one.seen)) - from, limit: LIMITS.browser });
    }
    Object.assign(rows.at(-1), { longest: await longestOf(page), busy: LIMITS.task });
  };
  await show('the overview', '', 'article');
  await show('the runs, to the first row', '/runs', 'tbody tr');
  await show('the runs that completed', '/runs?status=completed&workflow=small', 'tbody tr');
  const streaming = await start(server, 'large');
  await show('a large run that goes on', `/runs/${streaming}`, 'header h1');
  await untilEnded(server, streaming);
  await page.waitForTimeout(1_000);
  rows.push({ what: '… while its entries come', longest: await longestOf(page), busy: LIMITS.task });
  await show('the same, when it has ended', `/runs/${streaming}`, 'header h1');
  await page.waitForTimeout(3_000);
  rows.push({ what: '… until its log is read', longest: await longestOf(page), busy: LIMITS.task });
  rows.push({ what: 'scrolling its rows, half of the frames', took: await timeFrames(page), limit: LIMITS.frame });
  await show('its graph, as a list', `/runs/${streaming}?view=graph`, '[aria-label="Nodes in their order"] li', [
    { what: '… and drawn', seen: '[data-testid="graph"] [data-box]' },
  ]);
  await show('its log', `/runs/${streaming}?view=log`, 'ol li');
  const mapped = await start(server, 'many');
  await untilEnded(server, mapped);
  await show('a run of as many items', `/runs/${mapped}`, 'header h1');
  await show('its first items', `/runs/${mapped}?node=each`, '#node-items li');
  await checkEnlarged(server, page, streaming);
  return rows;
}

/** Throws where a screen has to be scrolled sideways. */
async function checkEnlarged(server, page, run) {
  // 1280 points wide, enlarged to 400 %.
  await page.setViewportSize({ width: 320, height: 256 });
  for (const path of ['', '/runs', `/runs/${run}`, '/workflows', '/organization']) {
    await page.goto(`${server.url}/console${path}`);
    await page.locator('main h1').waitFor();
    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (isTooWide) throw new Error(`At 400 %, ${path} has to be scrolled sideways`);
  }
}

/** The median time between frames, in ms, while a list is scrolled by many rows with each. */
const timeFrames = (page) =>
  page.evaluate(async () => {
    const box = document.querySelector('ol').parentElement;
    const gaps = [];
    for (let last = performance.now(), count = 0; count < 200; count += 1) {
      box.scrollTop += 200;
      await new Promise(requestAnimationFrame);
      gaps.push(performance.now() - last);
      last = performance.now();
    }
    return gaps.toSorted((a, b) => a - b)[100];
  });

const wallClock = () => performance.timeOrigin + performance.now();

/**
 * When the page had painted what `selector` finds, by the wall clock. Looked at with each frame: a locator looks after
 * 20, 50, 100, 100 and then every 500 ms.
 */
const paintedAt = (page, selector) =>
  page.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          const isThere = document.querySelector(wanted)?.checkVisibility() === true;
          requestAnimationFrame(isThere ? () => resolve(performance.timeOrigin + performance.now()) : look);
        };
        look();
      }),
    selector,
  );

const longestOf = (page) => page.evaluate(() => globalThis.longest);

async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function report(rows) {
  // Browsers tell only of tasks that are longer.
  const shown = (value) => (value === undefined ? '' : whole(Math.max(50, value)));
  const table = renderTable(
    ['what', 'ms', 'at most', 'longest task', 'at most'],
    rows.map(({ what, took, limit, longest, busy }) => [
      what,
      took === undefined ? '' : whole(took),
      limit === undefined ? '' : whole(limit),
      shown(longest),
      busy === undefined ? '' : whole(busy),
    ]),
  );
  process.stdout.write(`${describeMachine()}\n\n`);
  const load = `${whole(LOAD)} small runs are started in a second`;
  process.stdout.write(`${whole(RUNS)} finished runs; runs of ${whole(NODES)} nodes and items; ${load}.\n\n${table}\n`);
  const missed = rows.filter(({ took = 0, limit = 0, longest = 0, busy = 0 }) => took > limit || longest > busy);
  if (missed.length === 0) return;
  process.stdout.write(`\nAbove the limits: ${missed.map(({ what }) => what).join('; ')}.\n`);
  process.exitCode = 1;
}

try {
  await main();
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
