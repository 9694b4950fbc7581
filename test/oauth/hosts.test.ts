import { Client, StreamableHTTPClientTransport as Transport, UnauthorizedError } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { ClientProvider } from '../support/oauth/client-provider.js';
import { KNOWN_HOSTS, type KnownHost } from '../../src/cli/oauth-doctor/known-hosts.js';
import { Person } from '../support/oauth/person.js';
import { SigningKey } from '../support/oauth/signing-client.js';

let stack: NativeStack;
let person: Person;
let key: SigningKey;
beforeAll(async () => {
  key = await SigningKey.make();
  const documents = KNOWN_HOSTS.flatMap(({ document }) => (document === undefined ? [] : [document]));
  stack = await startNativeStack(undefined, {
    fetchDocument: async ({ href }) => {
      if (href === 'https://chatgpt.com/oauth/jwks.json') return JSON.stringify({ keys: [key.jwk] });
      const document = documents.find(({ client_id }) => client_id === href);
      return document === undefined ? Promise.reject(new Error('404')) : JSON.stringify(document);
    },
  });
  person = new Person((await stack.newCaller()).key);
});
afterAll(() => stack.close());

function providerOf({ document, registration, redirectUri }: KnownHost): ClientProvider {
  return new ClientProvider({
    redirectUrl: redirectUri,
    ...(document === undefined ? {} : { clientMetadataUrl: document.client_id }),
    // As ChatGPT does wherever a server takes it.
    ...(document?.['token_endpoint_auth_method'] === 'private_key_jwt' ? { signing: key } : {}),
    ...(registration === undefined ? {} : { metadata: registration }),
  });
}

describe('a host that signs in', () => {
  it.each(KNOWN_HOSTS.map((host) => [host.name, host] as const))('goes to a finished run: %s', async (_, host) => {
    const provider = providerOf(host);
    const open = async (): Promise<Client> => {
      const client = new Client({ name: host.name, version: '1' });
      await client.connect(new Transport(stack.url, { authProvider: provider }));
      return client;
    };
    await expect(open()).rejects.toBeInstanceOf(UnauthorizedError);
    const { status, html, headers } = await person.open(provider.asked);
    expect(status).toBe(200);
    expect(html).toContain(`sent back to <span class="host">${host.host}</span>`);
    expect(html).not.toContain('does not say which address it is for');
    expect(html.includes('runs on your own computer')).toBe(host.redirectUri.startsWith('http:'));
    expect(headers.get('content-security-policy')).toContain(
      host.redirectUri.startsWith('cursor:') ? "'self' cursor:;" : `'self' ${new URL(host.redirectUri).origin};`,
    );
    const back = await person.consent(provider.asked);
    expect(back.href.startsWith(host.redirectUri)).toBe(true);
    await new Transport(stack.url, { authProvider: provider }).finishAuth(back.searchParams);
    const client = await open();
    const { structuredContent } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(structuredContent).toMatchObject({ text: 'Hello Ada' });
    expect(provider.tokens()?.refresh_token).toBeDefined();
    await client.close();
  });
});
