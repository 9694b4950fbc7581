import { ErrandError } from '../../core/errors.js';
import { isUuid } from '../../core/text/uuid.js';
import type { Principal, Scope } from '../../core/tenant/principal.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { makeOnce } from '../use-case/make-once.js';
import { resolveOrganization, requireScope } from '../use-case/require-scope.js';
import type { CreateKeyParams, InOrganization } from '../interface/services.js';

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
  const now = deps.clock.now();
  if (params.expiresAt !== undefined && !(params.expiresAt > now)) {
    throw new ErrandError('invalid_input', 'A key must expire in the future.');
  }
  const { scopes, expiresAt = null, idempotencyKey } = params;
  const key = newKey(deps, caller, idempotencyKey);
  const organizationId = organization.id;
  const apiKey = makeApiKey(deps, { key, organizationId, name, scopes, expiresAt });
  const { made, created } = await makeOnce(deps, {
    organizationId: caller.organizationId,
    key: idempotencyKey,
    asked: ['create key', caller.keyId, organizationId, name, scopes, expiresAt],
    made: apiKey,
    record: (tx) => tx.keys.insert(apiKey),
    recall: async (id) => (await deps.store.keys.list({ organizationId })).find((kept) => kept.id === id) ?? null,
  });
  if (made.hash === apiKey.hash) return { key, apiKey: made, created };
  throw new ErrandError(
    'conflict',
    `This call has made the key ${made.id} before, which cannot be shown again. Revoke it, and make another with a new idempotency key.`,
  );
}

/**
 * Random, but where the call may be repeated: then what the same caller gets for the same idempotency key is always the same, so that nothing has to be
 * kept of it for a repeat.
 */
function newKey(
  { keys, secrets }: Pick<ServiceDeps, 'keys' | 'secrets'>,
  { organizationId, keyId }: Principal,
  idempotencyKey: string | undefined,
): string {
  if (idempotencyKey === undefined) return keys.newKey();
  return keys.newKey(secrets?.derive(`API key ${organizationId} ${keyId ?? '-'} ${idempotencyKey}`));
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
  const revoked = isUuid(id) && (await deps.store.keys.revoke({ organizationId, id, at: deps.clock.now() }));
  if (!revoked) throw new ErrandError('not_found', 'There is no key with this id.');
  deps.keyWatch.revoke(id);
}
