import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readCompany } from '../../src/app/config/company.js';
import { loadConfig } from '../../src/app/config/config.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { IdentityProvider } from '../support/oauth/identity-provider.js';
import { Person, type Page } from '../support/oauth/person.js';
import { PlainClient, type Tokens } from '../support/oauth/plain-client.js';

let provider: IdentityProvider;
let stack: NativeStack;
let base = '';
let organization = '';
beforeAll(async () => {
  provider = await IdentityProvider.start();
  const { issuer, clientId, clientSecret } = provider;
  const access = 'groups=errand-admins->org-1:manage,groups=staff->org-1:run,email=boss@corp.example->nowhere:run';
  const env = {
    ERRAND_OIDC_ISSUER: issuer,
    ERRAND_OIDC_CLIENT_ID: clientId,
    ERRAND_OIDC_CLIENT_SECRET: clientSecret,
    ERRAND_OIDC_ACCESS: access,
  };
  const company = readCompany(loadConfig({ env }));
  stack = await startNativeStack(undefined, {
    fetchDocument: () => Promise.reject(new Error('no network')),
    ...(company === null ? {} : { company }),
  });
  base = stack.url.origin;
  organization = (await stack.newCaller()).organization;
});
afterAll(() => Promise.all([stack.close(), provider.close()]));

let client: PlainClient;
let person: Person;
beforeEach(async () => {
  provider.person = { sub: 'u1', email: 'ada@corp.example', groups: ['staff'] };
  provider.forged = {};
  client = await PlainClient.registered(base);
  person = new Person('');
});

/** From the consent page to the provider and back. */
async function visit(asked: Page): Promise<Page> {
  const link = /<a class="button" href="([^"]+)"/.exec(asked.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const away = await person.open(link);
  const back = await person.open(away.location ?? '');
  return await person.open(back.location ?? '');
}

async function signIn(scope = 'read run'): Promise<Tokens> {
  const page = await visit(await person.open(client.authorizationUrl({ scope })));
  expect(page.html).toContain('ada@corp.example');
  const { location } = await person.press(page, 'allow');
  return (await (await client.exchange(location?.searchParams.get('code') ?? '')).json()) as Tokens;
}

describe('a person of the company', () => {
  it('signs in without a key, and their client works in their organization', async () => {
    expect(organization).toBe('org-1');
    const tokens = await signIn();
    expect(tokens.scope).toBe('read run');
    expect((await client.call(tokens.access_token, 'greet', { name: 'Ada' })).status).toBe(200);
    const refreshed = (await (await client.refresh(tokens.refresh_token)).json()) as Tokens;
    expect((await client.call(refreshed.access_token, 'list_workflows')).status).toBe(200);
    const organizationId = (await stack.store.organizations.find({ slug: organization }))?.id ?? '';
    const [grant] = await stack.store.grants.list({ organizationId, at: Date.now() });
    expect(grant).toMatchObject({ subject: 'ada@corp.example', keyId: null, scopes: ['read', 'run'] });
  });

  it('can allow what their role has, and no more', async () => {
    expect((await signIn('read run approve manage')).scope).toBe('read run');
    provider.person = { ...provider.person, groups: ['staff', 'errand-admins'] };
    expect((await signIn('read run approve manage')).scope).toBe('read run approve manage');
  });

  it('is refused without a rule that fits, or with one for an organization that there is not', async () => {
    provider.person = { sub: 'u2', groups: ['visitors'] };
    const stranger = await visit(await person.open(client.authorizationUrl()));
    expect([stranger.status, stranger.html]).toEqual([403, expect.stringContaining('no rule of this server')]);
    provider.person = { sub: 'u3', email: 'boss@corp.example' };
    const lost = await visit(await person.open(client.authorizationUrl()));
    expect([lost.status, lost.html]).toEqual([403, expect.stringContaining('no organization')]);
  });

  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another audience', { aud: 'another client' }],
    ['for another visit', { nonce: 'of another visit' }],
    ['that has expired', { exp: 1 }],
  ])('is not vouched for by a token %s', async (_, forged) => {
    provider.forged = forged;
    const page = await visit(await person.open(client.authorizationUrl()));
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('cannot be accepted')]);
  });

  it('comes back in the browser that left, once, and with the state that was given', async () => {
    const asked = await person.open(client.authorizationUrl());
    const link = /<a class="button" href="([^"]+)"/.exec(asked.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const back = await person.open((await person.open(link)).location ?? '');
    const callback = back.location ?? new URL(base);
    expect((await new Person('').open(callback)).status).toBe(403);
    const changed = new URL(callback);
    changed.searchParams.set('state', `${changed.searchParams.get('state')}x`);
    expect((await person.open(changed)).status).toBe(403);
    expect((await new Person('').open(link)).status).toBe(403);
    expect((await person.open(callback)).status).toBe(200);
    expect((await person.open(callback)).status).toBe(403);
  });

  it('may still use a key', async () => {
    const { key } = await stack.newCaller();
    const tokens = await client.signIn(new Person(key));
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(200);
  });
});

describe('the settings of the identity provider', () => {
  const ISSUER = { ERRAND_OIDC_ISSUER: 'https://login.corp.example' };

  it('are all needed once one is there', () => {
    expect(readCompany(loadConfig({ env: {} }))).toBeNull();
    expect(() => readCompany(loadConfig({ env: ISSUER }))).toThrow(
      'needs ERRAND_OIDC_CLIENT_ID and ERRAND_OIDC_CLIENT_SECRET and ERRAND_OIDC_ACCESS',
    );
  });

  it('are refused when a rule is none', () => {
    for (const rule of [
      'staff',
      'groups=staff',
      'groups=staff->acme',
      'groups=staff->acme:operate',
      'a=b->acme:toString',
    ]) {
      expect(() => loadConfig({ env: { ...ISSUER, ERRAND_OIDC_ACCESS: rule } })).toThrow(/^ERRAND_OIDC_ACCESS must be/);
    }
  });
});
