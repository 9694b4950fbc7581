import type { HandlerRef, WorkflowDefinition, WorkflowRecord, WorkflowVersion } from '../../workflow/definition.js';

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

export interface WorkflowStore {
  /** Keeps a definition. The newest version's hash again: that version is returned, nothing is written. */
  saveVersion(params: SaveVersionParams): Promise<WorkflowRecord>;
  getVersion(params: VersionKey): Promise<WorkflowVersion | null>;
  /** The versions of all workflows after `after`, ordered by workflow and version. */
  listVersions(params: { readonly after: VersionKey | null; readonly limit: number }): Promise<WorkflowVersion[]>;
}
