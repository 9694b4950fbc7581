import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { newPkce, Person } from '../support/oauth/person.js';
import { CALLBACK, PlainClient } from '../support/oauth/plain-client.js';

const HOUR = 3_600_000;

let stack: NativeStack;
let base = '';
let clock: ManualClock;
beforeAll(async () => {
  clock = new ManualClock();
  stack = await startNativeStack(undefined, { clock, fetchDocument: () => Promise.reject(new Error('no network')) });
  base = stack.url.origin;
});
afterAll(() => stack.close());

let organization = '';
let person: Person;
let client: PlainClient;
beforeEach(async () => {
  // Its limits of registrations and sign-ins a minute are another test's.
  clock.jumpTo(clock.now() + 60_000);
  const caller = await stack.newCaller();
  organization = caller.organization;
  person = new Person(caller.key);
  client = await PlainClient.registered(base);
});

async function errorOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  expect(response.status).toBeGreaterThanOrEqual(400);
  return ((await response.json()) as { error: string }).error;
}

describe('an intercepted code', () => {
  it('is of no use without the verifier, and is used up by the attempt', async () => {
    const code = await client.code(person);
    for (const code_verifier of [newPkce().verifier, client.pkce.challenge, 'x', 'x'.repeat(200)]) {
      expect(await errorOf(client.exchange(await client.code(person), { code_verifier }))).toBe('invalid_grant');
    }
    expect(await errorOf(client.exchange(code, { code_verifier: newPkce().verifier }))).toBe('invalid_grant');
    expect(await errorOf(client.exchange(code))).toBe('invalid_grant');
  });

  it('is of no use to another client, nor for another redirect URI', async () => {
    const other = await PlainClient.registered(base);
    other.pkce = client.pkce;
    expect(await errorOf(other.exchange(await client.code(person)))).toBe('invalid_grant');
    const redirect_uri = 'https://client.example/other';
    expect(await errorOf(client.exchange(await client.code(person), { redirect_uri }))).toBe('invalid_grant');
  });

  it('is of no use a minute later', async () => {
    const code = await client.code(person);
    clock.jumpTo(clock.now() + 60_000);
    expect(await errorOf(client.exchange(code))).toBe('invalid_grant');
  });

  it('cannot be had without PKCE, or with the plain method', async () => {
    for (const changed of [
      { code_challenge: null },
      { code_challenge: 'short' },
      { code_challenge_method: 'plain' },
      { code_challenge_method: null },
    ]) {
      const { location } = await person.open(client.authorizationUrl(changed));
      expect(location?.searchParams.get('error')).toBe('invalid_request');
    }
    expect(await errorOf(client.exchange(await client.code(person), { code_verifier: null }))).toBe('invalid_request');
  });
});

