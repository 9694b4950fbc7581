import { ErrandError } from '../../core/errors.js';
import { hasScope, SCOPES, type Principal } from '../../core/tenant/principal.js';
import type { Records } from '../../core/ports/store/store.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { makeApiKey } from './keys.js';
import { recordChange } from '../audit/record-change.js';
import { keyView } from '../audit/views.js';
import { createOrganization } from './organizations.js';

export const DEFAULT_ORGANIZATION = 'default';

type BootstrapDeps = Pick<ServiceDeps, 'store' | 'keys' | 'newId' | 'clock'>;

/** Who acts when the server itself does: every scope. */
export function systemPrincipal(organizationId: string): Principal {
  return { organizationId, keyId: null, scopes: SCOPES };
}

/** Makes sure that the organization `default` is there. */
export async function ensureDefaultOrganization(
  deps: BootstrapDeps & Pick<ServiceDeps, 'billingDays'>,
  { monthlyCredits }: { readonly monthlyCredits: number },
): Promise<{ readonly organization: Organization; readonly created: boolean }> {
  const found = await deps.store.organizations.find({ slug: DEFAULT_ORGANIZATION });
  if (found !== null) return { organization: found, created: false };
  try {
    const organization = { slug: DEFAULT_ORGANIZATION, name: 'Default', monthlyCredits };
    return await createOrganization(deps, systemPrincipal(''), organization);
  } catch (error) {
    // Another process that started at the same moment may have got ahead.
    const made = await deps.store.organizations.find({ slug: DEFAULT_ORGANIZATION });
    if (made === null) throw error;
    return { organization: made, created: false };
  }
}

/**
 * Makes sure that there is a key to begin with. A key chosen by whoever deploys is added when it is not known yet (one
 * that was revoked stays so); else a new one is made when the organization has none at all. Returns the key only when
 * it was made up here.
 */
export async function ensureFirstKey(
  deps: BootstrapDeps,
  { organizationId, chosenKey }: { readonly organizationId: string; readonly chosenKey: string | null },
): Promise<string | null> {
  if (chosenKey !== null) {
    const fault = deps.keys.faultOf(chosenKey);
    if (fault !== null) throw new ErrandError('invalid_input', `ERRAND_BOOTSTRAP_KEY ${fault}`);
    const known = await deps.store.keys.find({ hash: deps.keys.hashKey(chosenKey) });
    if (known === null) await insertChosenKey(deps, organizationId, chosenKey);
    return null;
  }
  const key = deps.keys.newKey();
  const made = firstKey(deps, organizationId, key);
  const isMade = await deps.store.transaction(async (tx) => {
    if ((await tx.keys.list({ organizationId })).length > 0) return false;
    await insertKey(tx, deps, made);
    return true;
  });
  return isMade ? key : null;
}

/** Who may do everything by a key: the oldest one that is valid and has every scope. Null when there is none. */
export async function findOperator(
  { store, clock }: Pick<BootstrapDeps, 'store' | 'clock'>,
  organizationId: string,
): Promise<Principal | null> {
  const now = clock.now();
  const keys = await store.keys.list({ organizationId });
  const found = keys.find(
    ({ scopes, revokedAt, expiresAt }) =>
      revokedAt === null &&
      (expiresAt === null || expiresAt > now) &&
      SCOPES.every((scope) => hasScope({ scopes }, scope)),
  );
  return found === undefined ? null : { organizationId, keyId: found.id, scopes: found.scopes };
}

/** Of several processes that start at the same moment, one inserts it. */
async function insertChosenKey(deps: BootstrapDeps, organizationId: string, key: string): Promise<void> {
  try {
    const made = firstKey(deps, organizationId, key);
    await deps.store.transaction((tx) => insertKey(tx, deps, made));
  } catch (error) {
    if ((await deps.store.keys.find({ hash: deps.keys.hashKey(key) })) === null) throw error;
  }
}

function firstKey(deps: BootstrapDeps, organizationId: string, key: string): ApiKey {
  return makeApiKey(deps, { key, organizationId, name: 'first key', scopes: SCOPES, expiresAt: null });
}

async function insertKey(tx: Records, deps: BootstrapDeps, key: ApiKey): Promise<void> {
  const { organizationId, id } = key;
  await tx.keys.insert(key);
  const change = { organizationId, action: 'key.create', target: { kind: 'key', id }, after: keyView(key) };
  await recordChange(tx, deps, systemPrincipal(organizationId), change);
}
