import { existsSync } from 'node:fs';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_HOSTS } from '../../src/cli/oauth-doctor/known-hosts.js';
import { CHROMIUM, launchChromium } from '../console/console-under-test.js';
import { startHostStack, type HostStack } from './host-stack.js';

/** No name leads anywhere but to this machine: what counts is where the browser goes, not who is there. */
const NOWHERE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost';

/** All with `ERRAND_TEST_HOSTS=1`; else one in three, and those that are sent back to a program. */
const HOSTS = KNOWN_HOSTS.filter(
  ({ redirectUri }, index) =>
    process.env['ERRAND_TEST_HOSTS'] === '1' || index % 3 === 0 || !/^https?:/.test(redirectUri),
);

describe.skipIf(!existsSync(CHROMIUM))('the person of a host, in Chromium,', { timeout: 120_000 }, () => {
  let hosts: HostStack;
  let browser: Browser;
  let key = '';
  beforeAll(async () => {
    hosts = await startHostStack();
    browser = await launchChromium([NOWHERE]);
    ({ key } = await hosts.stack.newCaller());
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await hosts.stack.close();
  });

  it.each(HOSTS.map((host) => [host.name, host] as const))(
    'presses the page, and the host goes to a finished run: %s',
    async (_, host) => {
      const provider = hosts.providerOf(host);
      await hosts.beginSignIn(host, provider);
      const context = await browser.newContext();
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(provider.asked);
      await page.getByText(`You will be sent back to ${host.host}.`).waitFor();
      await page.getByLabel('An API key of your organization').fill(key);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Start, cancel and repeat runs').waitFor();
      const back = await pressAllow(page, host.redirectUri);
      expect(await hosts.endSignIn(host, provider, new URL(back.url()))).toMatchObject({ text: 'Hello Ada' });
      await context.close();
    },
  );
});

/** The request by which the browser goes back to the host; fails where a policy of the page keeps it from that. */
async function pressAllow(page: Page, redirectUri: string): Promise<Request> {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy')) refused.push(message.text());
  });
  const [back] = await Promise.all([
    page.waitForRequest((request) => request.url().startsWith(redirectUri)),
    page.getByRole('button', { name: 'Allow' }).click({ noWaitAfter: true }),
  ]);
  expect(refused).toEqual([]);
  return back;
}
