import type { WorkflowEstimate } from '../../core/estimates/estimate.js';
import type { Overview, TrendPage } from '../../core/estimates/overview.js';
import type { DaysReport } from '../../core/estimates/run-days.js';
import type { CreditBalance } from '../../core/run/credits.js';
import type { LimitUse } from '../../core/tenant/scheduling.js';
import type { InOrganization } from './in-organization.js';
import type { Principal } from '../../core/tenant/principal.js';

/** The limits of an organization, and how near it is to them. */
export interface OrganizationLimits {
  readonly organizationId: string;
  readonly runs: OwnedLimit;
  readonly nodes: OwnedLimit;
  readonly balance: CreditBalance;
  /** Of the workflows for all organizations that it can start, those that have limits. */
  readonly workflows: readonly WorkflowLimits[];
  /** Those that are declared and that workflows which it can start use. */
  readonly resources: readonly SharedResource[];
}

/** A limit that organizations share. */
export interface SharedLimit {
  /** By all of them together; null for whoever does not operate the server. */
  readonly used: number | null;
  readonly limit: number;
}

export interface WorkflowLimits {
  readonly workflowId: string;
  /** Null: none. */
  readonly runs: SharedLimit | null;
  readonly nodes: SharedLimit | null;
}

export interface SharedResource {
  readonly name: string;
  /** Null: none. */
  readonly concurrency: SharedLimit | null;
  readonly rate: (SharedLimit & { readonly perMs: number }) | null;
}

interface OwnedLimit extends LimitUse {
  /** Whether it was set for this organization; else it is the server's. */
  readonly isOwn: boolean;
}

/** How an organization's runs go, at a cost that does not grow with them. */
export interface OverviewServices {
  /** What a run is likely to take, by the latest of the organization that completed, 100 at most. */
  estimateWorkflow(caller: Principal, params: { readonly workflowId: string }): Promise<WorkflowEstimate>;
  /** How many runs stand how, and what the newest unfinished ones wait for. */
  readOverview(caller: Principal): Promise<Overview>;
  /** What runs, nodes and uses of resources take of their limits is of the process that answers. */
  readLimits(caller: Principal, params?: InOrganization): Promise<OrganizationLimits>;
  /** How the runs went that ended on each of the last days, of one workflow or (null) of all. */
  readDays(
    caller: Principal,
    params: { readonly workflowId: string | null; readonly days: number },
  ): Promise<DaysReport>;
  /** How the latest runs of each workflow went, by the ids of workflows. */
  readTrends(
    caller: Principal,
    params: { readonly afterId: string | null; readonly limit: number },
  ): Promise<TrendPage>;
}
