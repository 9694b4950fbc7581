// Takes the pictures of the console that docs/console.md shows, of a server with the workflows of its tests.
//   npm run screenshots
// CHROMIUM names another browser than /usr/bin/chromium.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startServer } from './start-server.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs', 'images');
const key = `sk_live_${'s'.repeat(32)}`;
const data = mkdtempSync(join(tmpdir(), 'errand-screenshots-'));

/** What is run first, and how often. */
const RUNS = [
  ['greet', { name: 'Ada' }, 12],
  ['review', {}, 9],
  ['ship', { order: 4711, express: true }, 4],
  ['many', { count: 400 }, 3],
  ['release', {}, 1],
];

const { child, url } = await startServer({ data, workflows: join(root, 'test', 'console', 'workflows'), key });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const runs = await startRuns();
  mkdirSync(images, { recursive: true });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.goto(`${url}/console`);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const shoot = async (name, path, seen) => {
    await page.goto(`${url}/console${path}`);
    await page.locator(seen).first().waitFor();
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: join(images, `console-${name}.png`) });
  };
  await page.setViewportSize({ width: 1280, height: 1130 });
  await shoot('overview', '', 'article a');
  await page.setViewportSize({ width: 1280, height: 800 });
  await shoot('failed', `/runs/${runs.get('ship')}`, '[data-testid=failure]');
  await page.goto(`${url}/console/runs?status=failed`);
  await page.getByRole('button', { name: 'Retry all…' }).click();
  await page.getByText('would be retried').waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(images, 'console-bulk.png') });
  await page.setViewportSize({ width: 1280, height: 620 });
  await page.goto(`${url}/console/runs/${runs.get('ship')}?view=graph`);
  await page.locator('[data-box]').first().waitFor();
  await page.waitForTimeout(1_500);
  await page.getByRole('region', { name: 'Views of the run' }).screenshot({ path: join(images, 'console-graph.png') });
} finally {
  await browser.close();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(data, { recursive: true, force: true });
}

/** The newest run of each workflow. */
async function startRuns() {
  const newest = new Map();
  for (const [workflow, input, count] of RUNS) {
    for (let made = 0; made < count; made += 1) {
      const response = await fetch(`${url}/api/v1/runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ workflow_id: workflow, input, wait_seconds: workflow === 'release' ? 0 : 25 }),
      });
      newest.set(workflow, (await response.json()).run_id);
    }
  }
  return newest;
}
