import type { Json } from '../json.js';
import type { Question } from '../run/node-execution.js';
import type { Run } from '../run/run.js';
import type { AuditFact } from '../tenant/audit.js';
import type { LimitsUse, SharedUse } from '../tenant/scheduling.js';
import type { Organization } from '../tenant/organization.js';

/**
 * What a run, or nodes of it by their ids, wait for before they may go ahead, as phrases:
 * `a free slot: 500 of 500 runs are active`.
 */
export interface WaitReasons {
  readonly run: string | null;
  readonly nodes: ReadonlyMap<string, string>;
}

export const NO_WAITS: WaitReasons = { run: null, nodes: new Map() };

export interface DispatchParams {
  readonly run: Run;
  /** `FIRST_EPOCH` for a run that has just been made. Null: it is taken over from whoever drove it. */
  readonly epoch: number | null;
  /** What the run was made with, where its log holds nothing but that. */
  readonly start: { readonly input: Json; readonly instruction: string | null } | null;
}

export interface CancelParams {
  readonly run: Run;
  readonly reason: string;
  readonly audit?: AuditFact | undefined;
}

/** Decides which process drives which runs, and when; how a run is driven is the runner's (`runner/run-driver.ts`). */
export interface Engine {
  /** Resumes every unfinished run. */
  start(): Promise<void>;
  /** Throws `unavailable` unless runs can be taken on; called before a run is recorded. */
  assertAccepting(): Promise<void>;
  /** Takes on a run that has just been recorded, or taken up again. */
  dispatch(params: DispatchParams): Promise<void>;
  explainWaits(params: { readonly runId: string }): Promise<WaitReasons>;
  /** What the organization's runs take of its limits, in this process. */
  readUse(params: { readonly organizationId: string }): Promise<LimitsUse>;
  /** What all organizations together take of limits that they share, in this process. */
  readSharedUse(): SharedUse;
  /** Limits are others than before: those of an organization, or (null) of workflows or resources. */
  limitsChanged(organization: Organization | null): Promise<void>;
  /**
   * Ends a run as cancelled. Resolves with its record once that is durable; throws `conflict` when it is already
   * terminal. `audit` goes into the trail in the commit that ends it, where this cancel is what ends it.
   */
  cancel(params: CancelParams): Promise<Run>;
  /**
   * Hands an answer that fits the question to a node that waits for one. Resolves once it is durable, whether the run
   * may go on just now or not. Throws `conflict` when the node does not wait for an answer or asks another question by
   * now, `unavailable` when the answer could not be taken.
   */
  answer(params: {
    readonly run: Run;
    readonly nodeId: string;
    /** As it was read. */
    readonly question: Question;
    readonly answer: Json;
    /** For the trail, in the commit of the answer. */
    readonly audit?: AuditFact | undefined;
  }): Promise<void>;
  /**
   * Has whoever drives the run look at what its nodes wait for: there may be an event for them. Nothing is lost once it
   * resolves; a run that has ended is left alone.
   */
  look(run: { readonly organizationId: string; readonly runId: string }): Promise<void>;
  /** Takes on nothing more, lets running nodes finish for `graceMs`, then leaves the rest to be resumed. */
  stop(params: { readonly graceMs: number }): Promise<void>;
}
