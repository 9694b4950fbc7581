import { Client, StreamableHTTPClientTransport as Transport, UnauthorizedError } from '@modelcontextprotocol/client';
import { expect } from 'vitest';
import { KNOWN_HOSTS, type KnownHost } from '../../src/cli/oauth-doctor/known-hosts.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { ClientProvider } from '../support/oauth/client-provider.js';
import { SigningKey } from '../support/oauth/signing-client.js';

/** A server that can fetch the documents of all known hosts, and the hosts as far as they are programs. */
export interface HostStack {
  readonly stack: NativeStack;
  providerOf(host: KnownHost): ClientProvider;
  /** Until the host opens a browser. */
  beginSignIn(host: KnownHost, provider: ClientProvider): Promise<void>;
  /** From the way back to the output of a finished run. */
  endSignIn(host: KnownHost, provider: ClientProvider, back: URL): Promise<unknown>;
}

export async function startHostStack(): Promise<HostStack> {
  const key = await SigningKey.make();
  const documents = KNOWN_HOSTS.flatMap(({ document }) => (document === undefined ? [] : [document]));
  const stack = await startNativeStack(undefined, {
    fetchDocument: async ({ href }) => {
      if (href === 'https://chatgpt.com/oauth/jwks.json') return JSON.stringify({ keys: [key.jwk] });
      const document = documents.find(({ client_id }) => client_id === href);
      return document === undefined ? Promise.reject(new Error('404')) : JSON.stringify(document);
    },
  });
  const open = async ({ name }: KnownHost, authProvider: ClientProvider): Promise<Client> => {
    const client = new Client({ name, version: '1' });
    await client.connect(new Transport(stack.url, { authProvider }));
    return client;
  };
  return {
    stack,
    providerOf: ({ document, registration, redirectUri }) =>
      new ClientProvider({
        redirectUrl: redirectUri,
        ...(document === undefined ? {} : { clientMetadataUrl: document.client_id }),
        // As ChatGPT does wherever a server takes it.
        ...(document?.['token_endpoint_auth_method'] === 'private_key_jwt' ? { signing: key } : {}),
        ...(registration === undefined ? {} : { metadata: registration }),
      }),
    async beginSignIn(host, provider) {
      await expect(open(host, provider)).rejects.toBeInstanceOf(UnauthorizedError);
    },
    async endSignIn(host, provider, back) {
      await new Transport(stack.url, { authProvider: provider }).finishAuth(back.searchParams);
      const client = await open(host, provider);
      const { structuredContent } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
      await client.close();
      return structuredContent;
    },
  };
}
