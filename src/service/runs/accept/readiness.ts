import { ErrandError, isErrandError } from '../../../core/errors.js';
import type { Models } from '../../../core/models/models.js';
import type { PublishedCode } from '../../../core/handlers/published-code.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { Plan } from '../../../workflow/plan/plan.js';
import type { SecretValues } from '../../state/secret-values.js';
import type { Catalog } from '../../state/catalog.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { requireScope } from '../../use-case/require-scope.js';

export interface ReadinessDeps {
  readonly catalog: Catalog;
  /** When not given, workflows are not asked for what they need. */
  readonly models?: Pick<Models, 'explainUnusable'>;
  readonly secretValues?: Pick<SecretValues, 'explainMissing'>;
  /** The code of published workflows. */
  readonly code?: Pick<PublishedCode, 'explain'>;
}

interface PlanToStart {
  readonly plan: Plan;
  readonly organizationId: string;
}

/** What is to be set before the organization can start a run of the plan; null when nothing is. */
async function explainPlan(deps: ReadinessDeps, params: PlanToStart): Promise<string | null> {
  const reasons = await listLacking(deps, params);
  return reasons.length === 0 ? null : `${reasons.join('. ')}.`;
}

/** The same, one by one. */
export async function listLacking(
  { catalog, models, secretValues, code }: ReadinessDeps,
  { plan, organizationId }: PlanToStart,
): Promise<readonly string[]> {
  const reasons = new Set<string>();
  for (const { onlyOwn, names: list } of models === undefined ? [] : catalog.modelsOf(plan)) {
    const reason = await models?.explainUnusable({ models: list, organizationId, onlyOwn }).catch(asReason);
    if (typeof reason === 'string') reasons.add(reason.replace(/\.$/, ''));
  }
  for (const { onlyOwn, names } of secretValues === undefined ? [] : catalog.secretsOf(plan)) {
    const missing = secretValues?.explainMissing({ organizationId, names, onlyOwn }) ?? Promise.resolve([]);
    for (const reason of await missing.catch((error: unknown) => [asReason(error)])) reasons.add(reason);
  }
  const lacking = (await code?.explain(catalog.handlersOf(plan))) ?? null;
  if (lacking !== null) reasons.add(lacking);
  return [...reasons];
}

/** A key that cannot be read is one that is lacking. */
function asReason(error: unknown): string {
  if (isErrandError(error)) return error.message;
  throw error;
}

/** Throws `not_configured`, saying what to set, unless a run of the plan can be started. */
export async function assertReady(
  deps: ReadinessDeps,
  params: { readonly plan: Plan; readonly organizationId: string },
): Promise<void> {
  const reason = await explainPlan(deps, params);
  if (reason !== null) throw new ErrandError('not_configured', `${params.plan.name} cannot be started yet. ${reason}`);
}

/** Whether the plan needs anything that may not be there. */
export function needsConfiguration({ catalog, models, secretValues, code }: ReadinessDeps, plan: Plan): boolean {
  if (code !== undefined && catalog.handlersOf(plan).length > 0) return true;
  if (secretValues !== undefined && catalog.secretsOf(plan).length > 0) return true;
  return models !== undefined && catalog.modelsOf(plan).length > 0;
}

/** The workflows that the caller cannot start yet, by id, with what is to be set. */
export async function listNotReady(deps: ServiceDeps, caller: Principal): Promise<ReadonlyMap<string, string>> {
  requireScope(caller, 'read');
  const { organizationId } = caller;
  const notReady = new Map<string, string>();
  for (const { plan } of deps.catalog.list(organizationId)) {
    if (!needsConfiguration(deps, plan)) continue;
    const reason = await explainPlan(deps, { plan, organizationId });
    if (reason !== null) notReady.set(plan.workflowId, reason);
  }
  return notReady;
}

/** What is to be set before the caller can start the workflow; null when nothing is, or there is no such workflow. */
export async function explainNotReady(
  deps: ServiceDeps,
  caller: Principal,
  { workflowId }: { readonly workflowId: string },
): Promise<string | null> {
  requireScope(caller, 'read');
  const found = deps.catalog.get(workflowId, caller.organizationId);
  return found === null ? null : explainPlan(deps, { plan: found.plan, organizationId: caller.organizationId });
}
