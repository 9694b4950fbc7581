import { describe, expect, it } from 'vitest';
import { PlainClient } from '../../support/oauth/plain-client.js';
import { base, client, clock, errorOf, HOUR, person, setUp } from './attack-under-test.js';

setUp();

describe('a replayed refresh token', () => {
  it('is refused, and ends the whole family', async () => {
    const first = await client.signIn(person);
    const second = (await (await client.refresh(first.refresh_token)).json()) as typeof first;
    expect((await client.call(second.access_token, 'list_workflows')).status).toBe(200);
    expect(await errorOf(client.refresh(first.refresh_token))).toBe('invalid_grant');
    expect((await client.call(second.access_token, 'list_workflows')).status).toBe(401);
    expect(await errorOf(client.refresh(second.refresh_token))).toBe('invalid_grant');
  });

  it('is refused to another client, which changes nothing', async () => {
    const tokens = await client.signIn(person);
    const other = await PlainClient.registered(base);
    expect(await errorOf(other.refresh(tokens.refresh_token))).toBe('invalid_grant');
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('and an access token do not stand for each other', async () => {
    const tokens = await client.signIn(person);
    expect((await client.call(tokens.refresh_token, 'list_workflows')).status).toBe(401);
    expect(await errorOf(client.refresh(tokens.access_token))).toBe('invalid_grant');
  });

  it('ends after 90 days without use, an access token after an hour', async () => {
    const tokens = await client.signIn(person);
    expect(tokens.expires_in).toBe(3_600);
    clock.jumpTo(clock.now() + HOUR);
    expect((await client.call(tokens.access_token, 'list_workflows')).status).toBe(401);
    clock.jumpTo(clock.now() + 90 * 24 * HOUR);
    expect(await errorOf(client.refresh(tokens.refresh_token))).toBe('invalid_grant');
  });
});
