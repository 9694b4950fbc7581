import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble, type Assembly } from '../../app/assembly/assemble.js';
import type { Principal, Scope } from '../../core/tenant/principal.js';
import { makeKey } from '../../testing/store-suite/fixtures.js';
import { systemPrincipal } from './bootstrap.js';

const HOUR = 3_600_000;

let assembly: Assembly;
beforeAll(async () => {
  assembly = await assemble({ data: ':memory:', monthlyCredits: 0, maxActiveRuns: 1 });
});
afterAll(() => assembly.close({ graceMs: 0 }));

let organizations = 0;

/** Keys of a fresh organization, each as who calls with it. */
async function setUp() {
  const { services, defaultOrganizationId } = assembly;
  const operator = systemPrincipal(defaultOrganizationId);
  const slug = `org-${++organizations}`;
  const { organization } = await services.createOrganization(operator, { slug, monthlyCredits: 0 });
  const organizationId = organization.id;
  const newCaller = async (scopes: readonly Scope[], expiresAt?: number): Promise<Principal & { keyId: string }> => {
    const expiry = expiresAt === undefined ? {} : { expiresAt };
    const { apiKey } = await services.createKey(operator, { name: 'k', scopes, organization: slug, ...expiry });
    return { organizationId, keyId: apiKey.id, scopes, ...expiry };
  };
  return { services, organizationId, newCaller };
}

describe('a key that expires', () => {
  it('makes keys that expire with it, or before when that is asked', async () => {
    const { services, newCaller } = await setUp();
    const expiresAt = Date.now() + HOUR;
    const maker = await newCaller(['run', 'manage'], expiresAt);
    const make = async (given: { expiresAt?: number }) =>
      (await services.createKey(maker, { name: 'k', scopes: ['run'], ...given })).apiKey.expiresAt;
    expect(await make({})).toBe(expiresAt);
    expect(await make({ expiresAt })).toBe(expiresAt);
    expect(await make({ expiresAt: expiresAt - 1 })).toBe(expiresAt - 1);
    await expect(make({ expiresAt: expiresAt + 1 })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining(new Date(expiresAt).toISOString()) as string,
    });
  });

  it('makes none when it has expired since the call was let in', async () => {
    const { services, newCaller } = await setUp();
    const maker = { ...(await newCaller(['run', 'manage'])), expiresAt: Date.now() - 1 };
    await expect(services.createKey(maker, { name: 'k', scopes: ['run'] })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

describe('a key', () => {
  it('revokes keys whose scopes it has, and no others', async () => {
    const { services, newCaller } = await setUp();
    const [manager, colleague] = [await newCaller(['run', 'manage']), await newCaller(['manage'])];
    const operator = await newCaller(['run', 'manage', 'operate']);
    await expect(services.revokeKey(manager, { keyId: operator.keyId })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('"operate"') as string,
    });
    await services.revokeKey(manager, { keyId: colleague.keyId });
    await services.revokeKey(operator, { keyId: manager.keyId });
    await services.revokeKey(operator, { keyId: operator.keyId });
    const keys = await services.listKeys(operator, {});
    expect(keys.every(({ revokedAt }) => revokedAt !== null)).toBe(true);
  });

  it('finds no key of another organization, nor what is no id', async () => {
    const { services, newCaller } = await setUp();
    const other = await (await setUp()).newCaller(['run']);
    const manager = await newCaller(['run', 'manage']);
    for (const keyId of [other.keyId, 'x', '']) {
      await expect(services.revokeKey(manager, { keyId })).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

describe('an organization', () => {
  it('has at most 1,000 keys that are valid', async () => {
    const { services, newCaller } = await setUp();
    const manager = await newCaller(['run', 'manage']);
    const make = () => services.createKey(manager, { name: 'k', scopes: ['run'] });
    const { apiKey } = await make();
    await Promise.all(Array.from({ length: 998 }, make));
    await expect(make()).rejects.toMatchObject({ code: 'conflict' });
    await services.revokeKey(manager, { keyId: apiKey.id });
    await make();
  });

  it("keeps the newest keys after their end, 500 to 1,000 of them, and the operators' for ever", async () => {
    const { services, organizationId, newCaller } = await setUp();
    const operator = await newCaller(['manage', 'operate']);
    const revoked = (scopes: readonly Scope[]) => makeKey({ organizationId, scopes, revokedAt: Date.now() });
    const old = revoked(['operate']);
    const others = Array.from({ length: 1_001 }, () => revoked(['manage']));
    await Promise.all([old, ...others].map((key) => assembly.store.keys.insert(key)));
    await newCaller(['run']);
    const kept = (await services.listKeys(operator, {})).map(({ id }) => id);
    expect(kept).toHaveLength(503);
    expect(kept).toContain(old.id);
    expect(kept).not.toContain(others[500]?.id);
    expect(kept).toContain(others[501]?.id);
  });
});
