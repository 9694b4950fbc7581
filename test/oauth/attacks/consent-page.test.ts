import { describe, expect, it } from 'vitest';
import { Person } from '../../support/oauth/person.js';
import { CALLBACK, PlainClient } from '../../support/oauth/plain-client.js';
import { base, client, clock, organization, person, setUp } from './attack-under-test.js';

setUp();

describe('the consent page', () => {
  it('cannot be framed, runs no script, loads nothing, and sends its forms nowhere else', async () => {
    const { headers, html } = await person.open(client.authorizationUrl());
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https://client.example;");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(html).not.toMatch(/<script|\son\w+=/i);
  });

  it('takes no form of another page, nor one of another browser', async () => {
    const page = await person.open(client.authorizationUrl());
    const forged = { origin: 'https://evil.example' };
    expect((await person.press(page, 'deny', {}, { ...forged, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await person.press(page, 'deny', {}, { origin: 'null' })).status).toBe(403);
    expect((await person.press(page, 'deny', {}, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    const other = new Person('');
    await other.open(client.authorizationUrl());
    expect((await other.press(page, 'deny')).status).toBe(403);
    expect((await new Person('').press(page, 'deny')).status).toBe(403);
    expect((await person.press(page, 'deny')).status).toBe(303);
  });

  it('takes a cookie under its own name alone', async () => {
    const page = await person.open(client.authorizationUrl());
    const cookie = page.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^errand-sign-in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const value = /=([\w-]{43});/.exec(cookie)?.[1] ?? '';
    const forged = { cookie: `__Host-errand-sign-in=${value}` };
    expect((await new Person('').press(page, 'deny', {}, forged)).status).toBe(403);
    expect((await new Person('').press(page, 'deny', {}, { cookie: `errand-sign-in=${value}` })).status).toBe(303);
  });

  it('takes no form that was changed, or that is old', async () => {
    const page = await person.open(client.authorizationUrl());
    const sealed = /name="request" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const [text = '', mark = ''] = sealed.split('.');
    const consent = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...consent, redirectUri: 'https://evil.example/' })).toString(
      'base64url',
    );
    for (const request of [`${changed}.${mark}`, text, `${text}.`, `${text}.${mark.slice(0, -1)}`, '']) {
      const forged = { ...page, html: page.html.replace(sealed, request) };
      expect((await person.press(forged, 'deny')).status).toBe(403);
    }
    clock.jumpTo(clock.now() + 600_000);
    expect((await person.press(page, 'deny')).status).toBe(403);
  });

  it('allows nothing before somebody has signed in and said yes', async () => {
    const page = await person.open(client.authorizationUrl());
    expect(await person.press(page, 'allow')).toMatchObject({ status: 403, location: null });
    const asked = await person.signIn(page);
    expect(asked).toMatchObject({ status: 200, location: null });
    expect(asked.html).toContain(organization);
  });

  it('shows what a client calls itself as text, on one line, beside where it goes', async () => {
    const name = '<script>alert(1)</script>\u202e"\n'.repeat(20);
    const answer = await client.register({ client_name: name, redirect_uris: [CALLBACK] });
    client.id = ((await answer.json()) as { client_id: string }).client_id;
    const { html } = await person.open(client.authorizationUrl());
    expect(html).not.toMatch(/<script|\u202e/);
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain('client.example');
  });

  it('warns of clients on the same computer, and of no others', async () => {
    const warning = 'runs on your own computer';
    expect((await person.open(client.authorizationUrl())).html).not.toContain(warning);
    const local = await PlainClient.registered(base, 'http://localhost/callback');
    expect((await person.open(local.authorizationUrl())).html).toContain(warning);
  });
});
