import { ErrandError } from '../../core/errors.js';
import { parseMoment } from '../../core/time/moment.js';
import { hasScope, type Principal, type Scope } from '../../core/tenant/principal.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { Store } from '../../core/ports/store/store.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { recordChange } from '../audit/record-change.js';
import { keyView } from '../audit/views.js';
import { makeOnce } from '../use-case/make-once.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { CreateKeyParams } from '../interface/services.js';

export async function createKey(
  deps: ServiceDeps,
  caller: Principal,
  params: CreateKeyParams,
): Promise<{ readonly key: string; readonly apiKey: ApiKey; readonly created: boolean }> {
  requireScope(caller, 'manage');
  const organization = await resolveOrganization(deps.store, caller, params);
  for (const scope of params.scopes) requireScope(caller, scope); // nobody gives what they do not have
  const name = params.name.trim();
  if (name === '' || name.length > 100)
    throw new ErrandError('invalid_input', 'A key needs a name of 1 to 100 characters.');
  if (params.scopes.length === 0) throw new ErrandError('invalid_input', 'A key needs at least one scope.');
  const expiresAt = expiryOf(deps.clock.now(), caller, params);
  const { scopes, idempotencyKey } = params;
  const key = newKey(deps, caller, idempotencyKey);
  const organizationId = organization.id;
  const apiKey = makeApiKey(deps, { key, organizationId, name, scopes, expiresAt });
  const { made, created } = await makeOnce(deps, {
    organizationId: caller.organizationId,
    key: idempotencyKey,
    asked: ['create key', caller.keyId, organizationId, name, scopes, expiresAt],
    made: apiKey,
    record: async (tx) => {
      await makeRoom(tx, apiKey);
      await tx.keys.insert(apiKey);
      await recordChange(tx, deps, caller, { organizationId, ...changeOf('create', apiKey), after: keyView(apiKey) });
    },
    recall: (id) => deps.store.keys.get({ organizationId, id }),
  });
  if (made.hash === apiKey.hash) return { key, apiKey: made, created };
  throw new ErrandError(
    'conflict',
    `This call has made the key ${made.id} before, which cannot be shown again. Revoke it, and make another with a new idempotency key.`,
  );
}

/**
 * Random, but where the call may be repeated: then what the same caller gets for the same idempotency key is always the
 * same, so that nothing has to be kept of it for a repeat.
 */
function newKey(
  { keys, secrets }: Pick<ServiceDeps, 'keys' | 'secrets'>,
  { organizationId, keyId }: Principal,
  idempotencyKey: string | undefined,
): string {
  if (idempotencyKey === undefined) return keys.newKey();
  return keys.newKey(secrets?.derive(`API key ${organizationId} ${keyId ?? '-'} ${idempotencyKey}`));
}

/** A key that expires gives none that outlives it: what it makes expires with it unless it is to expire before. */
function expiryOf(now: number, { expiresAt: latest }: Principal, { expiresAt }: CreateKeyParams): number | null {
  if (expiresAt !== undefined && !(expiresAt > now)) {
    throw new ErrandError('invalid_input', 'A key must expire in the future.');
  }
  if (expiresAt !== undefined && parseMoment(expiresAt) === null) {
    throw new ErrandError('invalid_input', 'A key must expire by the year 9999.');
  }
  if (latest === undefined) return expiresAt ?? null;
  if (latest <= now) throw new ErrandError('unauthenticated', 'The API key has expired during the call.');
  if (expiresAt === undefined || expiresAt <= latest) return expiresAt ?? latest;
  const moment = new Date(latest).toISOString();
  throw new ErrandError('forbidden', `A key must not outlive the key that makes it, which expires at ${moment}.`);
}

function changeOf(what: 'create' | 'revoke', { id }: ApiKey) {
  return { action: `key.${what}`, target: { kind: 'key', id } };
}

/** Keys of an organization that are valid. */
const MAX_VALID = 1_000;
/**
 * Keys of an organization that are kept after their end, for people to see what there was. With more, half of them go,
 * the oldest.
 */
const MAX_ENDED = 1_000;

async function makeRoom(tx: Pick<Store, 'keys'>, { organizationId, createdAt: now }: ApiKey): Promise<void> {
  const { valid, ended } = await tx.keys.count({ organizationId, at: now });
  if (valid >= MAX_VALID) {
    const message = `An organization has at most ${MAX_VALID} keys that are valid. Revoke some first.`;
    throw new ErrandError('conflict', message);
  }
  if (ended <= MAX_ENDED) return;
  const removable = (await tx.keys.list({ organizationId }))
    .filter((key) => hasEnded(key, now))
    // Not the operators': their first key comes from the environment, and would be made again at the next start.
    .filter(({ scopes }) => !scopes.includes('operate'));
  const ids = removable.slice(0, Math.max(0, removable.length - MAX_ENDED / 2)).map(({ id }) => id);
  if (ids.length > 0) await tx.keys.remove({ organizationId, ids });
}

function hasEnded({ revokedAt, expiresAt }: ApiKey, now: number): boolean {
  return revokedAt !== null || (expiresAt !== null && expiresAt <= now);
}

export function makeApiKey(
  deps: Pick<ServiceDeps, 'keys' | 'newId' | 'clock'>,
  params: {
    readonly key: string;
    readonly organizationId: string;
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly expiresAt: number | null;
  },
): ApiKey {
  const { key, ...rest } = params;
  return {
    ...rest,
    id: deps.newId(),
    hash: deps.keys.hashKey(key),
    hint: deps.keys.hintOf(key),
    createdAt: deps.clock.now(),
    revokedAt: null,
    lastUsedAt: null,
  };
}

export async function listKeys(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<readonly ApiKey[]> {
  requireScope(caller, 'manage');
  const { id } = await resolveOrganization(deps.store, caller, params);
  return deps.store.keys.list({ organizationId: id });
}

export async function revokeKey(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization & { readonly keyId: string },
): Promise<void> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { keyId: id } = params;
  const key = await deps.store.keys.get({ organizationId, id });
  if (key === null) throw new ErrandError('not_found', 'There is no key with this id.');
  const lacking = key.scopes.find((scope) => !hasScope(caller, scope));
  if (lacking !== undefined) {
    throw new ErrandError('forbidden', `Only a key that has the scope "${lacking}" itself can revoke this one.`);
  }
  const at = deps.clock.now();
  const grantIds = await deps.store.transaction(async (tx) => {
    await tx.keys.revoke({ organizationId, id, at });
    const views = { before: keyView(key), after: keyView({ ...key, revokedAt: key.revokedAt ?? at }) };
    await recordChange(tx, deps, caller, { organizationId, ...changeOf('revoke', key), ...views });
    return tx.grants.revokeOfKey({ organizationId, keyId: id, at });
  });
  // What was signed in for with the key ends with it.
  for (const ended of [id, ...grantIds]) deps.keyWatch.revoke(ended);
}
