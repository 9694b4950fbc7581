// The MCP client of the AI SDK, with its own OAuth.
import { auth, createMCPClient } from '@ai-sdk/mcp';
import assert from 'node:assert/strict';
import { driveTools, end, server } from '../drive-tools.mjs';
import { consent } from './sign-in.mjs';

class Provider {
  redirectUrl = 'http://127.0.0.1:53682/callback';
  clientMetadata = { client_name: 'AI SDK', redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  #kept = {};
  tokens = () => this.#kept.tokens;
  saveTokens = (tokens) => void (this.#kept.tokens = tokens);
  redirectToAuthorization = (url) => void (this.asked = url);
  saveCodeVerifier = (verifier) => void (this.#kept.verifier = verifier);
  codeVerifier = () => this.#kept.verifier;
  clientInformation = () => this.#kept.client;
  saveClientInformation = (client) => void (this.#kept.client = client);
  authorizationServerInformation = () => this.#kept.server;
  saveAuthorizationServerInformation = (information) => void (this.#kept.server = information);
  state = () => 'the-state';
  saveState = (state) => void (this.#kept.state = state);
  storedState = () => this.#kept.state;
}

try {
  const authProvider = new Provider();
  const open = () => createMCPClient({ transport: { type: 'http', url: server.url, authProvider } });
  await assert.rejects(open());
  const back = (await consent(authProvider.asked)).searchParams;
  await auth(authProvider, {
    serverUrl: server.url,
    authorizationCode: back.get('code'),
    callbackState: back.get('state'),
    callbackIssuer: back.get('iss'),
  });
  const client = await open();
  const tools = await client.tools();
  await driveTools({
    names: Object.keys(tools),
    call: async (name, args) => await tools[name].execute(args, { toolCallId: 'call', messages: [] }),
  });
  await client.close();
  end();
} catch (error) {
  end(error);
}
