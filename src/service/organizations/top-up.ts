import { ErrandError } from '../../core/errors.js';
import { type CreditMovement, toCycle } from '../../core/run/credits.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { Principal } from '../../core/tenant/principal.js';
import { recordChange } from '../audit/record-change.js';
import type { TopUp, TopUpParams } from '../interface/services.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { makeOnce } from '../use-case/make-once.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { MAX_CREDITS, readBalance } from './credits.js';

/** Gives an organization credits beyond those of its cycles: ledger, account and audit trail in one transaction. */
export async function topUpCredits(
  deps: ServiceDeps,
  caller: Principal,
  { organization, credits, reason, idempotencyKey }: TopUpParams,
): Promise<{ readonly topUp: TopUp; readonly created: boolean }> {
  requireScope(caller, 'operate');
  checkTopUp(credits, reason);
  const { id: organizationId } = await resolveOrganization(deps.store, caller, { organization });
  const cycle = { now: deps.clock.now(), billingDay: await deps.billingDays.of(organizationId) };
  const movement: CreditMovement = {
    id: deps.newId(),
    organizationId,
    runId: null,
    kind: 'top_up',
    reservedDelta: 0,
    usedDelta: 0,
    toppedUpDelta: credits,
    month: toCycle(cycle.now, cycle.billingDay),
    at: cycle.now,
    reason,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  const { made, created } = await makeOnce<{ readonly id: string }>(deps, {
    organizationId: caller.organizationId,
    key: idempotencyKey,
    asked: ['top up', organizationId, credits, reason],
    made: movement,
    record: async (tx) => {
      await tx.credits.topUp(movement);
      await recordChange(tx, deps, caller, {
        organizationId,
        action: 'credits.top_up',
        target: { kind: 'organization', id: organizationId },
        after: { credits, reason },
      });
    },
    recall: async (id) => ({ id }),
  });
  return {
    topUp: { id: made.id, credits, reason, balance: await readBalance(deps.store, organizationId, cycle) },
    created,
  };
}

function checkTopUp(credits: number, reason: string): void {
  if (!Number.isInteger(credits) || credits < 1 || credits > MAX_CREDITS)
    throw new ErrandError('invalid_input', `credits must be a whole number from 1 to ${MAX_CREDITS}, not ${credits}.`);
  if (reason.trim() === '' || reason.length > PAYLOAD_LIMITS.idempotencyKey)
    throw new ErrandError('invalid_input', `reason must have 1 to ${PAYLOAD_LIMITS.idempotencyKey} characters.`);
}
