import { ErrandError } from '../../core/errors.js';
import type { ModelDirectory, ModelTest } from '../../core/models/model-directory.js';
import type { ModelUsage } from '../../core/models/models.js';
import { parseModelName } from '../../core/models/models-config.js';
import { toMonth } from '../../core/run/credits.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { TestModelParams } from '../interface/services.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { requireModels } from './models.js';

/** Needs `manage`: it costs. Counted among what the organization's models have used. */
export async function testModel(deps: ServiceDeps, caller: Principal, params: TestModelParams): Promise<ModelTest> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { model = 'default', signal } = params;
  const models = requireModels(deps);
  if (!caller.scopes.includes('operate')) {
    await assertOffered(deps, models, { model, organizationId });
    assertNotTooMany(deps, organizationId);
  }
  const used: ModelUsage[] = [];
  try {
    const tested = await models.test({ model, organizationId, signal, onLost: (usage) => used.push(usage) });
    if (tested.ok) used.push({ ...tested.usage, model: tested.model });
    return tested;
  } finally {
    const month = toMonth(deps.clock.now());
    for (const { model: name, ...usage } of used) {
      await deps.store.models.addUsage({ organizationId, use: { month, model: name, usage } });
    }
  }
}

/** What is paid for by who runs the server may be tested where it is offered: as an alias, or by a workflow. */
async function assertOffered(
  deps: ServiceDeps,
  models: ModelDirectory,
  { model, organizationId }: { readonly model: string; readonly organizationId: string },
): Promise<void> {
  const { aliases } = await models.describe(null);
  const offered = new Set(aliases.flatMap((alias) => [alias.name, ...alias.models.map(({ name }) => name)]));
  if (offered.has(model)) return;
  const provider = parseModelName(model)?.provider;
  const own = await deps.credentials?.list(organizationId);
  if (own?.some((credential) => credential.provider === provider) === true) return;
  const names = deps.catalog
    .list(null)
    .flatMap(({ plan }) => deps.catalog.modelsOf(plan).flatMap((list) => list.names));
  if (names.includes(model)) return;
  throw new ErrandError(
    'forbidden',
    `Only aliases, models of workflows, and models of providers for which the organization has a key of its own can be tested, not ${JSON.stringify(model)}.`,
  );
}

function assertNotTooMany({ modelTests }: ServiceDeps, organizationId: string): void {
  const taken = modelTests?.take(organizationId);
  if (taken === undefined || taken.ok) return;
  const { retryAfterSeconds } = taken;
  throw new ErrandError('rate_limited', `Too many tests of models. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
