import { createHash } from 'node:crypto';
import type { HandlerRef, WorkflowDefinition } from '../../core/workflow/definition.js';
import { canonicalJson, type Json } from '../../core/json.js';

/** What tells two versions of a workflow apart: SHA-256 (hex) of its canonical definition and its handlers. */
export function hashWorkflow(workflow: {
  readonly definition: WorkflowDefinition;
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
}): string {
  const { definition, handlers } = workflow;
  return createHash('sha256')
    .update(canonicalJson({ definition, handlers } as unknown as Json))
    .digest('hex');
}
