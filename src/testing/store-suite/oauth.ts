import { describe, expect, it } from 'vitest';
import type { Store } from '../../core/ports/store/store.js';
import type { AuthorizationCode, Grant, OAuthClient, OAuthToken } from '../../core/tenant/grant.js';
import { AT, insertOrganization, newId, rejection } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

function makeGrant(values: Partial<Grant> & Pick<Grant, 'organizationId'>): Grant {
  return {
    id: newId(),
    keyId: null,
    clientId: 'https://client.example/metadata.json',
    clientName: 'Claudé\u0000 😀',
    clientHost: 'client.example',
    clientSigns: true,
    subject: 'key sk_live_Ab3d',
    scopes: ['read', 'run'],
    resources: ['/mcp'],
    createdAt: AT,
    expiresAt: AT + 1_000,
    revokedAt: null,
    lastUsedAt: null,
    ...values,
  };
}

function makeToken(grant: Grant, values: Partial<OAuthToken> = {}): OAuthToken {
  const { id: grantId, organizationId, clientId, scopes, resources } = grant;
  const hash = `token-${newId()}`;
  const token = { hash, kind: 'access', grantId, organizationId, clientId, scopes, resources } as const;
  return { ...token, expiresAt: AT + 500, usedAt: null, ...values };
}

function makeCode(grant: Grant, values: Partial<AuthorizationCode> = {}): AuthorizationCode {
  const hash = `code-${newId()}`;
  const code = {
    hash,
    clientId: grant.clientId,
    redirectUri: 'https://client.example/callback',
    challenge: 'c',
    grant,
  };
  return { ...code, expiresAt: AT + 60, usedAt: null, ...values };
}

function makeClient(values: Partial<OAuthClient> = {}): OAuthClient {
  const redirectUris = ['http://127.0.0.1/callback', 'cursor://anysphere.cursor-mcp/oauth/callback'];
  return { id: newId(), name: 'Cursor', redirectUris, createdAt: AT, expiresAt: AT + 100, ...values };
}

async function insertGrant(store: Store, values: Partial<Grant> = {}): Promise<Grant> {
  const organizationId = values.organizationId ?? (await insertOrganization(store));
  const grant = makeGrant({ ...values, organizationId });
  await store.grants.insert(grant);
  return grant;
}

export function describeOAuth(makeStore: MakeStore): void {
  describeGrants(makeStore);
  describeHandedOut(makeStore);
}

function describeGrants(makeStore: MakeStore): void {
  describe('grants', () => {
    const store = useStore(makeStore);

    it('are given back as they were, to their organization alone', async () => {
      const grant = await insertGrant(store(), { keyId: newId() });
      const { organizationId, id } = grant;
      expect(await store().grants.get({ organizationId, id })).toEqual(grant);
      expect(await store().grants.get({ organizationId: await insertOrganization(store()), id })).toBeNull();
      expect(await store().grants.get({ organizationId, id: 'x' })).toBeNull();
      const error = await rejection(store().grants.insert(makeGrant({ organizationId: newId() })));
      expect(error.code).toBe('not_found');
      expect((await rejection(store().grants.insert(grant))).code).toBe('conflict');
    });

    it('are listed oldest first while they are neither revoked nor expired', async () => {
      const organizationId = await insertOrganization(store());
      const [first, , third] = [
        await insertGrant(store(), { organizationId }),
        await insertGrant(store(), { organizationId, expiresAt: AT }),
        await insertGrant(store(), { organizationId }),
        await insertGrant(store(), { organizationId, revokedAt: AT - 1 }),
        await insertGrant(store()),
      ];
      expect(await store().grants.list({ organizationId, at: AT })).toEqual([first, third]);
    });

    it('keep their latest use, and expire when they are told to', async () => {
      const grant = await insertGrant(store());
      const { organizationId, id } = grant;
      await store().grants.touch({ id, at: AT + 60 });
      await store().grants.touch({ id, at: AT + 30 });
      await store().grants.extend({ organizationId, id, expiresAt: AT + 9_000 });
      await store().grants.extend({ organizationId: await insertOrganization(store()), id, expiresAt: 1 });
      const changed = { ...grant, lastUsedAt: AT + 60, expiresAt: AT + 9_000 };
      expect(await store().grants.get({ organizationId, id })).toEqual(changed);
    });

    it('are revoked once, with their tokens, by their organization alone', async () => {
      const grant = await insertGrant(store());
      const other = await insertGrant(store(), { organizationId: grant.organizationId });
      const [token, kept] = [makeToken(grant), makeToken(other)];
      for (const each of [token, kept]) await store().oauth.insertToken(each);
      const find = () => store().oauth.findToken({ hash: token.hash });
      const revoke = (organizationId: string, at: number) =>
        store().grants.revoke({ organizationId, id: grant.id, at });
      expect(await find()).toEqual(token);
      expect(await revoke(await insertOrganization(store()), AT)).toBe(false);
      expect(await find()).toEqual(token);
      expect(await revoke(grant.organizationId, AT + 1)).toBe(true);
      expect(await revoke(grant.organizationId, AT + 2)).toBe(true);
      expect(await find()).toBeNull();
      expect(await store().oauth.findToken({ hash: kept.hash })).toEqual(kept);
      expect((await store().grants.get(grant))?.revokedAt).toBe(AT + 1);
    });

    it('end with the key that was signed in with', async () => {
      const keyId = newId();
      const grant = await insertGrant(store(), { keyId });
      const { organizationId } = grant;
      const again = await insertGrant(store(), { keyId, organizationId });
      const other = await insertGrant(store(), { keyId: newId(), organizationId });
      const token = makeToken(again);
      await store().oauth.insertToken(token);
      expect(await store().oauth.findToken({ hash: token.hash })).toEqual(token);
      const revokeOfKey = (place: string) => store().grants.revokeOfKey({ organizationId: place, keyId, at: AT });
      expect(await revokeOfKey(await insertOrganization(store()))).toEqual([]);
      expect((await revokeOfKey(organizationId)).toSorted()).toEqual([grant.id, again.id].toSorted());
      expect(await revokeOfKey(organizationId)).toEqual([]);
      expect(await store().oauth.findToken({ hash: token.hash })).toBeNull();
      expect(await store().grants.list({ organizationId, at: AT })).toEqual([other]);
    });
  });
}

