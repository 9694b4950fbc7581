import { existsSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IdentityProvider } from '../support/oauth/identity-provider.js';
import { CHROMIUM, openConsole, openPage, signIn, type ConsoleUnderTest } from './console-under-test.js';
import { findViolationsOf, TWO_LOOKS } from './find-violations.js';

const PAGE = { 'x-errand-console': '1' };
const ACCESS =
  'groups=errand-admins->default:manage,groups=staff->default:run,groups=guests->default:read,email=lost@corp.example->nowhere:run';

describe.skipIf(!existsSync(CHROMIUM))('the console for people of a company', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest;
  let provider: IdentityProvider;
  let url: string;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    provider = await IdentityProvider.start();
    const { issuer, clientId, clientSecret } = provider;
    console = await openConsole({
      ERRAND_OIDC_ISSUER: issuer,
      ERRAND_OIDC_CLIENT_ID: clientId,
      ERRAND_OIDC_CLIENT_SECRET: clientSecret,
      ERRAND_OIDC_ACCESS: ACCESS,
      ERRAND_OUTBOUND_ALLOW: '127.0.0.1',
    });
    url = console.server.url;
  }, 120_000);
  beforeEach(async () => {
    provider.person = { sub: 'u1', email: 'ada@corp.example', groups: ['staff'] };
    provider.forged = {};
    context = await console.browser.newContext({ viewport: { width: 1360, height: 900 } });
    ({ page, faults } = await openPage(context, [new URL(provider.issuer).host]));
    return () => context.close();
  });
  afterAll(async () => {
    await console.close();
    await provider.close();
  });

  const enter = async (): Promise<void> => {
    await page.goto(`${url}/console`);
    await page.getByRole('link', { name: `Sign in with ${new URL(provider.issuer).host}` }).click();
  };
  const overview = () => page.getByRole('heading', { name: 'Overview' }).waitFor();
  const grants = async (): Promise<{ id: string; signed_in_with: string; scopes: string[] }[]> =>
    (await console.server.api('/grants')).body['grants'] as never;

  it('signs them in without a key, in their organization, with what their role has', async () => {
    await enter();
    await overview();
    expect(new URL(page.url()).search).toBe('');
    const asked = await page.evaluate(
      async (headers) => (await fetch('/console/session', { headers })).json() as Promise<object>,
      PAGE,
    );
    expect(asked).toMatchObject({
      organization: { slug: 'default' },
      key: null,
      person: 'ada@corp.example',
      scopes: ['read', 'run'],
    });
    await page.goto(`${url}/console/workflows/greet`);
    await page.getByLabel(/^name/).fill('Ada');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('header').getByText('Completed', { exact: true }).waitFor();
    expect(faults).toEqual([]);
  });

  it('offers what their role may do and no more, and a person of another role other things', async () => {
    const release = await console.startRun('release', {}, ['running']);
    await enter();
    await overview();
    await page.goto(`${url}/console/runs/${release}`);
    // A grant with `run` does not answer for people.
    await page.getByText('it lacks the scope "approve"').waitFor();
    await page.goto(`${url}/console/organization?part=access`);
    await page.getByText('Seeing this takes the scope "manage"').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    provider.person = { ...provider.person, groups: ['guests'] };
    await enter();
    await overview();
    await page.goto(`${url}/console/runs/${release}`);
    await page.getByRole('heading', { name: 'Release', exact: true }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Cancel run' }).count()).toBe(0);
  });

  it('ends with its grant at once, which who manages the organization can see and revoke', async () => {
    provider.person = { ...provider.person, email: 'short@corp.example' };
    await enter();
    await overview();
    const grant = (await grants()).find(({ signed_in_with: who }) => who === 'short@corp.example');
    expect(grant).toMatchObject({ scopes: ['read', 'run'] });
    await console.server.api(`/grants/${grant?.id}`, { method: 'DELETE' });
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByLabel('API key').waitFor();
    const audit = JSON.stringify((await console.server.api('/audit?limit=20')).body);
    expect(audit).toContain('short@corp.example');
  });

  it('lists who of the company has signed in, for who manages the organization', async () => {
    provider.person = { ...provider.person, email: 'member@corp.example' };
    await enter();
    await overview();
    const other = await console.browser.newContext();
    const { page: manager, faults: seen } = await openPage(other);
    await signIn(manager, url);
    await manager.goto(`${url}/console/organization?part=access`);
    const people = manager.getByRole('region', { name: 'People of your company' });
    const row = people.getByRole('row').filter({ hasText: 'member@corp.example' });
    await expect.poll(() => row.innerText()).toMatch(/read, run/);
    expect(await people.getByRole('row').filter({ hasText: 'key sk_' }).count()).toBe(0);
    expect(seen).toEqual([]);
    await other.close();
  });

  it('is gone when they sign out', async () => {
    provider.person = { ...provider.person, email: 'leaving@corp.example' };
    await enter();
    await overview();
    const [cookie] = (await context.cookies()).filter(({ name }) => name.startsWith('errand-console'));
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect((await grants()).map(({ signed_in_with: who }) => who)).not.toContain('leaving@corp.example');
    const headers = { ...PAGE, cookie: `${cookie?.name}=${cookie?.value}` };
    expect((await fetch(`${url}/console/api/v1/runs`, { headers })).status).toBe(401);
  });

  it('says so to who has no access, and to who belongs to an organization that there is not', async () => {
    provider.person = { sub: 'u2', groups: ['visitors'] };
    await enter();
    await page.getByRole('alert').getByText('no rule of this server gives you access').waitFor();
    expect(new URL(page.url()).search).toBe('');
    provider.person = { sub: 'u3', email: 'lost@corp.example' };
    await enter();
    await page.getByRole('alert').getByText('no rule of this server gives you access').waitFor();
    expect(await context.cookies()).not.toContainEqual(
      expect.objectContaining({ name: expect.stringMatching(/^errand-console/) }),
    );
  });

  it('believes no answer that is forged, no state of another browser, and none that is used twice', async () => {
    provider.forged = { nonce: 'another' };
    await enter();
    await page.getByRole('alert').getByText('cannot be accepted').waitFor();
    provider.forged = {};
    const begun = await fetch(`${url}/console/session/company`, { redirect: 'manual' });
    const away = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' });
    const callback = away.headers.get('location') ?? '';
    // Somebody lures another browser to the way back of their own sign-in.
    await page.goto(callback);
    await page.getByRole('alert').getByText('cannot be accepted').waitFor();
    const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? '';
    const first = await fetch(callback, { redirect: 'manual', headers: { cookie } });
    expect([first.status, first.headers.get('location')]).toEqual([302, `${url}/console`]);
    const again = await fetch(callback, { redirect: 'manual', headers: { cookie } });
    expect(again.headers.get('location')).toBe(`${url}/console?sign_in=unauthenticated`);
    for (const state of ['', 'x', 'x.y']) {
      const forged = await fetch(`${url}/console/session/callback?code=1&state=${state}`, {
        redirect: 'manual',
        headers: { cookie },
      });
      expect(forged.headers.get('location')).toBe(`${url}/console?sign_in=unauthenticated`);
    }
  });

  it('still takes keys, and shows where one signs in accessibly', async () => {
    await page.goto(`${url}/console`);
    await page.getByLabel('API key').waitFor();
    await expect.poll(() => page.getByRole('main').innerText()).toContain('The session ends after a day.');
    await signIn(page, url);
    expect(await findViolationsOf(page, url, { paths: ['/organization?part=access'], looks: TWO_LOOKS })).toEqual([]);
  });
});
