import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, launchChromium } from '../../console/console-under-test.js';
import { Person } from '../../support/oauth/person.js';
import { client, organization, person, stack, setUp } from './attack-under-test.js';

setUp();

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/** A form of the consent page, as a page of somebody else has it. */
const formOf = (html: string): string => /<form[^]*<\/form>/.exec(html)?.[0] ?? '';

/** Another site, as `localhost` is none of `127.0.0.1`; it shows what a test gives it. */
describe.skipIf(!existsSync(CHROMIUM))('a page of another site, in Chromium,', { timeout: 120_000 }, () => {
  let site: Server;
  let siteUrl = '';
  let shown = '';
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    site = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(shown));
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    siteUrl = `http://localhost:${(site.address() as AddressInfo).port}/`;
    browser = await launchChromium();
  }, 120_000);
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    return () => context.close();
  });
  afterAll(async () => {
    await browser.close();
    site.close();
  });

  it('cannot show the consent page within itself, so that nobody presses what they do not see', async () => {
    shown = `<h1>Win!</h1><iframe src="${escape(client.authorizationUrl().href)}"></iframe>`;
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/oauth/authorize')),
      page.goto(siteUrl),
    ]);
    expect(answer.status()).toBe(200);
    await expect.poll(() => page.frames().map((frame) => frame.url())).toContain('chrome-error://chromewebdata/');
    await expect.poll(() => page.frameLocator('iframe').locator('#key').count()).toBe(0);
  });

  it('cannot press a button of the page for a person who has it open, with a form of the attacker or of theirs', async () => {
    // The person has opened the page, and signed in: their browser has its cookie.
    await page.goto(client.authorizationUrl().href);
    const own = await stack.newKey(organization);
    await page.getByLabel('An API key of your organization').fill(own.key);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    const theirs = formOf(await page.content());
    // The attacker has signed in with a key of their own: whoever pressed their form would work in their organization.
    const attacker = new Person((await stack.newCaller()).key);
    const attackers = formOf((await attacker.signIn(await attacker.open(client.authorizationUrl()))).html);
    for (const form of [theirs, attackers]) {
      expect(form).toContain('value="allow"');
      shown = form;
      await page.goto(siteUrl);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.getByRole('button', { name: 'Allow' }).click({ noWaitAfter: true }),
      ]);
      expect([answer.status(), answer.headers()['location']]).toEqual([403, undefined]);
      await page.getByText('This form was sent by another page.').waitFor();
    }
    const organizationId = (await stack.store.organizations.find({ slug: organization }))?.id ?? '';
    expect(await stack.store.grants.list({ organizationId, at: Date.now() })).toEqual([]);
    expect((await person.open(client.authorizationUrl())).status).toBe(200);
  });
});
