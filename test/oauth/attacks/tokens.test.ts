import { describe, expect, it } from 'vitest';
import { Person } from '../../support/oauth/person.js';
import { PlainClient } from '../../support/oauth/plain-client.js';
import {
  base,
  client,
  clock,
  errorOf,
  HOUR,
  organization,
  person,
  stack,
  startWaiting,
  setUp,
} from './attack-under-test.js';

setUp();

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
    const { createTokenAuthenticator } = await import('../../../src/auth/oauth/authenticate-token.js');
    const { tokenMaker } = await import('../../../src/auth/oauth/tokens.js');
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
