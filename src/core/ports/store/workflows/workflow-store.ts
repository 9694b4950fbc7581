import type { HandlerRef, WorkflowDefinition, WorkflowRecord, WorkflowVersion } from '../../../workflow/definition.js';

export interface SaveVersionParams {
  readonly workflowId: string;
  readonly hash: string;
  readonly definition: WorkflowDefinition;
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  readonly at: number;
}

export interface VersionKey {
  readonly workflowId: string;
  readonly version: number;
}

/** A version without its definition. */
export type VersionSummary = Pick<WorkflowVersion, 'version' | 'hash' | 'createdAt'>;

/** `workflowId` is the key of the workflow: see `workflowKey`. */
export interface WorkflowStore {
  /** Keeps a definition. The newest version's hash again: that version is returned, nothing is written. */
  saveVersion(params: SaveVersionParams): Promise<WorkflowRecord>;
  getVersion(params: VersionKey): Promise<WorkflowVersion | null>;
  /** Those of one workflow, newest first. */
  listOf(params: {
    readonly workflowId: string;
    readonly limit: number;
    /** Only older ones. */
    readonly before: number | null;
  }): Promise<VersionSummary[]>;
  /** How many there are under keys that begin with this, and the characters of all their definitions. */
  measure(params: { readonly prefix: string }): Promise<{ readonly versions: number; readonly characters: number }>;
  /** The versions of all workflows after `after`, ordered by workflow and version. */
  listVersions(params: { readonly after: VersionKey | null; readonly limit: number }): Promise<WorkflowVersion[]>;
}
