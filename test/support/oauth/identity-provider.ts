import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

interface Asked {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

type Claims = Readonly<Record<string, unknown>>;

/** An OpenID Connect provider in which everybody is signed in already, as whom `person` says. */
export class IdentityProvider {
  readonly issuer: string;
  readonly clientId = 'errand';
  readonly clientSecret = 'the secret';
  person: Claims = {};
  /** What id tokens say beside or in place of what they should. */
  forged: Claims = {};
  readonly #server: Server;
  readonly #key: CryptoKey;
  readonly #published: JWK;
  readonly #asked = new Map<string, Asked>();

  private constructor(server: Server, key: CryptoKey, published: JWK) {
    this.#server = server;
    this.#key = key;
    this.#published = published;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<IdentityProvider> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProvider(server, privateKey, { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Signs claims as the provider does; those that are not given are as they should be. */
  async sign(claims: Claims, type = 'JWT'): Promise<string> {
    const token = new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'one', typ: type });
    if (claims['iat'] === undefined) token.setIssuedAt();
    if (claims['iss'] === undefined) token.setIssuer(this.issuer);
    if (claims['aud'] === undefined) token.setAudience(this.clientId);
    if (claims['exp'] === undefined) token.setExpirationTime('5 min');
    return await token.sign(this.#key);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.issuer);
    if (url.pathname === '/authorize') return this.#authorize(url, response);
    const value = await this.#valueAt(url.pathname, request);
    const status = value === null ? 400 : 200;
    const body = JSON.stringify(value ?? { error: 'invalid_grant' });
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }

  async #valueAt(path: string, request: IncomingMessage): Promise<object | null> {
    if (path === '/.well-known/openid-configuration') return this.#metadata();
    if (path === '/keys') return { keys: [this.#published] };
    return path === '/token' ? await this.#exchange(request) : null;
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  #authorize({ searchParams }: URL, response: ServerResponse): void {
    const code = randomUUID();
    const get = (name: string): string => searchParams.get(name) ?? '';
    const redirectUri = get('redirect_uri');
    this.#asked.set(code, { nonce: get('nonce'), challenge: get('code_challenge'), redirectUri });
    const query = new URLSearchParams({ code, state: get('state'), iss: this.issuer });
    response.writeHead(302, { location: `${redirectUri}?${query}` }).end();
  }

  async #exchange(request: IncomingMessage): Promise<object | null> {
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    const code = form.get('code') ?? '';
    const found = this.#asked.get(code);
    this.#asked.delete(code);
    const made = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isClient = form.get('client_secret') === this.clientSecret;
    if (found === undefined || found.challenge !== made || !isClient) return null;
    const idToken = await this.sign({ nonce: found.nonce, ...this.person, ...this.forged });
    return { access_token: 'x', token_type: 'Bearer', id_token: idToken };
  }
}
