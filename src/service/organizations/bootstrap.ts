import { ErrandError } from '../../core/errors.js';
import { SCOPES, type Principal } from '../../core/tenant/principal.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { makeApiKey } from './keys.js';
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
  return createOrganization(deps, systemPrincipal(''), {
    slug: DEFAULT_ORGANIZATION,
    name: 'Default',
    monthlyCredits,
  });
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
    if (known === null) await insertFirstKey(deps, organizationId, chosenKey);
    return null;
  }
  const keys = await deps.store.keys.list({ organizationId });
  if (keys.length > 0) return null;
  const key = deps.keys.newKey();
  await insertFirstKey(deps, organizationId, key);
  return key;
}

async function insertFirstKey(deps: BootstrapDeps, organizationId: string, key: string): Promise<void> {
  await deps.store.keys.insert(
    makeApiKey(deps, { key, organizationId, name: 'first key', scopes: SCOPES, expiresAt: null }),
  );
}
