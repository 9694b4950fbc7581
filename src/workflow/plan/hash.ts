import { createHash } from 'node:crypto';
import type { HandlerRef, WorkflowDefinition } from '../../core/workflow/definition.js';
import { isJsonObject, type Json } from '../../core/json.js';

/** JSON with the keys of every object sorted and no space: the same for values that are equal as JSON. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${fields.join(',')}}`;
}

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
