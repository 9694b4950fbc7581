import {
  Client,
  CrossAppAccessProvider,
  StreamableHTTPClientTransport as Transport,
} from '@modelcontextprotocol/client';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAccessRule } from '../../src/auth/oidc/access-rules.js';
import type { Scope } from '../../src/core/tenant/principal.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { IdentityProvider } from '../support/oauth/identity-provider.js';

const TYPE = 'oauth-id-jag+jwt';

let provider: IdentityProvider;
let other: IdentityProvider;
let stack: NativeStack;
let base = '';
beforeAll(async () => {
  [provider, other] = [await IdentityProvider.start(), await IdentityProvider.start()];
  const { issuer, clientId, clientSecret } = provider;
  const rules = ['email=ada@corp.example->org-1:run', 'email=grace@corp.example->org-1:manage'];
  stack = await startNativeStack(undefined, {
    fetchDocument: () => Promise.reject(new Error('no network')),
    company: { issuer, clientId, clientSecret, access: rules.flatMap((rule) => parseAccessRule(rule) ?? []) },
  });
  base = stack.url.origin;
  await stack.newCaller();
});
afterAll(() => Promise.all([stack.close(), provider.close(), other.close()]));

/** The host of a company, which has a key of the organization. */
async function newHost(organization = 'org-1', scopes: readonly Scope[] = ['run', 'manage']) {
  const made = await stack.newKey(organization, undefined, scopes);
  const organizationId = (await stack.store.organizations.find({ slug: organization }))?.id ?? '';
  const id = (await stack.store.keys.list({ organizationId })).at(-1)?.id ?? '';
  return { id, key: made.key, organizationId };
}

type Host = Awaited<ReturnType<typeof newHost>>;

function claimsFor(host: Host, changed: Record<string, unknown> = {}): Record<string, unknown> {
  const claims = { sub: 'u1', email: 'ada@corp.example', aud: base, client_id: host.id, jti: randomUUID() };
  return { ...claims, resource: `${base}/mcp`, scope: 'read run', ...changed };
}

async function present(host: Host, assertion: string, fields: Record<string, string> = {}): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${host.id}:${host.key}`).toString('base64')}`;
  const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion, ...fields });
  return await fetch(`${base}/oauth/token`, { method: 'POST', headers: { authorization }, body });
}

async function errorOf(answer: Response): Promise<unknown> {
  return [answer.status, ((await answer.json()) as { error?: string }).error];
}

describe('an identity assertion', () => {
  it('gets a person in who is signed in with the company, by the official client', async () => {
    const host = await newHost();
    const client = new Client({ name: 'host of the company', version: '1' });
    const authProvider = new CrossAppAccessProvider({
      assertion: ({ authorizationServerUrl, resourceUrl }) =>
        provider.sign(claimsFor(host, { aud: authorizationServerUrl, resource: resourceUrl }), TYPE),
      clientId: host.id,
      clientSecret: host.key,
      expectedIssuer: base,
    });
    await client.connect(new Transport(stack.url, { authProvider }));
    const { structuredContent } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(structuredContent).toMatchObject({ text: 'Hello Ada' });
    await client.close();
    const { organizationId } = host;
    const grants = await stack.store.grants.list({ organizationId, at: Date.now() });
    expect(grants.filter(({ clientId }) => clientId === host.id)).toMatchObject([{ subject: 'ada@corp.example' }]);
  });

  it('is announced', async () => {
    const metadata = await (await fetch(`${base}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({
      grant_types_supported: expect.arrayContaining(['urn:ietf:params:oauth:grant-type:jwt-bearer']) as string[],
      authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
    });
  });

  it('gives what the person, the key and the assertion have in common, without a refresh token', async () => {
    const host = await newHost();
    const scopeOf = async (claims: Record<string, unknown>, fields: Record<string, string> = {}, from = host) => {
      const answer = await present(from, await provider.sign(claimsFor(from, claims), TYPE), fields);
      const body = (await answer.json()) as { scope: string; refresh_token?: string };
      expect(body.refresh_token).toBeUndefined();
      return body.scope;
    };
    expect(await scopeOf({})).toBe('read run');
    expect(await scopeOf({ scope: 'read run manage' })).toBe('read run');
    const grace = { email: 'grace@corp.example', scope: 'read run manage' };
    expect(await scopeOf(grace)).toBe('read run manage');
    expect(await scopeOf(grace, { scope: 'read' })).toBe('read');
    expect(await scopeOf({ ...grace, scope: 'read' }, { scope: 'manage' })).toBe('read');
    expect(await scopeOf(grace, {}, await newHost('org-1', ['read']))).toBe('read');
  });

  it('is good once', async () => {
    const host = await newHost();
    const assertion = await provider.sign(claimsFor(host), TYPE);
    expect((await present(host, assertion)).status).toBe(200);
    expect(await errorOf(await present(host, assertion))).toEqual([400, 'invalid_grant']);
  });

  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another server', { aud: 'https://other.example' }],
    ['for another client', { client_id: 'another' }],
    ['that has expired', { exp: 1 }],
    ['without an expiry that is near', { iat: 1 }],
    ['without an id', { jti: undefined }],
    ['without a person', { sub: undefined }],
    ['for somebody whom no rule knows', { email: 'eve@corp.example' }],
  ])('%s is refused', async (_, changed) => {
    const host = await newHost();
    const claims = claimsFor(host, changed);
    expect(await errorOf(await present(host, await provider.sign(claims, TYPE)))).toEqual([400, 'invalid_grant']);
  });

  it('for another resource is refused, and is not widened', async () => {
    const host = await newHost();
    const elsewhere = await provider.sign(claimsFor(host, { resource: 'https://other.example/mcp' }), TYPE);
    expect(await errorOf(await present(host, elsewhere))).toEqual([400, 'invalid_target']);
    const wider = await present(host, await provider.sign(claimsFor(host), TYPE), { resource: `${base}/api/v1` });
    expect(await errorOf(wider)).toEqual([400, 'invalid_target']);
  });

  it('that is another kind of token, is signed by another, or not at all is refused', async () => {
    const host = await newHost();
    const claims = claimsFor(host);
    const [, payload = ''] = (await provider.sign(claims, TYPE)).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: TYPE })).toString('base64url');
    const assertions = [
      await provider.sign(claims),
      await other.sign({ ...claims, iss: provider.issuer }, TYPE),
      `${header}.${payload}.`,
      'no token',
      '',
      'x'.repeat(20_000),
    ];
    for (const assertion of assertions) {
      expect(await errorOf(await present(host, assertion))).toEqual([400, 'invalid_grant']);
    }
  });

  it('is refused to a client without a key, and to one with a key of another organization', async () => {
    const host = await newHost();
    const assertion = await provider.sign(claimsFor(host), TYPE);
    expect(await errorOf(await present({ ...host, key: 'x' }, assertion))).toEqual([401, 'invalid_client']);
    const { organization } = await stack.newCaller();
    const stranger = await newHost(organization);
    const taken = await provider.sign(claimsFor(stranger), TYPE);
    expect(await errorOf(await present(stranger, taken))).toEqual([400, 'invalid_grant']);
    expect((await present(host, assertion)).status).toBe(200);
  });
});
