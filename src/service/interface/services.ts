import type { ErrandError } from '../../core/errors.js';
import type { Clock } from '../../core/ports/clock.js';
import type { CreditBalance, CreditMovement } from '../../core/run/credits.js';
import type { WorkflowRecord } from '../../core/workflow/definition.js';
import type { NodeError } from '../../core/run/node-execution.js';
import type { RunEvent, StepOutcome } from '../../core/run/events.js';
import type { Json } from '../../core/json.js';
import type { ModelsDescription, ModelTest } from '../../core/models/model-directory.js';
import type { Usage } from '../../core/models/models.js';
import type { Principal, Scope } from '../../core/tenant/principal.js';
import type { InOrganization } from './in-organization.js';
import type { RunGraphNode } from '../../core/workflow/graph-node.js';
import type { OverviewServices } from './overview.js';
import type { AuthoringServices } from './authoring.js';
import type { AuditServices } from './audit.js';
import type { WebhookServices } from './webhooks.js';
import type { RunLabels } from '../../core/search/labels.js';
import type { RunCallback } from '../../core/webhooks/webhook.js';
import type { EventServices } from './events.js';
import type { HookServices } from './hooks.js';
import type { SecretServices } from './secrets.js';
import type { BulkServices } from './bulk.js';
import type { RunFilter } from './run-filter.js';
import type { ScheduleServices } from './schedules.js';
import type { WaitReasons } from '../../core/ports/engine.js';
import type { Run, RunListItem, RunStatus } from '../../core/run/run.js';
import type { Retention } from '../../core/run/retention.js';
import type { Priority } from '../../core/tenant/scheduling.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import type { ModelCredential } from '../../core/ports/store/model-store.js';
import type { FoundRuns } from '../../core/ports/store/run-store.js';
import type { ModelMonth } from '../../core/ports/store/model-store.js';
import type { Organization, OrganizationSettings } from '../../core/tenant/organization.js';

/**
 * Everything that Errand can be asked to do: the only way in for MCP, REST, the command line and the library.
 * Each checks the caller's scopes, keeps to the caller's organization, and throws `ErrandError`.
 * `runId` is the bare UUID; each protocol takes off its own prefix first.
 */
