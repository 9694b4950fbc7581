import {
  auth as auth2,
  Client as Client2,
  StreamableHTTPClientTransport as Transport2,
  UnauthorizedError as Unauthorized2,
} from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { openHandshakeSession, openStatelessSession } from '../support/http/task-sessions.js';
import { Person } from '../support/oauth/person.js';
import { ClientProvider } from '../support/oauth/client-provider.js';

const INFO = { name: 'test', version: '1' };
const DOCUMENT = 'https://client.example/oauth/client.json';

let stack: NativeStack;
let origin = '';
let person: Person;
beforeAll(async () => {
  stack = await startNativeStack(undefined, {
    fetchDocument: async (url) =>
      JSON.stringify({ client_id: url.href, client_name: 'A document', redirect_uris: ['http://127.0.0.1/callback'] }),
    clients: [{ id: 'named', redirectUris: ['http://127.0.0.1/callback'] }],
  });
  origin = stack.url.origin;
  person = new Person((await stack.newCaller()).key);
});
afterAll(() => stack.close());

const MOUNTS = ['/mcp', '/mcp/', '/mcp/workflows', '/mcp/workflows/', '/api/mcp-app'];
const WAYS = [
  ['by registration', () => new ClientProvider()],
  ['by the document at its id', () => new ClientProvider({ clientMetadataUrl: DOCUMENT })],
  ['by the name that the server has for it', () => new ClientProvider({ clientId: 'named' })],
] as const;

/** Connects, is sent to sign in, has a person do it, and connects again. */
async function connect2(url: URL, provider: ClientProvider): Promise<Client2> {
  const open = async (): Promise<Client2> => {
    const client = new Client2(INFO, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new Transport2(url, { authProvider: provider }));
    await client.callTool({ name: 'list_workflows', arguments: {} });
    return client;
  };
  await expect(open()).rejects.toBeInstanceOf(Unauthorized2);
  const back = await person.consent(provider.asked);
  await new Transport2(url, { authProvider: provider }).finishAuth(back.searchParams);
  return await open();
}

describe.each(WAYS)('an official client that is known %s', (_, newProvider) => {
  it.each(MOUNTS)('2.x goes from nothing to a call at %s', async (path) => {
    const client = await connect2(new URL(origin + path), newProvider());
    const { content, isError } = await client.callTool({ name: 'list_workflows', arguments: {} });
    expect([isError ?? false, content]).toEqual([false, [expect.objectContaining({ type: 'text' })]]);
    await client.close();
  });

  it('1.x goes from nothing to a finished run', async () => {
    const provider = newProvider();
    const open = async (): Promise<Client1> => {
      const client = new Client1(INFO);
      await client.connect(new Transport1(stack.url, { authProvider: provider }));
      return client;
    };
    await expect(open()).rejects.toThrow('Unauthorized');
    const back = await person.consent(provider.asked);
    await new Transport1(stack.url, { authProvider: provider }).finishAuth(back.searchParams.get('code') ?? '');
    const client = await open();
    const { structuredContent } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(structuredContent).toMatchObject({ text: 'Hello Ada' });
    await client.close();
  });

  it('2.x goes from nothing to a finished run, and on with a refreshed token', async () => {
    const provider = newProvider();
    const client = await connect2(stack.url, provider);
    const run = () => client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect((await run()).structuredContent).toMatchObject({ text: 'Hello Ada' });
    const before = provider.tokens();
    expect(await auth2(provider, { serverUrl: stack.url })).toBe('AUTHORIZED');
    expect(provider.tokens()?.access_token).not.toBe(before?.access_token);
    expect((await run()).structuredContent).toMatchObject({ text: 'Hello Ada' });
    await client.close();
  });

  it.each([
    ['2026-07-28', openStatelessSession],
    ['2025-11-25', openHandshakeSession],
  ])('and drives tasks goes from nothing to one that has ended, in %s', async (_era, openSession) => {
    const provider = newProvider();
    const signedIn = await connect2(stack.url, provider);
    const headers = { authorization: `Bearer ${provider.tokens()?.access_token}` };
    const { session, close } = await openSession({ url: stack.url, headers });
    const execution = await session.callTool('greet', { name: 'Ada' }, { task: { preference: 'prefer' } });
    expect(execution.kind).toBe('task');
    const { outcome } = await execution.settle();
    expect(outcome).toMatchObject({ status: 'completed', result: { structuredContent: { text: 'Hello Ada' } } });
    await session.close();
    await Promise.all([close(), signedIn.close()]);
  });
});