function describeHandedOut(makeStore: MakeStore): void {
  describe('what the authorization server hands out', () => {
    const store = useStore(makeStore);

    it('has clients that registered, kept for as long as they are used', async () => {
      const client = makeClient();
      const before = await store().oauth.countClients();
      await store().oauth.insertClient(client);
      expect(await store().oauth.countClients()).toBe(before + 1);
      expect(await store().oauth.getClient({ id: client.id })).toEqual(client);
      expect(await store().oauth.getClient({ id: 'x' })).toBeNull();
      await store().oauth.keepClient({ id: client.id, expiresAt: AT + 900 });
      await store().oauth.keepClient({ id: client.id, expiresAt: AT });
      expect(await store().oauth.getClient({ id: client.id })).toEqual({ ...client, expiresAt: AT + 900 });
    });

    it('has codes and refresh tokens that tell their first use from every other', async () => {
      const grant = await insertGrant(store());
      const code = makeCode(grant);
      const token = makeToken(grant, { kind: 'refresh' });
      await store().oauth.insertCode(code);
      await store().oauth.insertToken(token);
      const uses = await Promise.all([AT, AT, AT].map((at) => store().oauth.useCode({ hash: code.hash, at })));
      expect(uses.filter((use) => use?.isFirst === true)).toEqual([{ found: code, isFirst: true }]);
      const again = await store().oauth.useCode({ hash: code.hash, at: AT + 1 });
      expect(again).toEqual({ found: { ...code, usedAt: AT }, isFirst: false });
      const refreshes = await Promise.all([AT, AT].map((at) => store().oauth.useToken({ hash: token.hash, at })));
      expect(refreshes.filter((use) => use?.isFirst === true)).toEqual([{ found: token, isFirst: true }]);
      expect(await store().oauth.findToken({ hash: token.hash })).toEqual({ ...token, usedAt: AT });
      expect(await store().oauth.useCode({ hash: 'x', at: AT })).toBeNull();
      expect(await store().oauth.useToken({ hash: 'x', at: AT })).toBeNull();
    });

    it('shows nothing of a use that was taken back', async () => {
      const token = makeToken(await insertGrant(store()), { kind: 'refresh' });
      await store().oauth.insertToken(token);
      const failed = store().transaction(async (tx) => {
        expect((await tx.oauth.useToken({ hash: token.hash, at: AT }))?.isFirst).toBe(true);
        expect((await tx.oauth.findToken({ hash: token.hash }))?.usedAt).toBe(AT);
        throw new Error('taken back');
      });
      await expect(failed).rejects.toThrow('taken back');
      expect(await store().oauth.useToken({ hash: token.hash, at: AT })).toEqual({ found: token, isFirst: true });
    });

    it('goes once it has expired, a grant only after its tokens', async () => {
      const grant = await insertGrant(store(), { expiresAt: AT });
      const { organizationId } = grant;
      const [gone, kept] = [makeToken(grant, { expiresAt: AT }), makeToken(grant, { expiresAt: AT + 1 })];
      const [oldClient, client] = [makeClient({ expiresAt: AT }), makeClient({ expiresAt: AT + 1 })];
      const [oldCode, code] = [makeCode(grant, { expiresAt: AT }), makeCode(grant, { expiresAt: AT + 1 })];
      for (const each of [gone, kept]) await store().oauth.insertToken(each);
      for (const each of [oldClient, client]) await store().oauth.insertClient(each);
      for (const each of [oldCode, code]) await store().oauth.insertCode(each);
      expect(await store().oauth.findToken({ hash: gone.hash })).toEqual(gone);
      while (await store().oauth.purge({ before: AT, limit: 1 }));
      expect(await store().oauth.findToken({ hash: gone.hash })).toBeNull();
      expect(await store().oauth.findToken({ hash: kept.hash })).toEqual(kept);
      expect(await store().oauth.getClient({ id: oldClient.id })).toBeNull();
      expect(await store().oauth.getClient({ id: client.id })).toEqual(client);
      expect(await store().oauth.useCode({ hash: oldCode.hash, at: AT })).toBeNull();
      expect(await store().oauth.useCode({ hash: code.hash, at: AT })).not.toBeNull();
      expect(await store().grants.get({ organizationId, id: grant.id })).toEqual(grant);
      while (await store().oauth.purge({ before: AT + 1, limit: 10 }));
      expect(await store().grants.get({ organizationId, id: grant.id })).toBeNull();
    });
  });
}
