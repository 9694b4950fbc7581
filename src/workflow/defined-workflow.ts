import type { WorkflowDefinition } from '../core/workflow/definition.js';
import type { Handler } from '../core/handlers/node-kind.js';

export const WORKFLOW_MARK = Symbol.for('errand.workflow');

/**
 * A definition, and the functions that its nodes hold, by node path (`<map id>/do` for a map's inner node,
 * `<agent id>/tools/<name>` for a tool).
 */
export interface DefinedWorkflow {
  readonly definition: WorkflowDefinition;
  readonly functions: { readonly [nodePath: string]: Handler };
}

/** True also for workflows that another copy of this package defined. */
export function isDefinedWorkflow(value: unknown): value is DefinedWorkflow {
  return typeof value === 'object' && value !== null && WORKFLOW_MARK in value;
}
