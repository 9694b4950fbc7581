import type { EventChanges } from '../../events/kept-event.js';
import type { Delivery } from '../../webhooks/delivery.js';
import type { Budget, Usage } from '../../models/models.js';
import type { SharedBudget } from '../../models/shared-budget.js';
import type { CreditMovement } from '../../run/credits.js';
import type { TellMark } from './credit-store.js';
import type { RunEvent } from '../../run/events.js';
import type { Run, RunListItem, RunStatus } from '../../run/run.js';
import type { RunTerm } from '../../search/run-terms.js';
import type { AuditFact } from '../../tenant/audit.js';

export interface RunKey {
  readonly organizationId: string;
  readonly runId: string;
}

export interface Idempotency {
  readonly key: string;
  readonly inputHash: string;
}

export interface CreatedRun {
  readonly idempotency: Idempotency | null;
  /** By which the parent (`run.parent`) knows a run that it started. Unique among the runs of one parent. */
  readonly childKey: string | null;
  /** Where the run shares a budget with those that it starts: what that is. */
  readonly budget?: Budget;
}

/**
 * What is kept of a run that somebody takes up to drive it. `epoch` grows with each time; `crashes` says how often the
 * process that drove it, or a worker, has died while a node of it may have been at work, since an attempt at one of them last ended
 * and since a person last retried it.
 */
export interface BegunDrive {
  readonly run: Run;
  readonly epoch: number;
  readonly crashes: number;
}

/** The epoch of whoever takes up a run that has just been made: it need not be raised. */
export const FIRST_EPOCH = 1;

/** What models have used for a run, of one model within one month. */
export interface ModelUse {
  /** `YYYY-MM`, UTC. */
  readonly month: string;
  /** `provider/model`. */
  readonly model: string;
  readonly usage: Usage;
}

export interface CommitRunParams {
  /** The record that the events make of the kept one. */
  readonly run: Run;
  /** Never empty. The first follows the kept record's version; the last gives the new one. */
  readonly events: readonly RunEvent[];
  /**
   * Whose commit it is: what `beginDrive` gave, or `FIRST_EPOCH`. Null: that of somebody who does not drive the run. It
   * is kept only if the run is as it was read, raises the epoch, and forgets what crashed.
   */
  readonly epoch: number | null;
  /** For the commit that makes the run. */
  readonly created: CreatedRun | null;
  /** For the ledger. A `reserve` is refused unless as much as it reserves is available at that moment. */
  readonly movement: CreditMovement | null;
  /** Nobody is told of marks that the movement reaches when not given. */
  readonly tellMark?: TellMark | undefined;
  readonly usage: readonly ModelUse[];
  /** Put in the places of the events of earlier commits with the same `seq`: for what is not to be kept. */
  readonly rewritten: readonly RunEvent[];
  /** What others are to be told of it. None when not given. */
  readonly deliveries?: readonly Delivery[];
  /** What the run is found by from now on, besides. None when not given. */
  readonly terms?: readonly RunTerm[];
  /** Whether it is found no longer by what an earlier outcome of it said. */
  readonly clearsOutcome?: boolean;
  /** What it changes of what the run waits for. Nothing when not given. */
  readonly eventChanges?: EventChanges | undefined;
  /** What goes into the trail of the run's organization with it. Nothing when not given. */
  readonly audit?: readonly AuditFact[] | undefined;
}

/**
 * `kept`: all of it is durable. `repeated`: it was kept before, by an earlier try of the same commit.
 * `superseded`: the run has been taken over, changed by others or removed. Of the latter two nothing is written.
 */
export type CommitOutcome = 'kept' | 'repeated' | 'superseded';

/** What became of one of several commits. */
export type CommitVerdict =
  { readonly ok: true; readonly outcome: CommitOutcome } | { readonly ok: false; readonly error: unknown };

export interface FindByIdempotencyKeyParams {
  readonly organizationId: string;
  readonly key: string;
}

export interface FindChildParams {
  readonly organizationId: string;
  readonly parentRunId: string;
  readonly key: string;
}

