import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../../core/json.js';
import { readBack } from '../../../core/tool-form/read-back.js';
import { argumentsForm } from '../../../core/tool-form/workflow-tool-text.js';
import { readInput } from '../../tool-kit/run-input.js';
import { openObject } from '../../tool-kit/object-schema.js';
import { CUT, ERROR_OUTPUT } from './native-schemas.js';
import { embedSchema } from './embed-schema.js';

/**
 * A tool's arguments and its structured result are objects, always. A workflow whose input is no object takes it under
 * `input`; one whose output is not declared to be an object gives it under `output`.
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
  description: 'The run continues: do what next_action says.',
};

/** In the place of an output that is too long for an answer. */
const CUT_RESULT: JsonSchema = openObject({ run_id: { type: 'string' }, status: { type: 'string' }, output_cut: CUT });

/**
 * The workflow's input, from the arguments of its tool as hosts send them: those that a closed schema does not name are
 * dropped, and what does not fit is read as it was meant. What fits is left as it is.
 */
export function toWorkflowInput(definition: WorkflowDefinition, args: JsonObject): Json {
  const { input: schema } = definition;
  if (schema === undefined) return args;
  const { isWrapped, closedTo, reading } = argumentsForm(definition);
  const given = readBack(args, reading);
  if (!isJsonObject(given)) return given;
  if (!isWrapped) return readInput(closedTo === null ? given : onlyNamed(given, closedTo), schema);
  const { input = null } = given;
  return input === null ? input : readInput(input, schema);
}

function onlyNamed(args: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(args).filter(([name]) => names.has(name)));
}

/**
 * The workflow's output, or its beginning, or the handle of a run that goes on, or an error: clients hold whatever
 * comes to this.
 */
export function toolOutputSchema({ output }: WorkflowDefinition): JsonSchema {
  const result = givesObjects(output)
    ? embedSchema(output, '/anyOf/0')
    : openObject({ output: output === undefined ? {} : embedSchema(output, '/anyOf/0/properties/output') });
  return { type: 'object', anyOf: [result, HANDLE_SCHEMA, CUT_RESULT, ERROR_OUTPUT] };
}

/** `definition` is null when the workflow is there no more. */
export function toToolResult(definition: WorkflowDefinition | null, output: Json): JsonObject {
  return givesObjects(definition?.output) && isJsonObject(output) ? output : { output };
}

/** The same for the output's JSON. */
export function toToolResultJson(definition: WorkflowDefinition | null, json: string): string {
  return givesObjects(definition?.output) && json.startsWith('{') ? json : `{"output":${json}}`;
}

function givesObjects(schema: JsonSchema | undefined): schema is JsonSchema {
  return schema?.['type'] === 'object';
}
