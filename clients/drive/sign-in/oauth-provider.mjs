// What a host keeps of a server that it signs in to, for clients that use the official SDK's OAuth.
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import assert from 'node:assert/strict';
import { server } from '../drive-tools.mjs';
import { consent } from './sign-in.mjs';

export class OAuthProvider {
  redirectUrl = 'http://127.0.0.1:53683/callback';
  #kept = {};

  constructor(name) {
    this.clientMetadata = { client_name: name, redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  }

  tokens = () => this.#kept.tokens;
  saveTokens = (tokens) => void (this.#kept.tokens = tokens);
  redirectToAuthorization = (url) => void (this.asked = url);
  saveCodeVerifier = (verifier) => void (this.#kept.verifier = verifier);
  codeVerifier = () => this.#kept.verifier;
  clientInformation = () => this.#kept.client;
  saveClientInformation = (client) => void (this.#kept.client = client);
}

/** Has the client `connect` in vain, which sends a person to sign in, and ends where it can connect. */
export async function signIn(provider, connect) {
  await connect().then(
    () => assert.fail('it connected without a token'),
    () => assert.ok(provider.asked, 'it sends a person to sign in'),
  );
  const back = await consent(provider.asked);
  const authorizationCode = back.searchParams.get('code');
  assert.equal(await auth(provider, { serverUrl: server.url, authorizationCode }), 'AUTHORIZED');
}
