import { describe, expect, it } from 'vitest';
import { CALLBACK, PlainClient } from '../../support/oauth/plain-client.js';
import { base, client, errorOf, person, setUp } from './attack-under-test.js';

setUp();

describe('a mix-up of servers', () => {
  it('shows, as every answer names who gives it', async () => {
    const allowed = await person.consent(client.authorizationUrl());
    expect(allowed.searchParams.get('iss')).toBe(base);
    expect(allowed.searchParams.get('state')).toBe('the state');
    const denied = await person.press(await person.open(client.authorizationUrl()), 'deny');
    expect(Object.fromEntries(denied.location?.searchParams ?? [])).toMatchObject({
      error: 'access_denied',
      state: 'the state',
      iss: base,
    });
    const wrong = await person.open(client.authorizationUrl({ response_type: 'token' }));
    expect(wrong.location?.searchParams.get('iss')).toBe(base);
    const metadata = await fetch(`${base}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({
      issuer: base,
      authorization_response_iss_parameter_supported: true,
    });
  });
});

describe('a redirect URI', () => {
  it.each([
    'https://evil.example/callback',
    'https://client.example/callback/',
    'https://client.example/callback?x=1',
    'https://client.example/callback/../evil',
    'https://client.example/Callback',
    'https://client.example:444/callback',
    'https://client.example@evil.example/callback',
    'https://client.example.evil.example/callback',
    'http://client.example/callback',
    'HTTPS://client.example/callback',
    'https://client.example/callback#x',
    'javascript:alert(1)',
    '//client.example/callback',
    '',
  ])('that was not registered is not gone to: %j', async (redirect_uri) => {
    const page = await person.open(client.authorizationUrl({ redirect_uri }));
    // An empty parameter counts as absent, and the client has registered one alone.
    expect([page.status, page.location]).toEqual([redirect_uri === '' ? 200 : 400, null]);
  });

  it('of a program on this computer may have any port, and nothing else that differs', async () => {
    const local = await PlainClient.registered(base, 'http://127.0.0.1/callback');
    const statusOf = async (redirect_uri: string) =>
      (await person.open(local.authorizationUrl({ redirect_uri }))).status;
    expect(await statusOf('http://127.0.0.1:51111/callback')).toBe(200);
    for (const wrong of [
      'http://localhost:51111/callback',
      'http://127.0.0.2:51111/callback',
      'http://127.0.0.1:51111/other',
      'http://127.0.0.1:51111/callback?x=1',
      'http://127.0.0.1:51111@evil.example/callback',
      'http://127.0.0.1.evil.example/callback',
      'https://127.0.0.1:51111/callback',
    ]) {
      expect([wrong, await statusOf(wrong)]).toEqual([wrong, 400]);
    }
  });

  it.each([
    'http://client.example/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://client.example/x',
    'https://client.example/#fragment',
    'https://user:password@client.example/',
    'https://*.example/callback',
    'https://client.example/\\evil',
    '/callback',
    'https://client.example/\ncallback',
    7,
  ])('that nobody should be sent to is not registered: %j', async (uri) => {
    const answer = client.register({ client_name: 'x', redirect_uris: [CALLBACK, uri] });
    expect(await errorOf(answer)).toBe('invalid_redirect_uri');
  });

  it('that stands there twice is not chosen from', async () => {
    const url = client.authorizationUrl();
    url.searchParams.append('redirect_uri', 'https://evil.example/');
    expect(await person.open(url)).toMatchObject({ status: 400, location: null });
  });
});
