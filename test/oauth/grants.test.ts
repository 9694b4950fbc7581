import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { runCommand } from '../support/server/run-command.js';
import { Person } from '../support/oauth/person.js';
import { PlainClient } from '../support/oauth/plain-client.js';

let stack: NativeStack;
let base = '';
beforeAll(async () => {
  stack = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no network')) });
  base = stack.url.origin;
});
afterAll(() => stack.close());

interface ListedGrant {
  readonly id: string;
}

async function rest(key: string, method: string, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${base}/api/v1${path}`, { method, headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

async function grantsOf(key: string): Promise<readonly ListedGrant[]> {
  const { status, body } = await rest(key, 'GET', '/grants');
  expect(status).toBe(200);
  return (body as { grants: ListedGrant[] }).grants;
}

describe('grants', () => {
  it('are listed for who manages the organization: which client, what for, when it was last used', async () => {
    const { key, organization } = await stack.newCaller();
    const manager = await stack.newKey(organization, undefined, ['manage']);
    const client = await PlainClient.registered(base);
    const { access_token: token } = await client.signIn(new Person(key));
    const listed = {
      client: { name: 'Plain', id: client.id, host: 'client.example' },
      signed_in_with: `key ${key.slice(0, 12)}`,
      scopes: ['read', 'run'],
      resources: ['/mcp'],
      last_used_at: null,
    };
    expect(await grantsOf(manager.key)).toEqual([expect.objectContaining(listed)]);
    await client.call(token, 'list_workflows');
    await expect
      .poll(() => grantsOf(manager.key))
      .toEqual([expect.objectContaining({ last_used_at: expect.any(String) as string })]);
    expect((await rest(key, 'GET', '/grants')).status).toBe(403);
    expect(await grantsOf((await managerOfAnother()).key)).toEqual([]);
  });

  it('are listed and revoked by the command line', async () => {
    const { key, organization } = await stack.newCaller();
    const manager = await stack.newKey(organization, undefined, ['manage']);
    const client = await PlainClient.registered(base);
    const tokens = await client.signIn(new Person(key));
    const errand = (...argv: string[]) =>
      runCommand(argv, { env: { ERRAND_URL: base, ERRAND_API_KEY: manager.key }, now: Date.now });
    const listed = await errand('grants');
    expect(listed.code).toBe(0);
    expect(listed.out).toMatch(/Plain +client\.example +key sk_live_/);
    const { grants } = JSON.parse((await errand('grants', 'list', '--json')).out) as { grants: ListedGrant[] };
    const id = grants[0]?.id ?? '';
    expect((await errand('grants', 'revoke', id)).out).toBe(`Revoked the grant ${id}.\n`);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    expect((await errand('grants')).err).toContain('Nobody of the organization has signed in');
    expect((await errand('grants', 'revoke', 'unknown')).code).not.toBe(0);
  });

  const managerOfAnother = async () => stack.newKey((await stack.newCaller()).organization, undefined, ['manage']);

  it('end at once when they are revoked, with the calls that wait and the streams of their client', async () => {
    const { key, organization } = await stack.newCaller();
    const manager = await stack.newKey(organization, undefined, ['manage']);
    const client = await PlainClient.registered(base);
    const tokens = await client.signIn(new Person(key));
    const started = await client.call(tokens.access_token, 'run_workflow', { workflow_id: 'release', input: {} });
    const { result } = (await started.json()) as { result: { structuredContent: { run_id: string } } };
    const waiting = client.call(tokens.access_token, 'get_run_status', {
      run_id: result.structuredContent.run_id,
      wait_seconds: 25,
    });
    const listening = await fetch(`${base}/mcp`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${tokens.access_token}` },
    });
    expect(listening.status).toBe(200);
    const [grant] = await grantsOf(manager.key);
    expect((await rest((await managerOfAnother()).key, 'DELETE', `/grants/${grant?.id}`)).status).toBe(404);
    expect((await rest(manager.key, 'DELETE', '/grants/unknown')).status).toBe(404);
    expect((await rest(manager.key, 'DELETE', `/grants/${grant?.id}`)).status).toBe(204);
    expect((await waiting).status).toBe(401);
    await listening.text();
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    expect((await client.refresh(tokens.refresh_token)).status).toBe(400);
    expect(await grantsOf(manager.key)).toEqual([]);
  });
});
