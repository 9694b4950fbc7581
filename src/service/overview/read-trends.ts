import { yieldIfBusy } from '../../core/event-loop.js';
import { spanOf, spansOf, type TrendPage, type WorkflowTrend } from '../../core/estimates/overview.js';
import { isTerminal } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { CatalogEntry } from '../state/catalog.js';
import { findLatest } from '../runs/search/find-latest.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';

/** A trend rests on the latest so many runs, in spans of some of them. */
const MAX_RUNS = 100;
const SPAN_RUNS = 10;
/** So many of them are shown each by itself. */
const MAX_LATEST = 30;

/** How the latest runs of some workflows went, by their ids. However many runs there are, a workflow costs the same. */
export async function readTrends(
  deps: ServiceDeps,
  caller: Principal,
  { afterId, limit }: { readonly afterId: string | null; readonly limit: number },
): Promise<TrendPage> {
  requireScope(caller, 'read');
  const all = deps.catalog.list(caller.organizationId);
  const rest = all.filter(({ plan }) => afterId === null || plan.workflowId > afterId);
  const page = rest.slice(0, limit);
  const workflows: WorkflowTrend[] = [];
  for (const entry of page) {
    workflows.push(await readTrend(deps, caller.organizationId, entry));
    await yieldIfBusy();
  }
  return { workflows, nextAfterId: rest.length > limit ? (page.at(-1)?.plan.workflowId ?? null) : null };
}

async function readTrend(
  deps: ServiceDeps,
  organizationId: string,
  { plan: { key, workflowId, name } }: CatalogEntry,
): Promise<WorkflowTrend> {
  const runs = await findLatest(deps.store, { organizationId, workflow: key, statuses: [], limit: MAX_RUNS });
  const latest = runs.slice(0, MAX_LATEST);
  const usages = latest.flatMap(({ status, usage }) => (isTerminal(status) && usage !== null ? [usage] : []));
  return {
    workflowId,
    workflowName: name,
    latest,
    whole: spanOf(runs),
    spans: spansOf(runs, SPAN_RUNS),
    costMicros: usages.reduce((sum, { costMicros }) => sum + costMicros, 0),
    unpricedRuns: usages.filter(({ unpricedCalls }) => unpricedCalls > 0).length,
  };
}