export interface Services
  extends
    BulkServices,
    ScheduleServices,
    AuditServices,
    WebhookServices,
    HookServices,
    EventServices,
    SecretServices,
    AuthoringServices,
    OverviewServices {
  /** The server's time, for what is said and done relative to it. */
  readonly clock: Clock;

  /** Sorted by id. */
  listWorkflows(caller: Principal): Promise<readonly WorkflowRecord[]>;
  getWorkflow(caller: Principal, params: { readonly workflowId: string }): Promise<WorkflowRecord>;

  /** The workflows that the caller cannot start yet, by id, with what is to be set first, in sentences. */
  listNotReady(caller: Principal): Promise<ReadonlyMap<string, string>>;
  /** The same of one workflow: null when it can be started, or is none of the caller's. */
  explainNotReady(caller: Principal, params: { readonly workflowId: string }): Promise<string | null>;

  /**
   * Resolves once the run is durably recorded and its credits are reserved. `not_configured` when something is to be
   * set first.
   */
  runWorkflow(caller: Principal, params: RunWorkflowParams): Promise<RunWorkflowResult>;
  /**
   * Starts 1 to 1,000 runs with one commit, each with an outcome of its own, in the order of the requests. The
   * credits of each are reserved or refused by themselves.
   */
  runBatch(caller: Principal, requests: readonly RunWorkflowParams[]): Promise<readonly BatchOutcome[]>;
  getRun(caller: Principal, params: { readonly runId: string }): Promise<Run>;
  /**
   * Resolves when the run is terminal, when its version is above `sinceVersion` (if given), or when the time is up.
   * Rejects when the caller's key ends.
   */
  waitForRun(caller: Principal, params: WaitForRunParams): Promise<Run>;
  listRuns(
    caller: Principal,
    params: ListRunsParams,
  ): Promise<{ readonly runs: readonly RunListItem[]; readonly total: number }>;
  /**
   * Finds runs by what they have, newest first, from the run before `beforeId` on. A page may hold fewer runs than its
   * limit, even none, though there are more: `nextBeforeId` says how to go on. `invalid_input` for a field that no
   * workflow declares as searchable.
   */
  searchRuns(caller: Principal, params: SearchRunsParams): Promise<FoundRuns>;
  /** What a run and its nodes wait for before they may go ahead. */
  explainWaits(caller: Principal, run: Run): Promise<WaitReasons>;
  /** Resolves with the cancelled run, also when it was cancelled before; `conflict` when it has ended otherwise. */
  cancelRun(caller: Principal, params: { readonly runId: string; readonly reason?: string }): Promise<Run>;
  /**
   * Answers what a node asks; the answer must fit the question's schema. Resolves once it is durable; `conflict` when
   * the node does not wait for an answer.
   */
  answerRun(caller: Principal, params: AnswerRunParams): Promise<Run>;
  /**
   * Runs again, in the same run, the nodes that failed, were cancelled or never got their turn, and those that depend
   * on them. What the run has not cost yet is reserved again. `conflict` unless it is failed, cancelled or partly
   * complete.
   */
  retryRun(caller: Principal, params: RetryRunParams): Promise<Run>;
  /**
   * Starts a new run of the same workflow, on its newest version unless told otherwise, linked to the earlier one; with
   * `fromNode`, nodes that do not depend on that one have the outcomes of the earlier run.
   */
  rerun(caller: Principal, params: RerunParams): Promise<RerunResult>;
  /** The run's input as it was given, with its schema's defaults filled in. */
  getRunInput(
    caller: Principal,
    params: { readonly runId: string },
  ): Promise<{ readonly input: Json; readonly instruction: string | null }>;
  /** Those after `afterSeq`: at most `limit`, and fewer where they are large. */
  listRunEvents(
    caller: Principal,
    params: { readonly runId: string; readonly afterSeq: number; readonly limit: number },
  ): Promise<RunEvents>;
  /**
   * The run's log from `afterSeq` on, as it grows; ends with the event that ends the run, when `signal` aborts, or with
   * the caller's key.
   */
  watchRun(
    caller: Principal,
    params: { readonly runId: string; readonly afterSeq: number; readonly signal: AbortSignal },
  ): AsyncIterable<RunEvent>;

  /** The run as it stands; `listener` then gets its record after every commit, until `stop` is called. */
  followRun(caller: Principal, params: FollowRunParams): Promise<{ readonly run: Run; readonly stop: () => void }>;
  /** What the run's completed nodes gave, in the order of their completion. */
  listNodeOutputs(caller: Principal, params: { readonly runId: string }): AsyncIterable<NodeOutput>;
  /** The items of a node that have ended (of a `map`), in the order in which they ended. */
  listNodeItems(caller: Principal, params: ListNodeItemsParams): Promise<NodeItems>;
  /** Which nodes of the version that a run is on come after which. */
  getRunGraph(caller: Principal, params: { readonly runId: string }): Promise<readonly RunGraphNode[]>;
  /** What a node's latest attempt was given; `conflict` when it has had none. */
  getNodeInput(caller: Principal, params: { readonly runId: string; readonly nodeId: string }): Promise<NodeInput>;
  /**
   * Calls `listener` once, when the caller's key is revoked or expires; returns what undoes that. For what goes on
   * after its answer.
   */
  onKeyEnded(caller: Principal, listener: () => void): () => void;
  /** Calls `listener` whenever the workflows that the caller can start are others than before; returns what ends that. */
  onWorkflowsChanged(caller: Principal, listener: () => void): () => void;

  getCredits(caller: Principal, params?: InOrganization): Promise<CreditBalance>;
  listCreditMovements(caller: Principal, params: ListCreditMovementsParams): Promise<readonly CreditMovement[]>;
  setCreditLimit(
    caller: Principal,
    params: { readonly organization: string; readonly monthlyCredits: number },
  ): Promise<CreditBalance>;

  topUpCredits(caller: Principal, params: TopUpParams): Promise<{ readonly topUp: TopUp; readonly created: boolean }>;

  createOrganization(
    caller: Principal,
    params: CreateOrganizationParams,
  ): Promise<{ readonly organization: Organization; readonly created: boolean }>;
  /** Changes what is given; null stands for what the server's settings say. */
  updateOrganization(caller: Principal, params: UpdateOrganizationParams): Promise<Organization>;
  listOrganizations(
    caller: Principal,
    params: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly organizations: readonly Organization[]; readonly total: number }>;

  /** `key` is the only time that the key itself is seen, except for a repeat of the call with its idempotency key. */
  createKey(
    caller: Principal,
    params: CreateKeyParams,
  ): Promise<{ readonly key: string; readonly apiKey: ApiKey; readonly created: boolean }>;
  listKeys(caller: Principal, params: InOrganization): Promise<readonly ApiKey[]>;
  revokeKey(caller: Principal, params: InOrganization & { readonly keyId: string }): Promise<void>;

  /** What clients may do that people signed in for, as long as it lasts; oldest first. */
  listGrants(caller: Principal, params: InOrganization): Promise<readonly Grant[]>;
  /** Ends it at once, with the calls that wait and the streams of its client. */
  revokeGrant(caller: Principal, params: InOrganization & { readonly grantId: string }): Promise<void>;

  /** Which models there are, and what is to be set to use them. */
  describeModels(caller: Principal, params: InOrganization): Promise<ModelsDescription>;
  /** Asks a model a very short question. */
  testModel(caller: Principal, params: TestModelParams): Promise<ModelTest>;
  listModelCredentials(caller: Principal, params: InOrganization): Promise<readonly ModelCredentialView[]>;
  /** Replaces the key that the organization has for the provider. It goes before the environment's. */
  setModelCredential(
    caller: Principal,
    params: InOrganization & { readonly provider: string; readonly key: string },
  ): Promise<ModelCredentialView>;
  removeModelCredential(caller: Principal, params: InOrganization & { readonly provider: string }): Promise<void>;
  /** What models have used for the organization's runs in a month (`YYYY-MM`, UTC); in this one when none is given. */
  getUsage(caller: Principal, params: InOrganization & { readonly month?: string }): Promise<UsageOfMonth>;

  /** Throws `unavailable`, saying why, unless runs can be taken on and recorded. */
  checkReady(): Promise<void>;
}

