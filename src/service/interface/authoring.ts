import type { Draft, DraftSummary } from '../../core/ports/store/workflows/draft-store.js';
import type { Publication } from '../../core/ports/store/workflows/publication-store.js';
import type { VersionSummary } from '../../core/ports/store/workflows/workflow-store.js';
import type { DefinitionDiff } from '../../core/workflow/definition-diff.js';
import type { CheckedText, WorkflowText } from '../../core/workflow/checked-text.js';
import type { HandlerRef, WorkflowDefinition, WorkflowVersion } from '../../core/workflow/definition.js';
import type { DryRun, GivenOutcomes } from '../../core/workflow/dry-run.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { InOrganization } from './in-organization.js';

/** Whose workflows a call is about. */
export interface OfOwner extends InOrganization {
  /** Those for all organizations, which operators may change. */
  readonly forAll?: boolean;
}

/** Where a function of a workflow that is to be published is. */
export type GivenHandler = Pick<Extract<HandlerRef, { kind: 'bundle' }>, 'bundle' | 'export' | 'nodeId'>;

export interface GivenWorkflow {
  /** Nothing is known of it yet. */
  readonly definition: unknown;
  readonly handlers?: { readonly [nodePath: string]: GivenHandler };
}

export interface GivenBundle {
  readonly sha: string;
  readonly code: string;
  readonly packages: readonly string[];
}

export interface PublishParams extends OfOwner {
  readonly workflows: readonly GivenWorkflow[];
  /** The code that their handlers are in. */
  readonly bundles?: readonly GivenBundle[];
  /** Whether those that are published and not among these are taken away. */
  readonly replace?: boolean;
}

export interface Published {
  readonly publication: Publication;
  /** What is published now of those that were given. */
  readonly workflows: readonly { readonly workflowId: string; readonly version: number }[];
}

export interface RollBackParams extends OfOwner {
  readonly workflowId: string;
  /** The newest older one that was ever published when not given. */
  readonly version?: number;
}

export interface ListPublishedVersionsParams extends OfOwner {
  readonly workflowId: string;
  readonly limit: number;
  readonly before?: number;
}

export interface PublishedVersions {
  readonly versions: readonly VersionSummary[];
  /** Which of them can be started; null: none. */
  readonly published: number | null;
}

export interface ListPublicationsParams extends OfOwner {
  readonly limit: number;
  readonly before?: number;
}

export interface CreateDraftParams extends OfOwner, WorkflowText {
  /** The published version that it is made of; null, and when not given: it is a new workflow. */
  readonly baseVersion?: number | null;
  readonly idempotencyKey?: string;
}

export interface OfDraft extends OfOwner {
  readonly draftId: string;
}

export interface UpdateDraftParams extends OfDraft, WorkflowText {
  /** The revision that the caller has read. */
  readonly revision: number;
  /** As it was when not given. */
  readonly baseVersion?: number | null;
}

export interface DeleteDraftParams extends OfDraft {
  /** Any when not given. */
  readonly revision?: number;
}

export interface PublishDraftParams extends OfDraft {
  readonly revision: number;
  /** The draft's when not given. */
  readonly baseVersion?: number | null;
}

export interface ListDraftsParams extends OfOwner {
  readonly workflowId?: string;
  readonly limit: number;
  readonly beforeId?: string;
}

export interface CheckedDraft {
  readonly draft: Draft;
  /** By what there is now. */
  readonly checked: CheckedText;
}

export interface DraftsPage {
  readonly drafts: readonly DraftSummary[];
  /** Where the next page begins; null: this is the last. */
  readonly nextBefore: string | null;
}

export interface DiffVersionsParams extends OfOwner {
  readonly workflowId: string;
  /** The one before `to` when not given. */
  readonly from?: number;
  /** The published one when not given. */
  readonly to?: number;
}

export interface DiffDraftParams extends OfDraft {
  /** A version; the published one when not given. */
  readonly from?: number;
}

