import { toMonth } from '../../core/run/credits.js';
import { ErrandError } from '../../core/errors.js';
import type { ModelsDescription } from '../../core/models/model-directory.js';
import { parseModelName } from '../../core/models/models-config.js';
import { addUsage, NO_USAGE } from '../../core/models/models.js';
import type { Records } from '../../core/ports/store/store.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { recordChange } from '../audit/record-change.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { ModelCredentialView, UsageOfMonth } from '../interface/services.js';

const MAX_KEY_LENGTH = 10_000;

export async function describeModels(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<ModelsDescription> {
  requireScope(caller, 'read');
  const { id } = await resolveOrganization(deps.store, caller, params);
  const described = await requireModels(deps).describe(id);
  return caller.scopes.includes('operate') ? described : withoutSettings(described);
}

/** For who does not run the server: without addresses and names of variables, which are nobody else's business. */
function withoutSettings({ providers, aliases, priced }: ModelsDescription): ModelsDescription {
  const lacks = (provider: string): string => {
    const needsKey = providers.some(({ name, key }) => name === provider && key === null);
    const told = JSON.stringify(provider);
    return needsKey
      ? `The provider ${told} has no key: give the organization a credential for ${told}`
      : `The provider ${told} is not configured on this server`;
  };
  return {
    providers: providers.map(({ name, api, key, lacking }) => ({
      name,
      api,
      key,
      lacking: lacking === null ? null : lacks(name),
    })),
    aliases: aliases.map(({ name, models }) => ({
      name,
      models: models.map((model) => ({
        ...model,
        lacking: model.lacking === null ? null : lacks(parseModelName(model.name)?.provider ?? model.name),
      })),
    })),
    priced,
  };
}

export async function listModelCredentials(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<readonly ModelCredentialView[]> {
  requireScope(caller, 'manage');
  const { id } = await resolveOrganization(deps.store, caller, params);
  return requireCredentials(deps).list(id);
}

export async function setModelCredential(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization & { readonly provider: string; readonly key: string },
): Promise<ModelCredentialView> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { provider } = params;
  await assertProvider(deps, provider);
  const key = params.key.trim();
  // Of a short one the hint would be most.
  if (key.length < 8 || key.length > MAX_KEY_LENGTH || !/^[\x21-\x7e]+$/.test(key)) {
    throw new ErrandError('invalid_input', 'A key has at least 8 characters: letters, digits and signs, no blanks.');
  }
  const change = { organizationId, action: 'model_key.set', target: { kind: 'model_key', id: provider } };
  const record = (tx: Records): Promise<void> => recordChange(tx, deps, caller, change);
  return requireCredentials(deps).set({ organizationId, provider, key, record });
}

export async function removeModelCredential(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization & { readonly provider: string },
): Promise<void> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { provider } = params;
  const change = { organizationId, action: 'model_key.remove', target: { kind: 'model_key', id: provider } };
  const record = (tx: Records): Promise<void> => recordChange(tx, deps, caller, change);
  if (await requireCredentials(deps).remove({ organizationId, provider, record })) return;
  throw new ErrandError('not_found', `The organization has no key for the provider ${JSON.stringify(provider)}.`);
}

/** What the organization's runs have used of models in a month, this one when none is named. */
export async function getUsage(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization & { readonly month?: string },
): Promise<UsageOfMonth> {
  requireScope(caller, 'read');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { month = toMonth(deps.clock.now()) } = params;
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) {
    throw new ErrandError('invalid_input', `A month is written YYYY-MM, as in 2026-11; not ${JSON.stringify(month)}.`);
  }
  const models = await deps.store.models.listUsage({ organizationId, month });
  return { month, models, total: models.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE) };
}

async function assertProvider(deps: ServiceDeps, provider: string): Promise<void> {
  // For no organization: a key of its own that cannot be opened any more must not keep another from taking its place.
  const { providers } = await requireModels(deps).describe(null);
  if (providers.some(({ name }) => name === provider)) return;
  const known = providers.map(({ name }) => name).join(', ');
  throw new ErrandError(
    'not_found',
    `There is no provider ${JSON.stringify(provider)}; there are ${known}. Others are declared in models.yaml.`,
  );
}

export function requireModels({ models }: ServiceDeps): NonNullable<ServiceDeps['models']> {
  if (models === undefined) throw new ErrandError('not_configured', 'This server has no models.');
  return models;
}

function requireCredentials({ credentials }: ServiceDeps): NonNullable<ServiceDeps['credentials']> {
  if (credentials === undefined) throw new ErrandError('not_configured', 'This server has no models.');
  return credentials;
}
