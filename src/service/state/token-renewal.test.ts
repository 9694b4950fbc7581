import { describe, expect, it } from 'vitest';
import type { OutboundInit } from '../../core/ports/outbound.js';
import type { OAuthSecret } from '../../core/secrets/oauth-secret.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { TokenRenewal } from './token-renewal.js';

const CLIENT: OAuthSecret = {
  token_url: 'https://id.example.com/token',
  client_id: 'me & co',
  client_secret: 'hush hush',
};

/** A token endpoint that gives what it is told to, or token after token. */
class Endpoint {
  readonly clock = new ManualClock();
  readonly asked: { form: URLSearchParams; authorization: string | null; redirect: unknown }[] = [];
  readonly rotated: string[] = [];
  answers: (() => Response | Promise<Response>)[] = [];
  /** So often a refresh token cannot be kept. */
  failures = 0;
  readonly renewal = new TokenRenewal({
    clock: this.clock,
    fetch: async (_, init: OutboundInit = {}) => {
      const authorization = new Headers(init.headers).get('authorization');
      this.asked.push({ form: new URLSearchParams(init.body as string), authorization, redirect: init.redirect });
      const answer = this.answers.shift();
      return answer === undefined
        ? Response.json({ access_token: `token no ${this.asked.length}`, expires_in: 600 })
        : answer();
    },
  });

  token(credentials: OAuthSecret = CLIENT, of = '1'): Promise<string> {
    const rotate = async (token: string): Promise<void> => {
      this.failures -= 1;
      if (this.failures >= 0) throw new Error('nothing can be written');
      this.rotated.push(token);
    };
    return this.renewal.token({ place: 'secrets/o/crm', of, name: 'crm', credentials, rotate });
  }
}

describe('a token', () => {
  it('is kept until a minute before it expires', async () => {
    const endpoint = new Endpoint();
    expect(await endpoint.token()).toBe('token no 1');
    await endpoint.clock.advance(539_000);
    expect(await endpoint.token()).toBe('token no 1');
    await endpoint.clock.advance(1_000);
    expect(await endpoint.token()).toBe('token no 2');
    expect(endpoint.asked).toHaveLength(2);
  });

  it('is renewed when a tenth of a short life is left, and after five minutes where nobody says how long it is', async () => {
    const endpoint = new Endpoint();
    endpoint.answers = [
      () => Response.json({ access_token: 'short one', expires_in: 10 }),
      () => Response.json({ access_token: 'vague one' }),
    ];
    expect(await endpoint.token()).toBe('short one');
    await endpoint.clock.advance(9_000);
    expect(await endpoint.token()).toBe('vague one');
    await endpoint.clock.advance(269_000);
    expect(await endpoint.token()).toBe('vague one');
    await endpoint.clock.advance(2_000);
    expect(await endpoint.token()).toBe('token no 3');
  });

  it('is asked for once by all who want it at the same time, and anew for other credentials', async () => {
    const endpoint = new Endpoint();
    expect(await Promise.all([endpoint.token(), endpoint.token(), endpoint.token()])).toEqual(
      Array(3).fill('token no 1'),
    );
    expect(await endpoint.token(CLIENT, '2')).toBe('token no 2');
  });

  it('is asked for as a client that proves itself in the header, or in the body, and follows no redirect', async () => {
    const endpoint = new Endpoint();
    await endpoint.token({ ...CLIENT, scope: 'read write', audience: 'crm' });
    await endpoint.token({ ...CLIENT, authentication: 'body' }, '2');
    const [header, body] = endpoint.asked;
    const basic = Buffer.from('me%20%26%20co:hush%20hush').toString('base64');
    expect(header).toMatchObject({ authorization: `Basic ${basic}`, redirect: 'error' });
    expect(Object.fromEntries(header?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
      audience: 'crm',
    });
    expect(body?.authorization).toBeNull();
    expect(Object.fromEntries(body?.form ?? [])).toMatchObject({ client_id: 'me & co', client_secret: 'hush hush' });
  });

  it('comes of a refresh token, whose successor is kept', async () => {
    const endpoint = new Endpoint();
    endpoint.answers = [() => Response.json({ access_token: 'from refresh', refresh_token: 'the next one' })];
    expect(await endpoint.token({ ...CLIENT, refresh_token: 'the first one' })).toBe('from refresh');
    expect(Object.fromEntries(endpoint.asked[0]?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'the first one',
    });
    expect(endpoint.rotated).toEqual(['the next one']);
  });

  it('is not asked for again where the refresh token that came with it could not be kept at first', async () => {
    const endpoint = new Endpoint();
    const given = (life: number) => () =>
      Response.json({ access_token: 'from refresh', refresh_token: `next for ${life}`, expires_in: life });
    endpoint.answers = [given(600), given(700)];
    const credentials = { ...CLIENT, refresh_token: 'the first one' };
    endpoint.failures = 2;
    for (let n = 0; n < 2; n += 1) await expect(endpoint.token(credentials)).rejects.toThrow('nothing can be written');
    expect(await endpoint.token(credentials)).toBe('from refresh');
    expect(endpoint.rotated).toEqual(['next for 600']);
    expect(endpoint.asked).toHaveLength(1);
    // Kept too late to be used.
    const another = { ...credentials, refresh_token: 'another one' };
    endpoint.failures = 1;
    await expect(endpoint.token(another, '2')).rejects.toThrow('nothing can be written');
    await endpoint.clock.advance(700_000);
    const late: unknown = await endpoint.token(another, '2').catch((error: unknown) => error);
    expect(late).toMatchObject({ kind: 'secret_unavailable', retryable: true });
    expect(endpoint.rotated).toEqual(['next for 600', 'next for 700']);
    expect(await endpoint.token({ ...another, refresh_token: 'next for 700' }, '2')).toBe('token no 3');
  });

  it('says that the secret is to be set anew once its refresh token is good for nothing', async () => {
    const endpoint = new Endpoint();
    const refused = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
    endpoint.answers = [refused, refused];
    await expect(endpoint.token({ ...CLIENT, refresh_token: 'the first one' })).rejects.toThrow(
      'errand secrets set crm --kind oauth2_refresh_token',
    );
    await expect(endpoint.token()).rejects.not.toThrow('errand secrets set');
  });

  it.each<[string, () => Response | Promise<Response>, boolean]>([
    ['503', () => new Response('busy', { status: 503 }), true],
    ['429', () => new Response('', { status: 429 }), true],
    ['invalid_grant', () => Response.json({ error: 'invalid_grant' }, { status: 400 }), false],
    ['answered 200', () => new Response('<html>'), true],
    ['no access token', () => Response.json({ access_token: 'short' }), false],
    ['could not be asked: down', () => Promise.reject(new Error('down')), true],
    ['forbidden', () => Promise.reject(Object.assign(new Error('forbidden'), { retryable: false })), false],
  ])('cannot be had: %s', async (says, answer, retryable) => {
    const endpoint = new Endpoint();
    endpoint.answers = [answer];
    const failed: unknown = await endpoint.token().catch((error: unknown) => error);
    expect(failed).toMatchObject({ kind: 'secret_unavailable', retryable });
    expect(String(failed)).toContain(says);
    expect(String(failed)).not.toContain('hush');
    expect(await endpoint.token()).toBe('token no 2');
  });
});
