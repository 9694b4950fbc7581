import { ErrandError } from '../../core/errors.js';
import type { Records } from '../../core/ports/store/store.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import { GRANTABLE_SCOPES, hasScope, type Principal, type Scope } from '../../core/tenant/principal.js';
import type { Grant } from '../../core/tenant/grant.js';
import { recordGrant } from '../audit/record-grant.js';
import { LIFETIMES } from './lifetimes.js';
import type { SignInView, VouchedPerson } from '../interface/authorization.js';
import type { GrantDeps } from './deps.js';

/** A client that has a grant cannot make others of it. */
export async function describeSignIn({ store, clock }: GrantDeps, caller: Principal): Promise<SignInView> {
  const { organizationId, keyId } = caller;
  if (keyId === null || caller.isGrant === true) {
    throw new ErrandError('forbidden', 'Signing in takes an API key.');
  }
  const key = await findValidKey(store, { organizationId, keyId }, clock.now());
  const organization = await store.organizations.get({ id: organizationId });
  if (key === null || organization === null) throw ended();
  const scopes = grantableBy(key);
  if (scopes.length === 0) {
    throw new ErrandError('forbidden', 'This key can grant nothing: it has none of the scopes that clients ask for.');
  }
  const signIn = { kind: 'key', organizationId, keyId } as const;
  return { signIn, organizationName: organization.name, subject: subjectOf(key), scopes };
}

export async function describePerson(
  { store }: GrantDeps,
  { subject, organization: slug, scopes }: VouchedPerson,
): Promise<SignInView> {
  const organization = await store.organizations.find({ slug });
  if (organization === null) throw new ErrandError('forbidden', `There is no organization "${slug}" on this server.`);
  const signIn = { kind: 'person', organizationId: organization.id, subject, scopes } as const;
  return { signIn, organizationName: organization.name, subject, scopes };
}

/** Has a person come in to the console: with a grant, which is listed and revoked as those of hosts are. */
export async function enterConsole(deps: GrantDeps, person: VouchedPerson): Promise<Principal> {
  const { signIn, subject, scopes } = await describePerson(deps, person);
  const { organizationId } = signIn;
  const at = deps.clock.now();
  const grant: Grant = {
    id: deps.newId(),
    organizationId,
    keyId: null,
    clientId: 'console',
    clientName: 'Console',
    clientHost: '',
    clientSigns: false,
    subject,
    scopes,
    resources: ['/console'],
    createdAt: at,
    expiresAt: at + LIFETIMES.console,
    revokedAt: null,
    lastUsedAt: at,
  };
  await deps.store.transaction(async (tx) => {
    await tx.grants.insert(grant);
    await recordGrant(tx, deps, grant);
  });
  return { organizationId, keyId: grant.id, scopes, isGrant: true, expiresAt: grant.expiresAt };
}

/** Ends what `enterConsole` began, with all that is open by it. Whoever came in with a key keeps the key. */
export async function leaveConsole({ store, clock, keyWatch }: GrantDeps, caller: Principal): Promise<void> {
  const { organizationId, keyId: id, isGrant } = caller;
  if (isGrant !== true || id === null) return;
  await store.grants.revoke({ organizationId, id, at: clock.now() });
  keyWatch.revoke(id);
}

export function subjectOf({ hint }: Pick<ApiKey, 'hint'>): string {
  return `key ${hint}`;
}

export function grantableBy({ scopes }: Pick<ApiKey, 'scopes'>): readonly Scope[] {
  return GRANTABLE_SCOPES.filter((scope) => hasScope({ scopes }, scope));
}

interface KeyPlace {
  readonly organizationId: string;
  readonly keyId: string;
}

export async function findValidKey(
  store: Pick<Records, 'keys'>,
  { organizationId, keyId: id }: KeyPlace,
  now: number,
): Promise<ApiKey | null> {
  const key = await store.keys.get({ organizationId, id });
  const isValid = key !== null && key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now);
  return isValid ? key : null;
}

export function ended(): ErrandError {
  return new ErrandError('unauthenticated', 'The API key was revoked or has expired meanwhile.');
}
