import type { Json } from '../../core/json.js';
import type { WorkflowDescription } from '../../core/handlers/node-kind.js';
import type { SharedBudget } from '../../core/models/shared-budget.js';
import type { SharedCalls } from '../../core/models/shared-calls.js';
import type { Run, RunParent } from '../../core/run/run.js';

export interface StartChildParams {
  readonly organizationId: string;
  readonly parent: RunParent;
  /** The organization whose own the workflow of the parent is; null: for all. */
  readonly owner: string | null;
  readonly workflowId: string;
  /** The newest when null. */
  readonly version: number | null;
  readonly input: Json;
  readonly instruction: string | null;
  readonly priority: number;
  /** Those of the run that starts it. */
  readonly sharedBudgets?: readonly string[] | undefined;
  /** Whether the run that starts it has paid for it. */
  readonly isIncluded?: boolean;
  /** The same key of the same parent gives the same run. */
  readonly key: string;
}

/** How a run reaches the runs that its nodes start. All are of its own organization. */
export interface ChildRuns {
  /**
   * Resolves once the run is durably recorded with its credits reserved. Throws `ErrandError`, and then there is no
   * such run.
   */
  start(params: StartChildParams): Promise<Run>;
  /** The newest version of a workflow; null when there is none. */
  describe(params: {
    readonly workflowId: string;
    /** Of the workflow that asks. */
    readonly owner: string | null;
  }): WorkflowDescription | null;
  get(params: { readonly organizationId: string; readonly runId: string }): Promise<Run | null>;
  /** What has come of these shared budgets by now, over all runs that draw from them. */
  listBudgets(params: { readonly runIds: readonly string[] }): Promise<readonly SharedBudget[]>;
  /** Calls of models under way that are not in those yet. */
  readonly sharedCalls: SharedCalls;
  /** Leaves a run alone that has ended. */
  cancel(params: { readonly organizationId: string; readonly runId: string; readonly reason: string }): Promise<void>;
}
