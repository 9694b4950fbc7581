import {
  Client,
  ClientCredentialsProvider,
  StreamableHTTPClientTransport as Transport,
} from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../src/core/tenant/principal.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';

let stack: NativeStack;
let base = '';
beforeAll(async () => {
  stack = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no network')) });
  base = stack.url.origin;
});
afterAll(() => stack.close());

async function newProgram(scopes: readonly Scope[] = ['run']) {
  const { organization } = await stack.newCaller();
  const made = await stack.newKey(organization, undefined, scopes);
  const { key } = made;
  const organizationId = (await stack.store.organizations.find({ slug: organization }))?.id ?? '';
  const hint = key.slice(0, 12);
  const id = (await stack.store.keys.list({ organizationId })).find((each) => each.hint === hint)?.id ?? '';
  return { id, key, organizationId, revoke: () => made.revoke() };
}

function ask(id: string, secret: string, fields: Record<string, string> = {}): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const body = new URLSearchParams({ grant_type: 'client_credentials', resource: `${base}/mcp`, ...fields });
  return fetch(`${base}/oauth/token`, { method: 'POST', headers: { authorization }, body });
}

async function tokenOf(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

async function statusWith(token: unknown, path = '/mcp'): Promise<number> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'list_workflows', arguments: {} },
  });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${String(token)}` };
  return (await fetch(base + path, { method: 'POST', headers, body })).status;
}

describe('a program with a key', () => {
  it('signs in by itself with the official client, and runs a workflow', async () => {
    const { id, key } = await newProgram();
    const client = new Client({ name: 'program', version: '1' });
    const authProvider = new ClientCredentialsProvider({ clientId: id, clientSecret: key, expectedIssuer: base });
    await client.connect(new Transport(stack.url, { authProvider }));
    const { structuredContent } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(structuredContent).toMatchObject({ text: 'Hello Ada' });
    await client.close();
  });

  it('gets a token without a refresh token, for what it asks for and its key has', async () => {
    const { id, key } = await newProgram(['read']);
    const token = await tokenOf(await ask(id, key, { scope: 'read run manage' }));
    expect(token).toEqual({
      access_token: expect.stringMatching(/^eat_/) as string,
      token_type: 'Bearer',
      expires_in: 3_600,
      scope: 'read',
    });
    expect(await statusWith(token['access_token'])).toBe(200);
    expect(await statusWith(token['access_token'], '/mcp/workflows')).toBe(401);
    const narrowed = await ask(id, key, { scope: 'manage' });
    expect([narrowed.status, await narrowed.json()]).toMatchObject([200, { scope: 'read' }]);
    const target = await ask(id, key, { resource: 'https://other.example/mcp' });
    expect(await target.json()).toMatchObject({ error: 'invalid_target' });
  });

  it('has one grant, however often it asks, which ends with its key', async () => {
    const { id, key, revoke, organizationId } = await newProgram();
    const first = await tokenOf(await ask(id, key));
    const second = await tokenOf(await ask(id, key));
    expect(await stack.store.grants.list({ organizationId, at: Date.now() })).toHaveLength(1);
    await revoke();
    for (const { access_token: token } of [first, second]) expect(await statusWith(token)).toBe(401);
    expect((await ask(id, key)).status).toBe(401);
  });

  it('is refused under another id, with another secret, and with a token in place of the key', async () => {
    const [own, other] = [await newProgram(), await newProgram()];
    const { access_token: token } = await tokenOf(await ask(own.id, own.key));
    for (const [id, secret] of [
      [own.id, other.key],
      [other.id, own.key],
      [own.id, ''],
      ['', own.key],
      [own.id, String(token)],
    ]) {
      const answer = await ask(id ?? '', secret ?? '');
      expect([answer.status, await answer.json()]).toMatchObject([401, { error: 'invalid_client' }]);
    }
  });
});
