import { computeBalance, toCycle, type CreditBalance, type CreditMovement } from '../../core/run/credits.js';
import { ErrandError } from '../../core/errors.js';
import { checkOffset } from '../../core/text/payload-limits.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { Store } from '../../core/ports/store/store.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { recordChange } from '../audit/record-change.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { ListCreditMovementsParams } from '../interface/services.js';

export const MAX_CREDITS = 1_000_000_000;

export async function getCredits(deps: ServiceDeps, caller: Principal, params: InOrganization): Promise<CreditBalance> {
  requireScope(caller, 'read');
  const { id } = await resolveOrganization(deps.store, caller, params);
  return readBalance(deps.store, id, { now: deps.clock.now(), billingDay: await deps.billingDays.of(id) });
}

export async function listCreditMovements(
  deps: ServiceDeps,
  caller: Principal,
  { organization, ...page }: ListCreditMovementsParams,
): Promise<readonly CreditMovement[]> {
  requireScope(caller, 'read');
  checkOffset(page.offset);
  const { id } = await resolveOrganization(deps.store, caller, organization === undefined ? {} : { organization });
  return deps.store.credits.listMovements({ ...page, organizationId: id });
}

export async function setCreditLimit(
  deps: ServiceDeps,
  caller: Principal,
  { organization, monthlyCredits }: { readonly organization: string; readonly monthlyCredits: number },
): Promise<CreditBalance> {
  requireScope(caller, 'operate');
  checkMonthlyCredits(monthlyCredits);
  const { id } = await resolveOrganization(deps.store, caller, { organization });
  const cycle = { now: deps.clock.now(), billingDay: await deps.billingDays.of(id) };
  const telling = deps.creditAlerts?.prepare(id, cycle.billingDay) ?? null;
  const balance = await deps.store.transaction(async (tx) => {
    const before = await readBalance(tx, id, cycle);
    const { usedThisMonth, reserved, toppedUp, drawn } = before;
    if (monthlyCredits + toppedUp + drawn < usedThisMonth + reserved) {
      throw new ErrandError(
        'conflict',
        `${usedThisMonth} credits are used this month and ${reserved} are reserved; the limit cannot be lower than what of them top-ups do not cover.`,
      );
    }
    await tx.credits.setLimit({
      organizationId: id,
      monthlyLimit: monthlyCredits,
      month: toCycle(cycle.now, cycle.billingDay),
      tells: telling === null ? undefined : { at: cycle.now, tellMark: telling.tellMark },
    });
    const { monthlyLimit } = before;
    await recordChange(tx, deps, caller, {
      organizationId: id,
      action: 'credits.set',
      target: { kind: 'organization', id },
      before: { monthly_credits: monthlyLimit },
      after: { monthly_credits: monthlyCredits },
    });
    return readBalance(tx, id, cycle);
  });
  telling?.sent();
  return balance;
}

export function checkMonthlyCredits(monthlyCredits: number): void {
  if (Number.isInteger(monthlyCredits) && monthlyCredits >= 0 && monthlyCredits <= MAX_CREDITS) return;
  throw new ErrandError(
    'invalid_input',
    `monthly_credits must be a whole number from 0 to ${MAX_CREDITS}, not ${monthlyCredits}.`,
  );
}

export async function readBalance(
  store: Pick<Store, 'credits'>,
  organizationId: string,
  { now, billingDay }: { readonly now: number; readonly billingDay: number },
): Promise<CreditBalance> {
  const account = await store.credits.getAccount({ organizationId });
  if (account === null) throw new ErrandError('not_found', 'This organization has no credit account.');
  return computeBalance(account, now, billingDay);
}
