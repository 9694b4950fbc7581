import {
  auth,
  Client,
  StreamableHTTPClientTransport as Transport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchDocument as fetchOutside } from '../../src/app/assembly/wire-oauth.js';
import { createOutbound } from '../../src/outbound/create-outbound.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { ClientProvider } from '../support/oauth/client-provider.js';
import { newPkce, Person } from '../support/oauth/person.js';
import { CALLBACK, PlainClient, type Tokens } from '../support/oauth/plain-client.js';
import { SigningKey } from '../support/oauth/signing-client.js';

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const BANK = 'https://bank.example/client.json';
const INLINE = 'https://inline.example/client.json';
const EITHER = 'https://either.example/client.json';
const LOST = 'https://lost.example/client.json';
const NARROW = 'https://narrow.example/client.json';
const INSIDE = 'https://inside.example/client.json';

const outbound = createOutbound({ hosts: 'any', allow: [], proxies: null });
const documents = new Map<string, object>();
let stack: NativeStack;
let base = '';
let person: Person;
let key: SigningKey;
let other: SigningKey;
beforeAll(async () => {
  [key, other] = [await SigningKey.make(), await SigningKey.make()];
  const publish = (id: string, fields: object): void => {
    const metadata = { client_id: id, client_name: 'Bank', redirect_uris: [CALLBACK], grant_types: ['refresh_token'] };
    documents.set(id, { ...metadata, token_endpoint_auth_method: 'private_key_jwt', ...fields });
  };
  publish(BANK, { jwks_uri: 'https://bank.example/keys.json', token_endpoint_auth_signing_alg: 'RS256' });
  publish(INLINE, { jwks: { keys: [key.jwk] } });
  const either = { token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'] };
  publish(EITHER, { ...either, jwks_uri: 'https://bank.example/keys.json' });
  publish(LOST, { ...either, jwks_uri: 'https://lost.example/keys.json' });
  publish(NARROW, { jwks: { keys: [{ ...key.jwk, alg: undefined }] }, token_endpoint_auth_signing_alg: 'PS256' });
  publish(INSIDE, { jwks_uri: 'https://127.0.0.1/keys.json' });
  documents.set('https://bank.example/keys.json', { keys: [key.jwk] });
  stack = await startNativeStack(undefined, {
    fetchDocument: async (url) => {
      const found = documents.get(url.href);
      return found === undefined ? await fetchOutside(outbound.fetch)(url) : JSON.stringify(found);
    },
  });
  base = stack.url.origin;
  person = new Person((await stack.newCaller()).key);
});
afterAll(() => Promise.all([stack.close(), outbound.close()]));

/** A client at the place where it has a code, or tokens, and shows that it is itself. */
class Signer extends PlainClient {
  constructor(id: string) {
    super(base);
    this.id = id;
  }

  async signed(changed: Record<string, unknown> = {}, by = key): Promise<Record<string, string>> {
    const assertion = await by.assert({ clientId: this.id, audience: base }, changed);
    return { client_assertion: assertion, client_assertion_type: TYPE };
  }

  /** Each code has a verifier of its own. */
  async newCode(): Promise<string> {
    this.pkce = newPkce();
    return await this.code(person);
  }

  async tokens(): Promise<Tokens> {
    return (await (await this.exchange(await this.newCode(), await this.signed())).json()) as Tokens;
  }
}

async function outcome(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error?: string };
  return `${answer.status} ${error ?? 'tokens'}`;
}