/** A key of an organization for a provider of models, as it is shown: never the key. */
export type ModelCredentialView = Pick<ModelCredential, 'provider' | 'hint' | 'createdAt'>;

export interface TestModelParams extends InOrganization {
  /** `provider/model` or an alias; `default` when not given. */
  readonly model?: string;
  readonly signal: AbortSignal;
}

export interface UsageOfMonth {
  readonly month: string;
  /** By model. */
  readonly models: readonly ModelMonth[];
  readonly total: Usage;
}

export interface RunWorkflowParams extends RunLabels {
  readonly workflowId: string;
  readonly input: Json;
  /** An extra instruction for the run's agents. */
  readonly instruction?: string;
  /** The same key with the same input gives the same run; with another input, `conflict`. 1 to 200 characters. */
  readonly idempotencyKey?: string;
  /** Which of the organization's pending runs goes first: `normal` when not given. */
  readonly priority?: Priority;
  /** Where its events go; throws `invalid_input` for what is no address. */
  readonly callback?: RunCallback;
}

export interface RunWorkflowResult {
  readonly run: Run;
  readonly workflow: WorkflowRecord;
  /** False when an idempotency key named a run that was there already. */
  readonly created: boolean;
}

export type BatchOutcome =
  | { readonly kind: 'started'; readonly run: Run }
  /** An idempotency key named a run that was there already. */
  | { readonly kind: 'repeated'; readonly run: Run }
  | { readonly kind: 'refused'; readonly error: ErrandError };

/** Labels are the earlier run's when not given. */
export interface RerunParams extends RunLabels {
  /** The earlier run. */
  readonly runId: string;
  /** The earlier run's when not given. */
  readonly input?: Json;
  readonly instruction?: string;
  /** On the version of the earlier run, and not on the newest. */
  readonly sameVersion?: boolean;
  /** Not together with `input`. */
  readonly fromNode?: string;
  readonly idempotencyKey?: string;
  readonly priority?: Priority;
}