export interface ListRunsQuery {
  readonly organizationId: string;
  readonly status?: RunStatus;
  readonly workflowId?: string;
  readonly limit: number;
  readonly offset: number;
  /** Only runs with a lower id, which is to say older ones; `total` counts the others too. */
  readonly beforeId?: string;
}

export interface SearchRunsQuery {
  readonly organizationId: string;
  /** Runs that stand in one of these; empty: in any. */
  readonly statuses: readonly RunStatus[];
  readonly workflowId: string | null;
  /** Runs that have all of them. */
  readonly terms: readonly RunTerm[];
  /** Runs made at this moment or later. Ids are taken to hold the time, give or take two seconds. */
  readonly createdFrom: number | null;
  /** Runs made before this moment. */
  readonly createdBefore: number | null;
  /** Only runs with a lower id. */
  readonly beforeId: string | null;
  readonly limit: number;
  /** How many runs are looked at, at most. */
  readonly looksAt: number;
}

export interface FoundRuns {
  /** Newest first. May be fewer than `limit`, even none, though there are more. */
  readonly runs: readonly RunListItem[];
  /** The `beforeId` to go on with; null: there are no more. */
  readonly nextBeforeId: string | null;
}

export interface ListUnfinishedParams {
  readonly afterId: string | null;
  readonly limit: number;
}

export interface RunVersion {
  readonly runId: string;
  /** The workflow's key. */
  readonly workflowId: string;
  readonly version: number;
}

export interface ListRunVersionsParams {
  /** The newest of them; null: the newest there is. */
  readonly upTo: string | null;
  readonly limit: number;
}

export interface RunStore {
  /**
   * Takes a run over: commits of whoever drove it before are superseded from now on. Null when there is no such run.
   */
  beginDrive(params: RunKey): Promise<BegunDrive | null>;
  /** What the run works on was cut off so often by now (see `BegunDrive`), when a worker last ended. */
  noteCutOff(params: RunKey & { readonly times: number }): Promise<void>;
  /**
   * Keeps a run's new record, the events that made it, its movement of credits and what models used, all or nothing.
   * Nothing else writes any of a run. Throws `insufficient_credits`, and `conflict` when a run that is to be made
   * cannot be: `details.reason` is `id`, `idempotency_key`, `child_key` or `shared_budget`.
   */
  commit(params: CommitRunParams): Promise<CommitOutcome>;
  /**
   * Keeps several of these in one transaction, in this order, each of another run and with another idempotency key. One
   * that is refused takes none of the others with it.
   */
  commitAll(params: readonly CommitRunParams[]): Promise<readonly CommitVerdict[]>;
  get(params: RunKey): Promise<Run | null>;
  /** The same without its nodes and its output, which take long to read where they are large. */
  getItem(params: RunKey): Promise<RunListItem | null>;
  findByIdempotencyKey(
    params: FindByIdempotencyKeyParams,
  ): Promise<{ readonly run: Run; readonly inputHash: string } | null>;
  /** The run that a run of the organization started under this key. */
  findChild(params: FindChildParams): Promise<Run | null>;
  /** The shared budgets of these runs; those that have none are left out. */
  listBudgets(params: { readonly runIds: readonly string[] }): Promise<readonly SharedBudget[]>;
  /** Newest first. `total` counts what fits the filters. */
  list(query: ListRunsQuery): Promise<{ runs: RunListItem[]; total: number }>;
  /**
   * Newest first. However many runs there are, no more than `looksAt` are looked at, found in an index by what the
   * fewest have.
   */
  search(query: SearchRunsQuery): Promise<FoundRuns>;
  /** Runs that are not terminal, of every organization, oldest first, with ids after `afterId`. */
  listUnfinished(params: ListUnfinishedParams): Promise<Run[]>;
  /** The ids of unfinished runs with at least so many `crashes` (see `BegunDrive`), oldest first. */
  listCrashed(params: { readonly atLeast: number }): Promise<string[]>;
  /** Which versions runs of every organization are on, newest first, from the run `upTo` on (or the next older one). */
  listVersions(params: ListRunVersionsParams): Promise<RunVersion[]>;
}
