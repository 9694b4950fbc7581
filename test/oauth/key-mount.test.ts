import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { ClientProvider } from '../support/oauth/client-provider.js';
import { Person } from '../support/oauth/person.js';

let stack: NativeStack;
let key = '';
beforeAll(async () => {
  stack = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no network')) });
  ({ key } = await stack.newCaller());
});
afterAll(() => stack.close());

const INFO = { name: 'a host with a key', version: '1' };
const WRONG = `sk_live_${'x'.repeat(32)}`;

interface Caller {
  callTool(params: { name: string; arguments: object }): Promise<object>;
  close(): Promise<void>;
}

/** A host that was given a key in its settings; most of them can sign in as well, and do where a server offers it. */
const CLIENTS: readonly (readonly [string, (key: string | null, provider?: ClientProvider) => Promise<Caller>])[] = [
  [
    '1.x',
    async (given, authProvider) => {
      const client = new Client1(INFO);
      await client.connect(new Transport1(new URL(`${stack.url.href}/key`), optionsOf(given, authProvider)));
      return client as unknown as Caller;
    },
  ],
  [
    '2.x',
    async (given, authProvider) => {
      const client = new Client2(INFO);
      await client.connect(new Transport2(new URL(`${stack.url.href}/key`), optionsOf(given, authProvider)));
      return client as unknown as Caller;
    },
  ],
];

function optionsOf(given: string | null, authProvider?: ClientProvider) {
  const requestInit = given === null ? {} : { headers: { Authorization: `Bearer ${given}` } };
  return authProvider === undefined ? { requestInit } : { requestInit, authProvider };
}

describe.each(CLIENTS)('the address for keys, for the official client %s', (_, connect) => {
  it('takes the key, and sends nobody to sign in', async () => {
    const provider = new ClientProvider();
    const client = await connect(key, provider);
    const answer = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(answer).toMatchObject({ structuredContent: { text: 'Hello Ada' } });
    expect(provider.asked).toBe('');
    await client.close();
  });

  it('says that a wrong key is not valid', async () => {
    const client = connect(WRONG).then((each) => each.callTool({ name: 'greet', arguments: { name: 'Ada' } }));
    await expect(client).rejects.toThrow(/not valid/);
  });

  it('says that a wrong key is unknown to a host that can sign in, and opens no page', async () => {
    const provider = new ClientProvider();
    const client = connect(WRONG, provider).then((each) =>
      each.callTool({ name: 'greet', arguments: { name: 'Ada' } }),
    );
    await expect(client).rejects.toThrow(
      /API key that the client sent is not valid: it is unknown, expired or revoked/,
    );
    expect(provider.asked).toBe('');
  });

  it('has the page say so to somebody whom a host without a key sends there, that found the server by its root', async () => {
    const provider = new ClientProvider();
    const client = connect(null, provider).then((each) => each.callTool({ name: 'greet', arguments: { name: 'Ada' } }));
    await expect(client).rejects.toThrow(/Unauthorized|401/);
    const page = await new Person(key).open(provider.asked);
    expect(page.html).toContain('that key is missing or not valid');
  });
});

describe('a refused key', () => {
  it('is said to be refused by the page and the token endpoint that are named for it', async () => {
    const { origin } = stack.url;
    const answer = await fetch(stack.url.href + '/key', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${WRONG}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'greet', arguments: {} } }),
    });
    const told = answer.headers.get('www-authenticate');
    expect(told).toContain(`resource_metadata="${origin}/oauth/refused-key/resource"`);
    const known = `${origin}/.well-known/oauth-authorization-server/oauth/refused-key`;
    const server = (await (await fetch(known)).json()) as Record<string, string>;
    const page = await fetch(server.authorization_endpoint ?? '');
    expect(page.status).toBe(400);
    expect(await page.text()).toContain('is unknown, expired or revoked');
    const token = await fetch(server.token_endpoint ?? '', { method: 'POST', body: '' });
    expect(await token.json()).toMatchObject({ error: 'access_denied' });
  });
});
