import type { DefinitionFault } from '../workflow/check/fields/faults.js';

export interface CodePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a fault of a workflow that is written in code most likely stands: at the offending literal if the code holds it
 * once, else at the id of its node, else where a workflow is defined. Line and column count from 1.
 */
export function locateInCode(params: {
  readonly code: string;
  readonly fault: DefinitionFault;
  readonly nodeId: string | null;
}): CodePosition | null {
  const { code, fault, nodeId } = params;
  const offset =
    findLiteral(code, fault.value) ??
    findField(code, fault.at.at(-1)) ??
    (nodeId === null ? null : findLiteral(code, nodeId)) ??
    findOnly(code, /\bdefineWorkflow\s*[(<]/g);
  return offset === null ? null : toPosition(code, offset);
}

function findLiteral(code: string, value: unknown): number | null {
  if (typeof value !== 'string' || value === '') return null;
  const expression = /^\{\{ (.*) \}\}$/s.exec(value)?.[1];
  if (expression !== undefined) return findOnly(code, new RegExp(escapePattern(expression), 'g'));
  return findOnly(code, new RegExp(`(['"\`])${escapePattern(value)}\\1`, 'g'));
}

/** A field by its name, where no other has the same. */
function findField(code: string, field: string | number | undefined): number | null {
  return typeof field === 'string' ? findOnly(code, new RegExp(`\\b${escapePattern(field)}['"]?\\s*:`, 'g')) : null;
}

function findOnly(code: string, pattern: RegExp): number | null {
  const [only, ...more] = code.matchAll(pattern);
  return only !== undefined && more.length === 0 ? only.index : null;
}

/** What matches the text itself in a regular expression. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function toPosition(code: string, offset: number): CodePosition {
  const before = code.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
