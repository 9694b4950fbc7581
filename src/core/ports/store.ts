import type { CreditMovement } from '../run/credits.js';
import type { HandlerRef, WorkflowDefinition, WorkflowRecord, WorkflowVersion } from '../workflow/definition.js';
import type { RunEvent } from '../run/events.js';
import type { Json } from '../json.js';
import type { Usage } from '../models/models.js';
import type { Scope } from '../tenant/principal.js';
import type { EndedStatus, Retention } from '../run/retention.js';
import type { Run, RunListItem, RunStatus } from '../run/run.js';
import type { Limits } from '../tenant/scheduling.js';
import type { Sealed } from './secret-box.js';

export interface Organization {
  readonly id: string;
  /** Unique; lower-case letters, digits, `-` and `_`. */
  readonly slug: string;
  readonly name: string;
  readonly createdAt: number;
  /** Absent: what the server's settings say. */
  readonly settings?: OrganizationSettings;
}

/** What is set for one organization; what is absent is as the server's settings say. */
export interface OrganizationSettings {
  readonly limits?: { readonly [Name in keyof Limits]?: Limits[Name] };
  readonly retention?: Retention;
}

export interface CreditAccount {
  readonly organizationId: string;
  readonly monthlyLimit: number;
  readonly reserved: number;
  /** What was used in `month`; earlier months are in the ledger only. */
  readonly used: number;
  readonly month: string;
}

/** A key as it is kept: its hash, never the key. */
export interface ApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  /** SHA-256 of the whole key, hex. Unique. */
  readonly hash: string;
  /** The key's first characters, for people to tell keys apart: `sk_live_Ab3d`. */
  readonly hint: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** An organization's own key for a provider of models, sealed: whoever reads the store cannot read the key. */
export interface ModelCredential {
  readonly organizationId: string;
  /** The provider's name in the configuration: `openai`. */
  readonly provider: string;
  /** See `SecretBox`. */
  readonly sealed: Sealed;
  /** The key's last characters, for people to tell keys apart. */
  readonly hint: string;
  readonly createdAt: number;
}

/** What one organization has used of one model within a month. */
export interface ModelMonth {
  /** `provider/model`. */
  readonly model: string;
  readonly usage: Usage;
}

export interface NewRun {
  readonly run: Run;
  readonly idempotency: { readonly key: string; readonly inputHash: string } | null;
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

export interface ListEndedRunsParams {
  readonly organizationId: string;
  readonly status: EndedStatus;
  readonly afterId: string | null;
  readonly limit: number;
}

export interface EndedRun {
  readonly id: string;
  readonly createdAt: number;
  readonly completedAt: number;
}

export interface RunVersion {
  readonly runId: string;
  readonly workflowId: string;
  readonly version: number;
}

export interface DeleteRunsParams {
  readonly organizationId: string;
  readonly runIds: readonly string[];
  /** Leaves those that ended later; null: no bound. */
  readonly completedBefore: number | null;
}

/**
 * Where records live. Everything is durable when its promise resolves (for a transaction: when the transaction's does).
 * Reads outside a transaction see committed records only.
 */
export interface Store {
  /**
   * All or nothing. `work` gets a store of the same type whose calls are part of the transaction; it must await nothing
   * else, and may be run again from the start after a clash, so it must have no other effect. Transactions never nest.
   */
  transaction<T>(work: (tx: Store) => Promise<T>): Promise<T>;

  insertOrganization(organization: Organization): Promise<void>;
  getOrganization(params: { readonly id: string }): Promise<Organization | null>;
  findOrganization(params: { readonly slug: string }): Promise<Organization | null>;
  /** Replaces the name and the settings; false when there is no such organization. */
  updateOrganization(organization: Organization): Promise<boolean>;
  listOrganizations(params: {
    readonly limit: number;
    readonly offset: number;
  }): Promise<{ organizations: Organization[]; total: number }>;

  insertKey(key: ApiKey): Promise<void>;
  findKey(params: { readonly hash: string }): Promise<ApiKey | null>;
  listKeys(params: { readonly organizationId: string }): Promise<ApiKey[]>;
  /** False when the organization has no such key. Revoking twice keeps the first moment. */
  revokeKey(params: { readonly organizationId: string; readonly id: string; readonly at: number }): Promise<boolean>;
  touchKey(params: { readonly id: string; readonly at: number }): Promise<void>;

  /** Replaces the one that the organization has for the provider. */
  saveModelCredential(credential: ModelCredential): Promise<void>;
  getModelCredential(params: {
    readonly organizationId: string;
    readonly provider: string;
  }): Promise<ModelCredential | null>;
  /** By provider. */
  listModelCredentials(params: { readonly organizationId: string }): Promise<ModelCredential[]>;
  /** False when there is none. */
  deleteModelCredential(params: { readonly organizationId: string; readonly provider: string }): Promise<boolean>;