describe('a replayed code', () => {
  it('is refused, and ends what came of its first use, calls that wait included', async () => {
    const code = await client.code(person);
    const tokens = (await (await client.exchange(code)).json()) as { access_token: string; refresh_token: string };
    const { run } = await startWaiting(tokens.access_token);
    const waiting = client.call(tokens.access_token, 'get_run_status', { run_id: run, wait_seconds: 25 });
    expect(await errorOf(client.exchange(code))).toBe('invalid_grant');
    expect((await waiting).status).toBe(401);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    expect(await errorOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  });

  it('is refused to all but one of many at once', async () => {
    const code = await client.code(person);
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.exchange(code)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });
});

async function startWaiting(token: string): Promise<{ run: string }> {
  const answer = await client.call(token, 'run_workflow', { workflow_id: 'release', input: {} });
  const { result } = (await answer.json()) as { result: { structuredContent: { run_id: string } } };
  return { run: result.structuredContent.run_id };
}

describe('a replayed refresh token', () => {
  it('is refused, and ends the whole family', async () => {
    const first = await client.signIn(person);
    const second = (await (await client.refresh(first.refresh_token)).json()) as typeof first;
    expect((await client.call(second.access_token, 'list_workflows')).status).toBe(200);
    expect(await errorOf(client.refresh(first.refresh_token))).toBe('invalid_grant');
    expect((await client.call(second.access_token, 'list_workflows')).status).toBe(401);
    expect(await errorOf(client.refresh(second.refresh_token))).toBe('invalid_grant');
  });

  it('is refused to another client, which changes nothing', async () => {
    const tokens = await client.signIn(person);
    const other = await PlainClient.registered(base);
    expect(await errorOf(other.refresh(tokens.refresh_token))).toBe('invalid_grant');
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('and an access token do not stand for each other', async () => {
    const tokens = await client.signIn(person);
    expect((await client.call(tokens.refresh_token, 'list_workflows')).status).toBe(401);
    expect(await errorOf(client.refresh(tokens.access_token))).toBe('invalid_grant');
  });

  it('ends after 90 days without use, an access token after an hour', async () => {
    const tokens = await client.signIn(person);
    expect(tokens.expires_in).toBe(3_600);
    clock.jumpTo(clock.now() + HOUR);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    clock.jumpTo(clock.now() + 90 * 24 * HOUR);
    expect(await errorOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  });
});

describe('a mix-up of servers', () => {
  it('shows, as every answer names who gives it', async () => {
    const allowed = await person.consent(client.authorizationUrl());
    expect(allowed.searchParams.get('iss')).toBe(base);
    expect(allowed.searchParams.get('state')).toBe('the state');
    const denied = await person.press(await person.open(client.authorizationUrl()), 'deny');
    expect(Object.fromEntries(denied.location?.searchParams ?? [])).toMatchObject({
      error: 'access_denied',
      state: 'the state',
      iss: base,
    });
    const wrong = await person.open(client.authorizationUrl({ response_type: 'token' }));
    expect(wrong.location?.searchParams.get('iss')).toBe(base);
    const metadata = await fetch(`${base}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({
      issuer: base,
      authorization_response_iss_parameter_supported: true,
    });
  });
});

describe('a redirect URI', () => {
  it.each([
    'https://evil.example/callback',
    'https://client.example/callback/',
    'https://client.example/callback?x=1',
    'https://client.example/callback/../evil',
    'https://client.example/Callback',
    'https://client.example:444/callback',
    'https://client.example@evil.example/callback',
    'https://client.example.evil.example/callback',
    'http://client.example/callback',
    'HTTPS://client.example/callback',
    'https://client.example/callback#x',
    'javascript:alert(1)',
    '//client.example/callback',
    '',
  ])('that was not registered is not gone to: %j', async (redirect_uri) => {
    const page = await person.open(client.authorizationUrl({ redirect_uri }));
    // An empty parameter counts as absent, and the client has registered one alone.
    expect([page.status, page.location]).toEqual([redirect_uri === '' ? 200 : 400, null]);
  });

  it('of a program on this computer may have any port, and nothing else that differs', async () => {
    const local = await PlainClient.registered(base, 'http://127.0.0.1/callback');
    const statusOf = async (redirect_uri: string) =>
      (await person.open(local.authorizationUrl({ redirect_uri }))).status;
    expect(await statusOf('http://127.0.0.1:51111/callback')).toBe(200);
    for (const wrong of [
      'http://localhost:51111/callback',
      'http://127.0.0.2:51111/callback',
      'http://127.0.0.1:51111/other',
      'http://127.0.0.1:51111/callback?x=1',
      'http://127.0.0.1:51111@evil.example/callback',
      'http://127.0.0.1.evil.example/callback',
      'https://127.0.0.1:51111/callback',
    ]) {
      expect([wrong, await statusOf(wrong)]).toEqual([wrong, 400]);
    }
  });

  it.each([
    'http://client.example/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://client.example/x',
    'https://client.example/#fragment',
    'https://user:password@client.example/',
    'https://*.example/callback',
    'https://client.example/\\evil',
    '/callback',
    'https://client.example/\ncallback',
    7,
  ])('that nobody should be sent to is not registered: %j', async (uri) => {
    const answer = client.register({ client_name: 'x', redirect_uris: [CALLBACK, uri] });
    expect(await errorOf(answer)).toBe('invalid_redirect_uri');
  });

  it('that stands there twice is not chosen from', async () => {
    const url = client.authorizationUrl();
    url.searchParams.append('redirect_uri', 'https://evil.example/');
    expect(await person.open(url)).toMatchObject({ status: 400, location: null });
  });
});

describe('more scope than was granted', () => {
  it('is not had by asking for it while refreshing', async () => {
    const tokens = await client.signIn(person, { scope: 'read' });
    expect(tokens.scope).toBe('read');
    expect(await errorOf(client.refresh(tokens.refresh_token, { scope: 'read run' }))).toBe('invalid_scope');
    expect((await client.refresh(tokens.refresh_token, { scope: 'read' })).status).toBe(200);
  });

  it('is refused by name, with all that is needed', async () => {
    const { access_token: token } = await client.signIn(person, { scope: 'read' });
    expect((await client.call(token, 'list_workflows')).status).toBe(200);
    const refused = await client.call(token, 'run_workflow', { workflow_id: 'greet', input: { name: 'Ada' } });
    expect(refused.status).toBe(403);
    const challenge = refused.headers.get('www-authenticate') ?? '';
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="read run"');
    expect(challenge).toContain(`resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`);
  });

  it('is given in a step of its own for answers, and is "read run" where nothing is asked for', async () => {
    const tokens = await client.signIn(person);
    expect(tokens.scope).toBe('read run');
    const { run } = await startWaiting(tokens.access_token);
    const args = { run_id: run, node_id: 'approve', answer: { approved: true } };
    const refused = await client.call(tokens.access_token, 'answer_run', args);
    expect(refused.status).toBe(403);
    const needed = /scope="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(needed).toBe('read run approve');
    const more = await client.signIn(person, { scope: needed });
    expect(more.scope).toBe(needed);
    expect((await client.call(more.access_token, 'answer_run', args)).status).toBe(200);
  });

  it('never is "operate", nor more than the key has', async () => {
    const operator = await stack.newKey(organization, undefined, ['run', 'operate']);
    const tokens = await client.signIn(new Person(operator.key), { scope: 'read run manage operate' });
    expect(tokens.scope).toBe('read run');
    const reader = await stack.newKey(organization, undefined, ['read']);
    expect((await client.signIn(new Person(reader.key), { scope: 'read run manage approve' })).scope).toBe('read');
  });

  it('does not come of a sign-in with a token', async () => {
    const { access_token: token } = await client.signIn(person);
    const page = await new Person(token).signIn(await person.open(client.authorizationUrl()));
    expect(page.status).toBe(403);
  });
});

describe('a token', () => {
  it('of one mount is of no use at another, nor at the REST API', async () => {
    const native = await client.signIn(person);
    const published = await client.signIn(person, { resource: `${base}/mcp/workflows/` });
    const statusOf = async (token: string, path: string) =>
      (await client.call(token, 'list_workflows', {}, path)).status;
    expect(await statusOf(native.access_token, '/mcp')).toBe(200);
    expect(await statusOf(native.access_token, '/mcp/')).toBe(200);
    expect(await statusOf(published.access_token, '/mcp/workflows')).toBe(200);
    for (const path of ['/mcp/workflows', '/api/mcp-app', '/mcp/key']) {
      expect([path, await statusOf(native.access_token, path)]).toEqual([path, 401]);
    }
    expect(await statusOf(published.access_token, '/mcp')).toBe(401);
    const rest = (token: string) =>
      fetch(`${base}/api/v1/workflows`, { headers: { authorization: `Bearer ${token}` } });
    expect((await rest(native.access_token)).status).toBe(401);
    expect((await rest((await client.signIn(person, { resource: `${base}/api/v1` })).access_token)).status).toBe(200);
  });

  it('cannot be had for what is not this server, or not what was consented to', async () => {
    for (const resource of ['https://other.example/mcp', `${base}/other`, `${base}/mcp#x`, `${base}/mcp/key`, 'mcp']) {
      const { location } = await person.open(client.authorizationUrl({ resource }));
      expect([resource, location?.searchParams.get('error')]).toEqual([resource, 'invalid_target']);
    }
    const resource = `${base}/api/v1`;
    expect(await errorOf(client.exchange(await client.code(person), { resource }))).toBe('invalid_target');
    const { refresh_token: token } = await client.signIn(person);
    expect(await errorOf(client.refresh(token, { resource }))).toBe('invalid_target');
  });

  it('reaches nothing of another organization', async () => {
    const { run } = await startWaiting((await client.signIn(person)).access_token);
    const stranger = await client.signIn(new Person((await stack.newCaller()).key));
    const answer = await client.call(stranger.access_token, 'get_run_status', { run_id: run });
    expect(JSON.stringify(await answer.json())).toContain('not_found');
    const unknown = await client.call(stranger.access_token, 'get_run_status', {
      run_id: `run_${crypto.randomUUID()}`,
    });
    expect(JSON.stringify(await unknown.json())).toContain('not_found');
  });

  it('ends with the key that was signed in with, at once, with its calls that wait', async () => {
    const key = await stack.newKey(organization);
    const tokens = await client.signIn(new Person(key.key));
    const { run } = await startWaiting(tokens.access_token);
    const waiting = client.call(tokens.access_token, 'get_run_status', { run_id: run, wait_seconds: 25 });
    await key.revoke();
    expect((await waiting).status).toBe(401);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    expect(await errorOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  });

  it('does not outlive the key that was signed in with', async () => {
    const key = await stack.newKey(organization, Date.now() + 2 * HOUR);
    const code = await client.code(new Person(key.key));
    await key.revoke();
    expect(await errorOf(client.exchange(code))).toBe('invalid_grant');
  });

  it('that its client gives back is dead, with its family', async () => {
    const tokens = await client.signIn(person);
    const other = await PlainClient.registered(base);
    expect((await other.post('revoke', { token: tokens.refresh_token })).status).toBe(200);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(200);
    expect((await client.post('revoke', { token: tokens.refresh_token })).status).toBe(200);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    expect((await client.post('revoke', { token: 'unknown' })).status).toBe(200);
  });

  it('that is unknown is looked up by its hash as a known one is, and refused in the same words', async () => {
    const tokens = await client.signIn(person);
    const known = tokens.access_token;
    const near = known.slice(0, -1) + (known.endsWith('A') ? 'B' : 'A');
    const far = `eat_${'x'.repeat(43)}`;
    const texts = await Promise.all([near, far].map(async (token) => (await client.call(token, 'greet')).text()));
    expect(new Set(texts).size).toBe(1);
    const hashes: string[] = [];
    const { createTokenAuthenticator } = await import('../../src/auth/oauth/authenticate-token.js');
    const { tokenMaker } = await import('../../src/auth/oauth/tokens.js');
    const find = (params: { readonly hash: string }) => {
      hashes.push(params.hash);
      return stack.store.oauth.findToken(params);
    };
    const store = { oauth: { findToken: find }, grants: stack.store.grants };
    const authenticate = createTokenAuthenticator({ store, clock, tokens: tokenMaker }, () =>
      Promise.reject(new Error()),
    );
    await authenticate(`Bearer ${known}`, '/mcp');
    for (const token of [near, far]) await expect(authenticate(`Bearer ${token}`, '/mcp')).rejects.toThrow('not valid');
    expect(hashes).toHaveLength(3);
    // What is compared is the hash, which tells nothing of how much of a guess was right.
    expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    expect(hashes[1]?.slice(0, 8)).not.toBe(hashes[0]?.slice(0, 8));
  });

  it('is kept nowhere, and neither is a code or a key that was typed in', async () => {
    const key = await stack.newKey(organization);
    const code = await client.code(new Person(key.key));
    const tokens = (await (await client.exchange(code)).json()) as { access_token: string; refresh_token: string };
    const kept = JSON.stringify([
      await stack.store.grants.list({
        organizationId: (await stack.store.organizations.find({ slug: organization }))?.id ?? '',
        at: clock.now(),
      }),
      await stack.store.oauth.findToken({ hash: await sha256(tokens.access_token) }),
      await stack.store.oauth.useCode({ hash: await sha256(code), at: clock.now() }),
    ]);
    for (const secret of [code, tokens.access_token, tokens.refresh_token, key.key]) expect(kept).not.toContain(secret);
    expect(kept).toContain(await sha256(code));
  });
});

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}

describe('a flood', () => {
  const register = (address: string) =>
    client.register({ client_name: 'x', redirect_uris: [CALLBACK] }, { 'x-forwarded-for': address });

  it('of registrations is stopped for its address alone, a whole network of IPv6', async () => {
    const statuses = async (addressOf: (index: number) => string) =>
      (await Promise.all(Array.from({ length: 30 }, (_, index) => register(addressOf(index))))).map(
        ({ status }) => status,
      );
    expect(new Set(await statuses(() => '198.51.100.7'))).toEqual(new Set([201, 429]));
    expect(new Set(await statuses((index) => `2001:db8:0:1::${index}`))).toEqual(new Set([201, 429]));
    expect((await register('198.51.100.8')).status).toBe(201);
    expect((await register('2001:db8:0:2::1')).status).toBe(201);
    // Only the last proxy is trusted: what stands before its word was written by who asks.
    expect((await register('203.0.113.9, 198.51.100.7')).status).toBe(429);
    const refused = await register('198.51.100.7');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('of registrations leaves nothing behind that nobody signs in with', async () => {
    const used = await PlainClient.registered(base);
    await used.signIn(person);
    const unused = await PlainClient.registered(base);
    clock.jumpTo(clock.now() + 24 * HOUR);
    expect((await person.open(unused.authorizationUrl())).status).toBe(400);
    expect((await person.open(used.authorizationUrl())).status).toBe(200);
    while (await stack.store.oauth.purge({ before: clock.now(), limit: 100 }));
    expect(await stack.store.oauth.getClient({ id: unused.id })).toBeNull();
    expect(await stack.store.oauth.getClient({ id: used.id })).not.toBeNull();
  });

  it('of attempts to sign in is stopped', async () => {
    const guesser = new Person('sk_live_wrong');
    const page = await guesser.open(client.authorizationUrl());
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 35; attempt++) statuses.push((await guesser.signIn(page)).status);
    expect([...new Set(statuses)]).toEqual([403, 429]);
  });

  it('of metadata is bounded', async () => {
    const many = Array.from({ length: 21 }, (_, index) => `https://client.example/${index}`);
    expect(await errorOf(client.register({ redirect_uris: many }))).toBe('invalid_redirect_uri');
    expect(await errorOf(client.register({ redirect_uris: [`https://client.example/${'x'.repeat(2_000)}`] }))).toBe(
      'invalid_redirect_uri',
    );
    const large = client.register({ redirect_uris: [CALLBACK], client_name: 'x'.repeat(100_000) });
    expect((await large).status).toBe(413);
  });
});

describe('the consent page', () => {
  it('cannot be framed, runs no script, loads nothing, and sends its forms nowhere else', async () => {
    const { headers, html } = await person.open(client.authorizationUrl());
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https://client.example;");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(html).not.toMatch(/<script|\son\w+=/i);
  });

  it('takes no form of another page, nor one of another browser', async () => {
    const page = await person.open(client.authorizationUrl());
    const forged = { origin: 'https://evil.example' };
    expect((await person.press(page, 'deny', {}, { ...forged, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await person.press(page, 'deny', {}, { origin: 'null' })).status).toBe(403);
    expect((await person.press(page, 'deny', {}, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    const other = new Person('');
    await other.open(client.authorizationUrl());
    expect((await other.press(page, 'deny')).status).toBe(403);
    expect((await new Person('').press(page, 'deny')).status).toBe(403);
    expect((await person.press(page, 'deny')).status).toBe(303);
  });

  it('takes a cookie under its own name alone', async () => {
    const page = await person.open(client.authorizationUrl());
    const cookie = page.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^errand-sign-in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const value = /=([\w-]{43});/.exec(cookie)?.[1] ?? '';
    const forged = { cookie: `__Host-errand-sign-in=${value}` };
    expect((await new Person('').press(page, 'deny', {}, forged)).status).toBe(403);
    expect((await new Person('').press(page, 'deny', {}, { cookie: `errand-sign-in=${value}` })).status).toBe(303);
  });

  it('takes no form that was changed, or that is old', async () => {
    const page = await person.open(client.authorizationUrl());
    const sealed = /name="request" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const [text = '', mark = ''] = sealed.split('.');
    const consent = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...consent, redirectUri: 'https://evil.example/' })).toString(
      'base64url',
    );
    for (const request of [`${changed}.${mark}`, text, `${text}.`, `${text}.${mark.slice(0, -1)}`, '']) {
      const forged = { ...page, html: page.html.replace(sealed, request) };
      expect((await person.press(forged, 'deny')).status).toBe(403);
    }
    clock.jumpTo(clock.now() + 600_000);
    expect((await person.press(page, 'deny')).status).toBe(403);
  });

  it('allows nothing before somebody has signed in and said yes', async () => {
    const page = await person.open(client.authorizationUrl());
    expect(await person.press(page, 'allow')).toMatchObject({ status: 403, location: null });
    const asked = await person.signIn(page);
    expect(asked).toMatchObject({ status: 200, location: null });
    expect(asked.html).toContain(organization);
  });

  it('shows what a client calls itself as text, on one line, beside where it goes', async () => {
    const name = '<script>alert(1)</script>\u202e"\n'.repeat(20);
    const answer = await client.register({ client_name: name, redirect_uris: [CALLBACK] });
    client.id = ((await answer.json()) as { client_id: string }).client_id;
    const { html } = await person.open(client.authorizationUrl());
    expect(html).not.toMatch(/<script|\u202e/);
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain('client.example');
  });

  it('warns of clients on the same computer, and of no others', async () => {
    const warning = 'runs on your own computer';
    expect((await person.open(client.authorizationUrl())).html).not.toContain(warning);
    const local = await PlainClient.registered(base, 'http://localhost/callback');
    expect((await person.open(local.authorizationUrl())).html).toContain(warning);
  });
});
