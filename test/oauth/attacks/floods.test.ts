import { describe, expect, it } from 'vitest';
import { Person } from '../../support/oauth/person.js';
import { CALLBACK, PlainClient } from '../../support/oauth/plain-client.js';
import { base, client, clock, errorOf, HOUR, person, stack, setUp } from './attack-under-test.js';

setUp();

describe('a flood', () => {
  const register = (address: string) =>
    client.register({ client_name: 'x', redirect_uris: [CALLBACK] }, { 'x-forwarded-for': address });

  it('of registrations is stopped for its address alone, a whole network of IPv6', async () => {
    const statuses = async (addressOf: (index: number) => string) =>
      (await Promise.all(Array.from({ length: 30 }, (_, index) => register(addressOf(index))))).map(
        ({ status }) => status,
      );
    expect(new Set(await statuses(() => '198.51.100.7'))).toEqual(new Set([201, 429]));
    expect(new Set(await statuses((index) => `2001:db8:0:1::${index}`))).toEqual(new Set([201, 429]));
    expect((await register('198.51.100.8')).status).toBe(201);
    expect((await register('2001:db8:0:2::1')).status).toBe(201);
    // Only the last proxy is trusted: what stands before its word was written by who asks.
    expect((await register('203.0.113.9, 198.51.100.7')).status).toBe(429);
    const refused = await register('198.51.100.7');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('of registrations leaves nothing behind that nobody signs in with', async () => {
    const used = await PlainClient.registered(base);
    await used.signIn(person);
    const unused = await PlainClient.registered(base);
    clock.jumpTo(clock.now() + 24 * HOUR);
    expect((await person.open(unused.authorizationUrl())).status).toBe(400);
    expect((await person.open(used.authorizationUrl())).status).toBe(200);
    while (await stack.store.oauth.purge({ before: clock.now(), limit: 100 }));
    expect(await stack.store.oauth.getClient({ id: unused.id })).toBeNull();
    expect(await stack.store.oauth.getClient({ id: used.id })).not.toBeNull();
  });

  it('of registrations from everywhere ends at as many as are kept, and passes with those that nobody used', async () => {
    const createdAt = clock.now();
    const registered = { name: 'x', redirectUris: [CALLBACK], createdAt, expiresAt: createdAt + HOUR };
    await stack.store.transaction(async (tx) => {
      for (let index = 0; index < 10_000; index++) await tx.oauth.insertClient({ ...registered, id: `flood-${index}` });
    });
    const refused = await register('203.0.113.1');
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
    clock.jumpTo(clock.now() + 2 * HOUR);
    while (await stack.store.oauth.purge({ before: clock.now(), limit: 1_000 }));
    expect((await register('203.0.113.1')).status).toBe(201);
  });

  it('of attempts to sign in is stopped', async () => {
    const guesser = new Person('sk_live_wrong');
    const page = await guesser.open(client.authorizationUrl());
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 35; attempt++) statuses.push((await guesser.signIn(page)).status);
    expect([...new Set(statuses)]).toEqual([403, 429]);
  });

  it('of metadata is bounded', async () => {
    const many = Array.from({ length: 21 }, (_, index) => `https://client.example/${index}`);
    expect(await errorOf(client.register({ redirect_uris: many }))).toBe('invalid_redirect_uri');
    expect(await errorOf(client.register({ redirect_uris: [`https://client.example/${'x'.repeat(2_000)}`] }))).toBe(
      'invalid_redirect_uri',
    );
    const large = client.register({ redirect_uris: [CALLBACK], client_name: 'x'.repeat(100_000) });
    expect((await large).status).toBe(413);
  });
});
