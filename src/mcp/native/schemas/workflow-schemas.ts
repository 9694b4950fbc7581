import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../../core/json.js';
import { readInput } from '../../tool-kit/run-input.js';
import { openObject, closedObject } from '../../tool-kit/object-schema.js';
import { ERROR_OUTPUT } from './native-schemas.js';
import { embedSchema } from './embed-schema.js';

/**
 * A tool's arguments and its structured result are objects, always. A workflow whose input is no object takes it under `input`; one whose
 * output is not declared to be an object gives it under `output`.
 */

/** What a run that goes on is shown as, by the tool that started it. */
export const HANDLE_SCHEMA: JsonSchema = {
  ...openObject({
    run_id: { type: 'string' },
    workflow_id: { type: 'string' },
    status: { enum: ['pending', 'running'] },
    terminal: { const: false },
    version: { type: 'integer' },
    status_message: { type: 'string' },
    poll_after_ms: { type: 'integer' },
    next_action: { type: 'string' },
  }),
  description: 'The run goes on: do what next_action says.',
};

export function toolInputSchema({ input }: WorkflowDefinition): JsonSchema {
  if (input === undefined) return { type: 'object' };
  if (!takesObjects(input)) return closedObject({ input: embedSchema(input, '/properties/input') });
  return { ...input, type: 'object' };
}

/**
 * The workflow's input, from the arguments of its tool as hosts send them: those that a closed schema does not name are dropped, and what does
 * not fit is read as it was meant. What fits is left as it is.
 */
export function toWorkflowInput({ input: schema }: WorkflowDefinition, args: JsonObject): Json {
  if (schema === undefined) return args;
  if (takesObjects(schema)) return readInput(withoutUnknown(args, schema), schema);
  const { input = null } = args;
  return input === null ? input : readInput(input, schema);
}

function withoutUnknown(
  args: JsonObject,
  { properties, patternProperties, additionalProperties }: JsonSchema,
): JsonObject {
  if (additionalProperties !== false || patternProperties !== undefined) return args;
  const named = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(Object.entries(args).filter(([name]) => Object.hasOwn(named, name)));
}

/** The workflow's output, or the handle of a run that goes on, or an error: clients hold whatever comes to this. */
export function toolOutputSchema({ output }: WorkflowDefinition): JsonSchema {
  const result = givesObjects(output)
    ? embedSchema(output, '/anyOf/0')
    : openObject({ output: output === undefined ? {} : embedSchema(output, '/anyOf/0/properties/output') });
  return { type: 'object', anyOf: [result, HANDLE_SCHEMA, ERROR_OUTPUT] };
}

/** `definition` is null when the workflow is there no more. */
export function toToolResult(definition: WorkflowDefinition | null, output: Json): JsonObject {
  return givesObjects(definition?.output) && isJsonObject(output) ? output : { output };
}

function takesObjects({ type }: JsonSchema): boolean {
  return type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'));
}

function givesObjects(schema: JsonSchema | undefined): schema is JsonSchema {
  return schema?.['type'] === 'object';
}