export interface WorkflowDiff extends DefinitionDiff {
  readonly workflowId: string | null;
  /** Null: from nothing. */
  readonly from: number | null;
  /** Null: to the draft. */
  readonly to: number | null;
}

/** A text, or a draft. */
export type TryWorkflowParams = OfOwner & {
  /** Nothing is known of it yet; `{}` when not given. */
  readonly input?: Json;
  readonly instruction?: string;
  /** What nodes give. Others stand in with what their kinds give. */
  readonly outcomes?: GivenOutcomes;
} & (WorkflowText | { readonly draftId: string });

/** Definitions that are being written. Each call needs the scope `workflows:write`. */
export interface DraftServices {
  /** Keeps it, with faults or without. `created` is false for the repeat of a call with an idempotency key. */
  createDraft(caller: Principal, params: CreateDraftParams): Promise<CheckedDraft & { readonly created: boolean }>;
  /** Throws `conflict` when the draft is at another revision than the one that was read. */
  updateDraft(caller: Principal, params: UpdateDraftParams): Promise<CheckedDraft>;
  getDraft(caller: Principal, params: OfDraft): Promise<CheckedDraft>;
  /** The latest made first. */
  listDrafts(caller: Principal, params: ListDraftsParams): Promise<DraftsPage>;
  /** From the published version to the draft. Throws `invalid_definition` for one that cannot be read. */
  diffDraft(caller: Principal, params: DiffDraftParams): Promise<WorkflowDiff>;
  deleteDraft(caller: Principal, params: DeleteDraftParams): Promise<void>;
  /**
   * Makes it a version and takes the draft away. Throws `invalid_definition` with every fault, `conflict` for another
   * revision, or when another version is published than the one that it was made of.
   */
  publishDraft(caller: Principal, params: PublishDraftParams): Promise<Published>;
}

/** Workflows that are kept in the store. Each call needs the scope `workflows:write`. */
export interface AuthoringServices extends DraftServices {
  /**
   * Publishes all of them in one moment, or none. Throws `invalid_definition` with every fault, `forbidden` for code
   * that the server does not take.
   */
  publishWorkflows(caller: Principal, params: PublishParams): Promise<Published>;
  /** Says all that is wrong with a definition, and what it would be. Changes nothing. */
  checkWorkflow(caller: Principal, params: OfOwner & WorkflowText): Promise<CheckedText>;
  /**
   * Runs a definition at once, through all its waits: nodes that have effects give what the caller says, or what fits
   * their schemas. Nothing is kept or reached, and it costs nothing. Throws `invalid_definition` with every fault,
   * `invalid_input`, `unavailable` while another dry run of the organization is under way.
   */
  tryWorkflow(caller: Principal, params: TryWorkflowParams): Promise<DryRun>;
  /** Newest first. */
  listPublishedVersions(caller: Principal, params: ListPublishedVersionsParams): Promise<PublishedVersions>;
  getPublishedVersion(
    caller: Principal,
    params: OfOwner & { readonly workflowId: string; readonly version: number },
  ): Promise<WorkflowVersion & { readonly definition: WorkflowDefinition }>;
  diffVersions(caller: Principal, params: DiffVersionsParams): Promise<WorkflowDiff>;
  /** Publishes an earlier version again. */
  rollBackWorkflow(caller: Principal, params: RollBackParams): Promise<Published>;
  /** Takes it away; its versions stay for the runs that are on them. */
  unpublishWorkflow(caller: Principal, params: OfOwner & { readonly workflowId: string }): Promise<Publication>;
  /** Newest first. */
  listPublications(caller: Principal, params: ListPublicationsParams): Promise<readonly Publication[]>;
  /**
   * Puts all workflows of a publication back to what they were before it. Throws `conflict` when one of them was
   * changed since.
   */
  revertPublication(caller: Principal, params: OfOwner & { readonly number: number }): Promise<Publication>;
}
