import { quantilesOf, type WorkflowEstimate } from '../../core/estimates/estimate.js';
import type { RunListItem } from '../../core/run/run.js';
import { idOfKey } from '../../core/workflow/workflow-key.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { findWorkflow } from './workflows.js';
import { findLatest } from '../runs/search/find-latest.js';

/** An estimate rests on the latest so many runs. */
const MAX_RUNS = 100;

/**
 * By the latest runs of the organization that completed, wholly or in part: what failed or was cancelled says little of
 * what a run takes, and a rerun from a node did only some of the work.
 */
export async function estimateWorkflow(
  deps: ServiceDeps,
  caller: Principal,
  { workflowId }: { readonly workflowId: string },
): Promise<WorkflowEstimate> {
  const { plan } = findWorkflow(deps, caller, workflowId);
  return estimateBy(deps, { organizationId: caller.organizationId, workflow: plan.key, creditsReserved: plan.credits });
}

/** What a run of a definition would take that reserves so much, by the runs of the same workflow, named by its key. */
export async function estimateBy(
  deps: Pick<ServiceDeps, 'store'>,
  params: { readonly organizationId: string; readonly workflow: string; readonly creditsReserved: number },
): Promise<WorkflowEstimate> {
  const { organizationId, workflow, creditsReserved } = params;
  const runs = await readLatest(deps, organizationId, workflow);
  const usages = runs.map(({ usage }) => usage);
  return {
    workflowId: idOfKey(workflow),
    runs: runs.length,
    since: runs.at(-1)?.createdAt ?? null,
    creditsReserved,
    durationMs: quantilesOf(
      runs.map(({ startedAt, completedAt, createdAt }) => (completedAt ?? createdAt) - (startedAt ?? createdAt)),
    ),
    credits: quantilesOf(runs.map(({ creditsConsumed }) => creditsConsumed)),
    costMicros: quantilesOf(usages.map((usage) => usage?.costMicros ?? 0)),
    unpricedRuns: usages.filter((usage) => usage !== null && usage.unpricedCalls > 0).length,
  };
}

/** Newest first. */
async function readLatest(
  { store }: Pick<ServiceDeps, 'store'>,
  organizationId: string,
  workflow: string,
): Promise<readonly RunListItem[]> {
  const statuses = ['completed', 'partial_complete'] as const;
  const found = await findLatest(store, { organizationId, workflow, statuses, limit: MAX_RUNS });
  return found.filter(({ rerunOf }) => (rerunOf?.fromNode ?? null) === null);
}
