import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_HOSTS } from '../../src/cli/oauth-doctor/known-hosts.js';
import { Person } from '../support/oauth/person.js';
import { startHostStack, type HostStack } from './host-stack.js';

let hosts: HostStack;
let person: Person;
beforeAll(async () => {
  hosts = await startHostStack();
  person = new Person((await hosts.stack.newCaller()).key);
});
afterAll(() => hosts.stack.close());

describe('a host that signs in', () => {
  it.each(KNOWN_HOSTS.map((host) => [host.name, host] as const))('goes to a finished run: %s', async (_, host) => {
    const provider = hosts.providerOf(host);
    await hosts.beginSignIn(host, provider);
    const { status, html, headers } = await person.open(provider.asked);
    expect(status).toBe(200);
    expect(html).toContain(`sent back to <span class="host">${host.host}</span>`);
    expect(html).not.toContain('does not say which address it is for');
    expect(html.includes('runs on your own computer')).toBe(host.redirectUri.startsWith('http:'));
    expect(headers.get('content-security-policy')).toContain(
      host.redirectUri.startsWith('cursor:') ? "'self' cursor:;" : `'self' ${new URL(host.redirectUri).origin};`,
    );
    const back = await person.consent(provider.asked);
    expect(back.href.startsWith(host.redirectUri)).toBe(true);
    expect(await hosts.endSignIn(host, provider, back)).toMatchObject({ text: 'Hello Ada' });
    expect(provider.tokens()?.refresh_token).toBeDefined();
  });
});
