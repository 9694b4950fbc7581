import { nextTurn } from '../../../core/event-loop.js';
import { ErrandError } from '../../../core/errors.js';
import { estimateJsonLength, type JsonObject } from '../../../core/json.js';
import { AUTHORING_LIMITS } from '../../../core/workflow/authoring-limits.js';
import type { WorkflowText } from '../../../core/workflow/checked-text.js';

export type Definition = string | JsonObject;

/** Hosts send what a model gave for JSON as a text or as the object itself. */
export async function readDefinition(definition: Definition): Promise<WorkflowText> {
  if (typeof definition === 'string') return { text: definition, format: 'yaml' };
  // It has just been read and checked, which took its time.
  await nextTurn();
  const { definition: maxLength } = AUTHORING_LIMITS;
  if (estimateJsonLength(definition, maxLength) > maxLength)
    throw new ErrandError('invalid_input', `The definition is too long: it may have ${maxLength} characters.`);
  return { text: JSON.stringify(definition, null, 2), format: 'json' };
}

/** An argument that is needed beside, or in place of, others. */
export function missing(name: string, message: string): ErrandError {
  const problems = [{ path: `/${name}`, message }];
  return new ErrandError('invalid_input', `The arguments do not fit: ${message}.`, { problems });
}
