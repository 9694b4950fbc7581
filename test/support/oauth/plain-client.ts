import { newPkce, type Person } from './person.js';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
}

export const CALLBACK = 'https://client.example/callback';

/** The steps of a client, one by one, for tests that go astray in one of them. */
export class PlainClient {
  readonly #base: string;
  readonly redirectUri: string;
  id = '';
  pkce = newPkce();

  constructor(base: string, redirectUri = CALLBACK) {
    this.#base = base;
    this.redirectUri = redirectUri;
  }

  static async registered(base: string, redirectUri = CALLBACK): Promise<PlainClient> {
    const client = new PlainClient(base, redirectUri);
    const answer = await client.register({ client_name: 'Plain', redirect_uris: [redirectUri] });
    client.id = ((await answer.json()) as { client_id: string }).client_id;
    return client;
  }

  register(metadata: object, headers: Record<string, string> = {}): Promise<Response> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    return fetch(`${this.#base}/oauth/register`, { ...init, body: JSON.stringify(metadata) });
  }

  /** Null leaves a parameter out. */
  authorizationUrl(changed: Record<string, string | null> = {}): URL {
    const url = new URL(`${this.#base}/oauth/authorize`);
    const parameters = {
      response_type: 'code',
      client_id: this.id,
      redirect_uri: this.redirectUri,
      code_challenge: this.pkce.challenge,
      code_challenge_method: 'S256',
      state: 'the state',
      resource: `${this.#base}/mcp`,
      ...changed,
    };
    for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
    return url;
  }

  async code(person: Person, changed: Record<string, string | null> = {}): Promise<string> {
    return (await person.consent(this.authorizationUrl(changed))).searchParams.get('code') ?? '';
  }

  post(path: 'token' | 'revoke', fields: Record<string, string | null>): Promise<Response> {
    const given = Object.entries({ client_id: this.id, ...fields }).filter(([, value]) => value !== null);
    const body = new URLSearchParams(given);
    return fetch(`${this.#base}/oauth/${path}`, { method: 'POST', body });
  }

  exchange(code: string, changed: Record<string, string | null> = {}): Promise<Response> {
    const { verifier } = this.pkce;
    const fields = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: this.redirectUri };
    return this.post('token', { ...fields, ...changed });
  }

  refresh(token: string, changed: Record<string, string | null> = {}): Promise<Response> {
    return this.post('token', { grant_type: 'refresh_token', refresh_token: token, ...changed });
  }

  /** All of it. */
  async signIn(person: Person, changed: Record<string, string | null> = {}): Promise<Tokens> {
    return (await (await this.exchange(await this.code(person, changed))).json()) as Tokens;
  }

  /** Calls a tool of a mount with a token. */
  call(token: string, name: string, args: object = {}, path = '/mcp'): Promise<Response> {
    return fetch(this.#base + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
    });
  }
}