describe('a client that signs', () => {
  it.each([BANK, INLINE])('goes from nothing to a finished run, and on with refreshed tokens: %s', async (id) => {
    const provider = new ClientProvider({ clientMetadataUrl: id, redirectUrl: CALLBACK, signing: key });
    const open = async (): Promise<Client> => {
      const client = new Client({ name: 'bank', version: '1' });
      await client.connect(new Transport(stack.url, { authProvider: provider }));
      return client;
    };
    await expect(open()).rejects.toBeInstanceOf(UnauthorizedError);
    const back = await person.consent(provider.asked);
    await new Transport(stack.url, { authProvider: provider }).finishAuth(back.searchParams);
    const client = await open();
    const run = async () => (await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })).structuredContent;
    expect(await run()).toMatchObject({ text: 'Hello Ada' });
    expect(await auth(provider, { serverUrl: stack.url })).toBe('AUTHORIZED');
    expect(await run()).toMatchObject({ text: 'Hello Ada' });
    await client.close();
  });

  it('is announced, with the algorithms', async () => {
    const metadata = await (await fetch(`${base}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none', 'private_key_jwt']) as string[],
      token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['RS256', 'ES256']) as string[],
    });
    expect(metadata).not.toMatchObject({
      token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['HS256']) as string[],
    });
  });

  it('gets nothing for its code without its signature', async () => {
    const client = new Signer(BANK);
    expect(await outcome(await client.exchange(await client.newCode()))).toBe('401 invalid_client');
    expect(await outcome(await client.exchange(await client.newCode(), await client.signed()))).toBe('200 tokens');
  });

  it('keeps its refresh token from whoever has it alone, who cannot use it up either', async () => {
    const client = new Signer(BANK);
    const { refresh_token: token } = await client.tokens();
    expect(await outcome(await client.refresh(token))).toBe('401 invalid_client');
    expect(await outcome(await client.refresh(token, await client.signed({}, other)))).toBe('401 invalid_client');
    expect(await outcome(await client.refresh(token, await client.signed()))).toBe('200 tokens');
  });

  it('may leave its client_id to the assertion, and name the token endpoint in it', async () => {
    const client = new Signer(BANK);
    const fields = await client.signed({ aud: `${base}/oauth/token` });
    expect(await outcome(await client.exchange(await client.newCode(), { ...fields, client_id: null }))).toBe(
      '200 tokens',
    );
  });

  it('cannot use an assertion a second time', async () => {
    const client = new Signer(BANK);
    const fields = await client.signed();
    expect(await outcome(await client.exchange(await client.newCode(), fields))).toBe('200 tokens');
    expect(await outcome(await client.exchange(await client.newCode(), fields))).toBe('401 invalid_client');
  });

  const now = Math.floor(Date.now() / 1_000);
  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['of another subject', { sub: INLINE }],
    ['for another server', { aud: 'https://other.example' }],
    ['for a mount in place of the server', { aud: 'https://other.example/mcp' }],
    ['that has expired', { exp: now - 3_600 }],
    ['that never expires', { exp: undefined }],
    ['that lasts for days', { exp: now + 86_400 }],
    ['that is of the future', { nbf: now + 3_600 }],
    ['without an id', { jti: undefined }],
    ['with an id that is none', { jti: '' }],
  ])('is refused with an assertion %s, which leaves its code good', async (_, changed) => {
    const client = new Signer(BANK);
    const code = await client.newCode();
    expect(await outcome(await client.exchange(code, await client.signed(changed)))).toBe('401 invalid_client');
    expect(await outcome(await client.exchange(code, await client.signed()))).toBe('200 tokens');
  });

  it('is refused with a signature of another key, of its public key as a secret, or with none', async () => {
    const client = new Signer(BANK);
    const code = await client.newCode();
    const [, claims = ''] = (await key.assert({ clientId: BANK, audience: base })).split('.');
    const plain = Buffer.from('{"alg":"none"}').toString('base64url');
    const secret = Buffer.from(JSON.stringify(key.jwk));
    const shared = await new SignJWT(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object as never)
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(secret);
    const assertions = [
      await other.assert({ clientId: BANK, audience: base }),
      `${plain}.${claims}.`,
      shared,
      'no token',
      'x'.repeat(20_000),
    ];
    for (const assertion of assertions) {
      const fields = { client_assertion: assertion, client_assertion_type: TYPE };
      expect(await outcome(await client.exchange(code, fields))).toBe('401 invalid_client');
    }
    const { client_assertion: good = '' } = await client.signed();
    for (const fields of [
      { client_assertion: good },
      { client_assertion: good, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' },
      { client_assertion_type: TYPE },
      { client_assertion: good, client_assertion_type: TYPE, client_secret: 'x' },
    ]) {
      expect(await outcome(await client.exchange(code, fields))).toBe('401 invalid_client');
    }
  });

  it('cannot speak for another client that signs with the same keys', async () => {
    const [bank, inline] = [new Signer(BANK), new Signer(INLINE)];
    const code = await bank.newCode();
    const fields = await inline.signed();
    expect(await outcome(await bank.exchange(code, fields))).toBe('401 invalid_client');
    expect(await outcome(await bank.exchange(code, { ...fields, client_id: INLINE }))).toBe('400 invalid_grant');
  });

  it('is refused with an algorithm that its document does not name', async () => {
    const client = new Signer(NARROW);
    expect(await outcome(await client.exchange(await client.newCode(), await client.signed()))).toBe(
      '401 invalid_client',
    );
  });

  it('is refused when its keys are at a private address', async () => {
    const client = new Signer(INSIDE);
    expect(await outcome(await client.exchange(await client.newCode(), await client.signed()))).toBe(
      '401 invalid_client',
    );
  });
});

describe('a client that may sign', () => {
  it('may come as a public one, and signs in vain with a wrong key', async () => {
    const client = new Signer(EITHER);
    expect(await outcome(await client.exchange(await client.newCode()))).toBe('200 tokens');
    expect(await outcome(await client.exchange(await client.newCode(), await client.signed()))).toBe('200 tokens');
    const wrong = await client.signed({}, other);
    expect(await outcome(await client.exchange(await client.newCode(), wrong))).toBe('401 invalid_client');
  });

  it('goes on as a public one while its keys cannot be had', async () => {
    const client = new Signer(LOST);
    expect(await outcome(await client.exchange(await client.newCode(), await client.signed()))).toBe('200 tokens');
  });
});

describe('a document is refused, on the page,', () => {
  it.each([
    ['when it insists on a secret', { token_endpoint_auth_method: 'client_secret_basic' }, 'client_secret_basic'],
    ['when it lists secrets alone', { token_endpoint_auth_methods_supported: ['client_secret_post'] }, 'secret_post'],
    ['when it signs and shows no keys', {}, 'shows no keys'],
    ['when its keys are not at https', { jwks_uri: 'http://bank.example/keys.json' }, 'shows no keys'],
    ['when it has keys twice', { jwks: { keys: [] }, jwks_uri: 'https://bank.example/keys.json' }, 'gives both'],
  ])('%s', async (what, fields, shown) => {
    const id = `https://strict.example/${encodeURIComponent(what)}`;
    const metadata = { client_id: id, client_name: 'Strict', redirect_uris: [CALLBACK] };
    documents.set(id, { ...metadata, token_endpoint_auth_method: 'private_key_jwt', ...fields });
    const client = new Signer(id);
    const page = await person.open(client.authorizationUrl());
    expect(page.status).toBe(400);
    expect(page.html).toContain(shown);
  });
});