export type RerunResult = Pick<RunWorkflowResult, 'run' | 'created'>;

export interface WaitForRunParams {
  readonly runId: string;
  readonly sinceVersion?: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ListNodeItemsParams {
  readonly runId: string;
  readonly nodeId: string;
  readonly status?: StepOutcome['status'];
  /** Those after this event; 0 for all. */
  readonly afterSeq: number;
  readonly limit: number;
}

export interface NodeItem {
  /** Its place among the items, from 0. */
  readonly index: number;
  /** The attempt at the node in which it ended: with another one, those that had failed are done again. */
  readonly attempt: number;
  readonly outcome: StepOutcome;
  readonly seq: number;
  readonly at: number;
}

export interface NodeItems {
  readonly items: readonly NodeItem[];
  /** The `afterSeq` to go on with; null when there are no more for now. */
  readonly nextAfterSeq: number | null;
}

export interface NodeInput {
  readonly input: Json;
  /** Of its kind. */
  readonly fields: { readonly [name: string]: Json };
  /** Why its expressions give nothing. */
  readonly error: NodeError | null;
}

export interface RunEvents {
  readonly events: readonly RunEvent[];
  /** The `afterSeq` to go on with; null when there are no more for now. */
  readonly nextAfterSeq: number | null;
}

export interface AnswerRunParams {
  readonly runId: string;
  readonly nodeId: string;
  readonly answer: Json;
}

export interface FollowRunParams {
  readonly runId: string;
  /** Is not to throw. */
  readonly listener: (run: Run) => void;
}

export interface NodeOutput {
  readonly nodeId: string;
  readonly output: Json;
}

export interface ListRunsParams {
  readonly status?: RunStatus;
  readonly workflowId?: string;
  /** 1 to 100. */
  readonly limit: number;
  readonly offset: number;
  /** Only runs that are older than the one with this id; `total` counts the others too. */
  readonly beforeId?: string;
}

export interface SearchRunsParams extends RunFilter {
  /** 1 to 100. */
  readonly limit: number;
  readonly beforeId?: string;
}

export interface ListCreditMovementsParams extends InOrganization {
  readonly limit: number;
  readonly offset: number;
  /** Only movements that are older than the one with this id. */
  readonly beforeId?: string;
}

export interface TopUpParams {
  readonly organization: string;
  readonly credits: number;
  /** Why, for the ledger and the audit trail: 1 to 200 characters. */
  readonly reason: string;
  /** 1 to 200 characters: the same call with the same key tops up once. */
  readonly idempotencyKey?: string;
}

export interface TopUp {
  /** Of its movement. */
  readonly id: string;
  readonly credits: number;
  readonly reason: string;
  readonly balance: CreditBalance;
}

export interface UpdateOrganizationParams {
  /** Its slug or id. */
  readonly organization: string;
  readonly name?: string;
  /** Each a whole number from 1 on; null in one of them: no limit. */
  readonly limits?: NonNullable<OrganizationSettings['limits']> | null;
  /** Status by status; null in one of them takes it out. */
  readonly retention?: { readonly [Name in keyof Retention]: Retention[Name] | null } | null;
  /** 1 to 31. */
  readonly billingDay?: number | null;
}

export interface RetryRunParams {
  readonly runId: string;
  /** 1 to 200 characters: while it is that of the run's latest retry, the run is given as it is. */
  readonly idempotencyKey?: string;
}

export interface CreateOrganizationParams {
  readonly slug: string;
  readonly name?: string;
  readonly monthlyCredits: number;
  /** 1 to 200 characters: the same call with the same key gives what the first one made. */
  readonly idempotencyKey?: string;
}

export interface CreateKeyParams extends InOrganization {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch milliseconds; never when not given. */
  readonly expiresAt?: number;
  /** 1 to 200 characters: the same call of the same caller with the same key gives what the first one made. */
  readonly idempotencyKey?: string;
}
