import { toCycle } from '../../core/run/credits.js';
import { ErrandError } from '../../core/errors.js';
import type { Records } from '../../core/ports/store/store.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { Organization } from '../../core/tenant/organization.js';
import { checkMonthlyCredits } from './credits.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { changeSettings } from './organization-settings.js';
import { recordChange } from '../audit/record-change.js';
import { organizationView } from '../audit/views.js';
import { makeOnce } from '../use-case/make-once.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import type { CreateOrganizationParams, UpdateOrganizationParams } from '../interface/services.js';

const SLUG = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export async function createOrganization(
  deps: Pick<ServiceDeps, 'store' | 'clock' | 'newId' | 'billingDays'>,
  caller: Principal,
  params: CreateOrganizationParams,
): Promise<{ readonly organization: Organization; readonly created: boolean }> {
  requireScope(caller, 'operate');
  const { slug, monthlyCredits, idempotencyKey } = params;
  if (!SLUG.test(slug)) {
    throw new ErrandError(
      'invalid_input',
      `An organization's slug has 1 to 63 lower-case letters, digits, "-" or "_" and starts with a letter or digit; "${slug.slice(0, 80)}" does not.`,
    );
  }
  checkMonthlyCredits(monthlyCredits);
  const name = checkName(params.name ?? slug) || slug;
  const organization: Organization = { id: deps.newId(), slug, name, createdAt: deps.clock.now() };
  const record = async (tx: Records): Promise<void> => {
    if ((await tx.organizations.find({ slug })) !== null) {
      throw new ErrandError('conflict', `There is an organization "${slug}" already.`);
    }
    await tx.organizations.insert(organization);
    const month = toCycle(organization.createdAt, deps.billingDays.update(organization));
    await tx.credits.setLimit({ organizationId: organization.id, monthlyLimit: monthlyCredits, month });
    await recordChange(tx, deps, caller, {
      organizationId: organization.id,
      action: 'organization.create',
      target: { kind: 'organization', id: organization.id },
      after: { ...organizationView(organization), monthly_credits: monthlyCredits },
    });
  };
  const { made, created } = await makeOnce(deps, {
    organizationId: caller.organizationId,
    key: idempotencyKey,
    asked: ['create organization', slug, name, monthlyCredits],
    made: organization,
    record,
    recall: (id) => deps.store.organizations.get({ id }),
  });
  return { organization: made, created };
}

export async function updateOrganization(
  deps: ServiceDeps,
  caller: Principal,
  { organization, name, ...change }: UpdateOrganizationParams,
): Promise<Organization> {
  requireScope(caller, 'operate');
  const { id } = await resolveOrganization(deps.store, caller, { organization });
  const updated = await deps.store.transaction(async (tx) => {
    const kept = await tx.organizations.get({ id });
    if (kept === null) throw new ErrandError('not_found', `There is no organization "${organization}".`);
    const { settings: before, ...rest } = kept;
    const settings = changeSettings(before ?? {}, change);
    const next: Organization = {
      ...rest,
      name: (name === undefined ? '' : checkName(name)) || kept.name,
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
    };
    await tx.organizations.update(next);
    await recordChange(tx, deps, caller, {
      organizationId: id,
      action: 'organization.update',
      target: { kind: 'organization', id },
      before: organizationView(kept),
      after: organizationView(next),
    });
    return next;
  });
  deps.billingDays.update(updated);
  await deps.engine.limitsChanged(updated);
  return updated;
}

function checkName(name: string): string {
  if (name.length > 200) throw new ErrandError('invalid_input', "An organization's name has at most 200 characters.");
  return name.trim();
}

export async function listOrganizations(
  deps: ServiceDeps,
  caller: Principal,
  params: { readonly limit: number; readonly offset: number },
): Promise<{ readonly organizations: readonly Organization[]; readonly total: number }> {
  requireScope(caller, 'operate');
  return deps.store.organizations.list(params);
}