  /** Adds to what the organization has used of a model in a month (`YYYY-MM`, UTC). */
  addModelUsage(params: ModelMonth & { readonly organizationId: string; readonly month: string }): Promise<void>;
  /** By model. */
  listModelUsage(params: { readonly organizationId: string; readonly month: string }): Promise<ModelMonth[]>;

  /** Keeps a definition. The newest version's hash again: that version is returned, nothing is written. */
  saveWorkflowVersion(params: {
    readonly workflowId: string;
    readonly hash: string;
    readonly definition: WorkflowDefinition;
    readonly handlers: { readonly [nodePath: string]: HandlerRef };
    readonly at: number;
  }): Promise<WorkflowRecord>;
  getWorkflowVersion(params: {
    readonly workflowId: string;
    readonly version: number;
  }): Promise<WorkflowVersion | null>;

  /** Of all workflows, by workflow and version, those after `after`. */
  listWorkflowVersions(params: {
    readonly after: { readonly workflowId: string; readonly version: number } | null;
    readonly limit: number;
  }): Promise<WorkflowVersion[]>;

  insertRun(params: NewRun): Promise<void>;
  /** Replaces the run's record if the kept one has a lower `version`; false, and nothing written, otherwise. */
  saveRun(run: Run): Promise<boolean>;
  getRun(params: { readonly organizationId: string; readonly runId: string }): Promise<Run | null>;
  findRunByIdempotencyKey(params: {
    readonly organizationId: string;
    readonly key: string;
  }): Promise<{ readonly run: Run; readonly inputHash: string } | null>;
  /** Newest first. `total` counts what fits the filters. */
  listRuns(query: ListRunsQuery): Promise<{ runs: RunListItem[]; total: number }>;
  /** Runs that are not terminal, of every organization, oldest first, with ids after `afterId`. */
  listUnfinishedRuns(params: { readonly afterId: string | null; readonly limit: number }): Promise<Run[]>;

  /** Which versions runs of every organization are on, newest first, from the run `upTo` on (or the next older one); null: from the newest on. */
  listRunVersions(params: { readonly upTo: string | null; readonly limit: number }): Promise<RunVersion[]>;

  /** Of one status, oldest first, with ids after `afterId`. */
  listEndedRuns(params: ListEndedRunsParams): Promise<EndedRun[]>;
  /**
   * Removes ended runs, and with them their idempotency keys; their credit movements stay. Leaves those that go on, and those that were started by a
   * run that goes on. Returns how many are gone. What is left of their logs goes with `purgeDeletedRuns`.
   */
  deleteRuns(params: DeleteRunsParams): Promise<number>;
  /** Removes at most about `limit` rows that deleted runs have left behind; true when there may be more. */
  purgeDeletedRuns(params: { readonly limit: number }): Promise<boolean>;

  appendEvents(params: { readonly runId: string; readonly events: readonly RunEvent[] }): Promise<void>;
  /** In order, those with `seq > afterSeq`: at most `limit`, and fewer where they are large; at least one if there is one. */
  listEvents(params: {
    readonly runId: string;
    readonly afterSeq: number;
    readonly limit: number;
  }): Promise<RunEvent[]>;
  /**
   * Puts another event in the place of each for which `rewrite` gives one; null leaves it. What an event says of its run's record must stay the same,
   * as must its number and its moment. For what is not to be kept.
   */
  rewriteEvents(params: {
    readonly runId: string;
    readonly rewrite: (event: RunEvent) => RunEvent | null;
  }): Promise<void>;
  /** The input and instruction that the run was made with. */
  getRunInput(params: { readonly runId: string }): Promise<{ input: Json; instruction: string | null } | null>;

  getCreditAccount(params: { readonly organizationId: string }): Promise<CreditAccount | null>;
  setCreditLimit(params: {
    readonly organizationId: string;
    readonly monthlyLimit: number;
    readonly month: string;
  }): Promise<void>;
  /**
   * Writes the movement into the ledger and its deltas into the account. With `requireAvailable`, only if at least that much is
   * available at that moment (false, and nothing written, otherwise): checked and written as one, under any concurrency.
   */
  moveCredits(movement: CreditMovement, requireAvailable?: number): Promise<boolean>;
  listCreditMovements(params: {
    readonly organizationId: string;
    readonly limit: number;
    readonly offset: number;
    /** Only movements with a lower id, which is to say older ones. */
    readonly beforeId?: string;
  }): Promise<CreditMovement[]>;
  /** The ledger added up, for checks: reserved over all rows, used by month. */
  sumLedger(params: {
    readonly organizationId: string;
  }): Promise<{ reserved: number; usedByMonth: { readonly [month: string]: number } }>;

  /** Throws unless the store can be written just now. */
  checkWritable(): Promise<void>;
  close(): Promise<void>;
}
