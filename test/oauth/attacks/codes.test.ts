import { describe, expect, it } from 'vitest';
import { newPkce } from '../../support/oauth/person.js';
import { PlainClient } from '../../support/oauth/plain-client.js';
import { base, client, clock, errorOf, person, startWaiting, setUp } from './attack-under-test.js';

setUp();

describe('an intercepted code', () => {
  it('is of no use without the verifier, and is used up by the attempt', async () => {
    const code = await client.code(person);
    for (const code_verifier of [newPkce().verifier, client.pkce.challenge, 'x', 'x'.repeat(200)]) {
      expect(await errorOf(client.exchange(await client.code(person), { code_verifier }))).toBe('invalid_grant');
    }
    expect(await errorOf(client.exchange(code, { code_verifier: newPkce().verifier }))).toBe('invalid_grant');
    expect(await errorOf(client.exchange(code))).toBe('invalid_grant');
  });

  it('is of no use to another client, nor for another redirect URI', async () => {
    const other = await PlainClient.registered(base);
    other.pkce = client.pkce;
    expect(await errorOf(other.exchange(await client.code(person)))).toBe('invalid_grant');
    const redirect_uri = 'https://client.example/other';
    expect(await errorOf(client.exchange(await client.code(person), { redirect_uri }))).toBe('invalid_grant');
  });

  it('is of no use a minute later', async () => {
    const code = await client.code(person);
    clock.jumpTo(clock.now() + 60_000);
    expect(await errorOf(client.exchange(code))).toBe('invalid_grant');
  });

  it('cannot be had without PKCE, or with the plain method', async () => {
    for (const changed of [
      { code_challenge: null },
      { code_challenge: 'short' },
      { code_challenge_method: 'plain' },
      { code_challenge_method: null },
    ]) {
      const { location } = await person.open(client.authorizationUrl(changed));
      expect(location?.searchParams.get('error')).toBe('invalid_request');
    }
    expect(await errorOf(client.exchange(await client.code(person), { code_verifier: null }))).toBe('invalid_request');
  });
});

describe('a replayed code', () => {
  it('is refused, and ends what came of its first use, calls that wait included', async () => {
    const code = await client.code(person);
    const tokens = (await (await client.exchange(code)).json()) as { access_token: string; refresh_token: string };
    const { run } = await startWaiting(tokens.access_token);
    const waiting = client.call(tokens.access_token, 'get_run_status', { run_id: run, wait_seconds: 25 });
    expect(await errorOf(client.exchange(code))).toBe('invalid_grant');
    expect((await waiting).status).toBe(401);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    expect(await errorOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  });

  it('is refused to all but one of many at once', async () => {
    const code = await client.code(person);
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.exchange(code)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });
});
