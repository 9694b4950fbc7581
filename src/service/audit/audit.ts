import { ErrandError } from '../../core/errors.js';
import type { AuditEntry } from '../../core/tenant/audit.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { ListAuditParams, ServerChange, TrailCheck, VerifyAuditParams } from '../interface/audit.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { recordChange } from './record-change.js';
import { TrailChecker } from './chain.js';

const PAGE = 500;

export async function listAudit(
  deps: ServiceDeps,
  caller: Principal,
  { organization, ...page }: ListAuditParams,
): Promise<readonly AuditEntry[]> {
  requireScope(caller, 'manage');
  if (page.afterSeq !== undefined && page.beforeSeq !== undefined) {
    throw new ErrandError('invalid_input', 'Give "after" or "before", not both.');
  }
  const { id } = await resolveOrganization(deps.store, caller, organization === undefined ? {} : { organization });
  return deps.store.audit.list({ ...page, organizationId: id });
}

export async function recordServerChange(deps: ServiceDeps, caller: Principal, change: ServerChange): Promise<void> {
  requireScope(caller, 'operate');
  const { organizationId } = caller;
  const target = { kind: 'server', id: 'server' };
  await deps.store.transaction((tx) => recordChange(tx, deps, caller, { organizationId, target, ...change }));
}

/** Goes along the whole trail. */
export async function verifyAudit(
  deps: ServiceDeps,
  caller: Principal,
  { head, ...where }: VerifyAuditParams,
): Promise<TrailCheck> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, where);
  const checker = new TrailChecker(head ?? null);
  for (let afterSeq = 0; ;) {
    const entries = await deps.store.audit.list({ organizationId, afterSeq, limit: PAGE });
    for (const entry of entries) checker.add(entry);
    const last = entries.at(-1);
    if (last === undefined) return checker.end();
    afterSeq = last.seq;
  }
}
