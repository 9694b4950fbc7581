import { type BulkOrder, MAX_PREVIEWED_RUNS } from '../../../core/bulk/bulk-job.js';
import { yieldIfBusy } from '../../../core/event-loop.js';
import { creditsHeld, type RunFields, type RunStatus } from '../../../core/run/run.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { BulkParams, BulkPreview } from '../../interface/bulk.js';
import { getCredits } from '../../organizations/credits.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { requireScope } from '../../use-case/require-scope.js';
import { belongsToParent, findRuns } from './find-runs.js';
import { readOrder } from './read-order.js';

const PER_PAGE = 500;
/** Pages that are looked at, where few of the runs fit. */
const MAX_PAGES = 100;

export async function previewBulkJob(deps: ServiceDeps, caller: Principal, params: BulkParams): Promise<BulkPreview> {
  requireScope(caller, 'run');
  const order = readOrder(deps, caller.organizationId, params);
  return countRuns(deps, caller, order);
}

export async function countRuns(deps: ServiceDeps, caller: Principal, order: BulkOrder): Promise<BulkPreview> {
  const { organizationId } = caller;
  const count = new RunCount(deps, organizationId, order);
  let beforeId: string | null = deps.newId();
  for (let pages = 0; beforeId !== null && pages < MAX_PAGES && !count.isFull; pages += 1) {
    const found = await findRuns(deps, { organizationId, filter: order.filter, beforeId, limit: PER_PAGE });
    for (const run of found.runs) count.add(run);
    beforeId = found.nextBeforeId;
    // A store may answer at once.
    await yieldIfBusy();
  }
  const { available } = await getCredits(deps, caller, {});
  return { order, ...count.told(), hasMore: beforeId !== null, creditsAvailable: available };
}

class RunCount {
  readonly #deps: Pick<ServiceDeps, 'catalog'>;
  readonly #organizationId: string;
  readonly #order: BulkOrder;
  readonly #statuses = new Map<RunStatus, number>();
  readonly #workflows = new Map<string, number>();
  #runs = 0;
  #skipped = 0;
  #reserved = 0;
  #released = 0;

  constructor(deps: Pick<ServiceDeps, 'catalog'>, organizationId: string, order: BulkOrder) {
    this.#deps = deps;
    this.#organizationId = organizationId;
    this.#order = order;
  }

  get isFull(): boolean {
    return this.#runs + this.#skipped >= MAX_PREVIEWED_RUNS;
  }

  add(run: RunFields): void {
    const { action } = this.#order;
    if (belongsToParent(action, run)) {
      this.#skipped += 1;
      return;
    }
    this.#runs += 1;
    this.#statuses.set(run.status, (this.#statuses.get(run.status) ?? 0) + 1);
    this.#workflows.set(run.workflowId, (this.#workflows.get(run.workflowId) ?? 0) + 1);
    if (action === 'cancel') this.#released += creditsHeld(run);
    else this.#reserved += this.#costOf(run);
  }

  told(): Pick<BulkPreview, 'runs' | 'byStatus' | 'byWorkflow' | 'skipped' | 'creditsReserved' | 'creditsReleased'> {
    const byWorkflow = [...this.#workflows].map(([workflowId, runs]) => ({ workflowId, runs }));
    return {
      runs: this.#runs,
      byStatus: Object.fromEntries(this.#statuses),
      byWorkflow: byWorkflow.toSorted((a, b) => b.runs - a.runs || (a.workflowId < b.workflowId ? -1 : 1)),
      skipped: this.#skipped,
      creditsReserved: this.#reserved,
      creditsReleased: this.#released,
    };
  }

  /** A retry reserves what the run has not cost yet; a rerun, what the workflow costs by now. */
  #costOf(run: RunFields): number {
    if (this.#order.action === 'retry') return run.creditsReserved - run.creditsConsumed;
    const latest = this.#order.sameVersion ? null : this.#deps.catalog.get(run.workflowId, this.#organizationId);
    return latest?.plan.credits ?? run.creditsReserved;
  }
}
