import { ErrandError, type Problem } from '../../core/errors.js';
import { MIN_SECRET_LENGTH } from '../../core/secrets/scrub.js';
import { findOAuthProblems } from '../../core/secrets/oauth-secret.js';
import { SECRET_NAME_PATTERN, SECRET_NAME_RULE } from '../../core/secrets/secret-name.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { OneSecretParams, SecretView, SetSecretParams } from '../interface/secrets.js';
import { type Change, recordChange } from '../audit/record-change.js';
import type { SecretValues } from '../state/secret-values.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';

const MAX_SECRET_LENGTH = 50_000;

export async function listSecrets(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<readonly SecretView[]> {
  requireScope(caller, 'manage');
  const { id } = await resolveOrganization(deps.store, caller, params);
  const users = findUsers(deps, id);
  const kept = await deps.store.secrets.list({ organizationId: id });
  const names = new Set([...users.keys(), ...kept.map(({ name }) => name)]);
  return Promise.all([...names].toSorted().map((name) => describe(deps, id, name, users)));
}

export async function setSecret(deps: ServiceDeps, caller: Principal, params: SetSecretParams): Promise<SecretView> {
  requireScope(caller, 'manage');
  const values = requireValues(deps);
  const { name, value, kind = 'value', keepOld = false } = params;
  if (!SECRET_NAME_PATTERN.test(name)) throw wrong('/name', `must be ${SECRET_NAME_RULE}`);
  if (value.length < MIN_SECRET_LENGTH || value.length > MAX_SECRET_LENGTH)
    throw wrong('/value', `must have ${MIN_SECRET_LENGTH} to ${MAX_SECRET_LENGTH} characters`);
  const { organizationId, shownTo } = await findPlace(deps, caller, params);
  if (kind !== 'value') refuseCredentials(findOAuthProblems(value, kind));
  const place = { organizationId, name };
  await deps.store.transaction(async (tx) => {
    const before = keepOld ? await tx.secrets.get(place) : null;
    await tx.secrets.save(values.seal(place, { value, kind, before }));
    await recordChange(tx, deps, caller, changeOf('set', params, { organizationId, shownTo }));
  });
  return describe(deps, shownTo, name, findUsers(deps, shownTo));
}

export async function removeSecret(deps: ServiceDeps, caller: Principal, params: OneSecretParams): Promise<void> {
  requireScope(caller, 'manage');
  const place = await findPlace(deps, caller, params);
  const { organizationId } = place;
  await deps.store.transaction(async (tx) => {
    if (!(await tx.secrets.delete({ organizationId, name: params.name })))
      throw new ErrandError('not_found', 'This server keeps no secret with this name.');
    await recordChange(tx, deps, caller, changeOf('remove', params, place));
  });
}

/** One for all is in the trail of whoever changed it. */
function changeOf(
  what: 'set' | 'remove',
  { name }: OneSecretParams,
  { organizationId, shownTo }: { readonly organizationId: string | null; readonly shownTo: string },
): Change {
  const target = { kind: 'secret', id: name };
  return { organizationId: shownTo, action: `secret.${what}`, target, after: { for_all: organizationId === null } };
}

/** Whose it is, null for all; and the organization that is told of it. */
async function findPlace(
  { store }: ServiceDeps,
  caller: Principal,
  { forAll, organization }: OneSecretParams,
): Promise<{ readonly organizationId: string | null; readonly shownTo: string }> {
  if (forAll === true && organization !== undefined)
    throw wrong('/organization', 'cannot be given together with for_all');
  if (forAll === true) requireScope(caller, 'operate');
  const named = organization === undefined ? {} : { organization };
  const { id } = await resolveOrganization(store, caller, named);
  return { organizationId: forAll === true ? null : id, shownTo: id };
}

async function describe(
  deps: ServiceDeps,
  organizationId: string,
  name: string,
  users: ReadonlyMap<string, readonly string[]>,
): Promise<SecretView> {
  const origin = await requireValues(deps).findOrigin(organizationId, name);
  return {
    name,
    source: origin?.source ?? null,
    updatedAt: origin?.updatedAt ?? null,
    kind: origin?.kind ?? 'value',
    earlier: origin?.earlier ?? 0,
    workflows: users.get(name) ?? [],
  };
}

/** The workflows of the organization, and those for all, that name each secret. */
function findUsers({ catalog }: ServiceDeps, organizationId: string): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { plan } of catalog.list(organizationId))
    for (const name of plan.secrets) users.set(name, [...(users.get(name) ?? []), plan.workflowId]);
  return users;
}

function requireValues({ secretValues }: ServiceDeps): SecretValues {
  if (secretValues === undefined) throw new ErrandError('not_configured', 'This server keeps no secrets.');
  return secretValues;
}

function wrong(path: string, message: string): ErrandError {
  return faultsOf([{ path, message }]);
}

function refuseCredentials(problems: readonly Problem[]): void {
  if (problems.length > 0) throw faultsOf(problems);
}

function faultsOf(problems: readonly Problem[]): ErrandError {
  const list = problems.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ');
  return new ErrandError('invalid_input', `The secret has a fault: ${list}.`, { problems });
}
