import type { WorkflowRecord } from '../../core/workflow/definition.js';
import { ErrandError } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import { readJsonText } from '../../core/tool-form/json-text.js';
import { inputSchemaOf } from '../../core/tool-form/workflow-tool-text.js';
import { repairValue } from '../../core/tool-form/repair-value.js';
import { parseCallerJson } from '../../core/text/parse-json.js';
import { validatorOf } from './validator.js';

/** A caller's input as a workflow gets it: texts are parsed where they are JSON; null, however written, is no input. */
export async function resolveInput(
  given: Json | undefined,
  findWorkflow: () => Promise<WorkflowRecord>,
): Promise<Json> {
  if (typeof given !== 'string') return given ?? {};
  const parsed = parseJsonText(given);
  return parsed === null ? rawInput(given, inputSchemaOf(await findWorkflow())) : (parsed.json ?? {});
}

/**
 * Null when the text is not JSON. Throws `invalid_input` when it is, but cannot be taken: nested too deep, or with a
 * number that cannot be kept.
 */
export function parseJsonText(text: string): { readonly json: Json } | null {
  const parsed = parseCallerJson(text);
  if (parsed.kind === 'json') return { json: parsed.json };
  if (parsed.reason === 'syntax') return null;
  const problem =
    parsed.reason === 'number'
      ? { path: parsed.path, message: 'cannot be kept exactly' }
      : { path: '', message: parsed.reason === 'depth' ? 'is nested too deep' : 'holds too much' };
  throw new ErrandError('invalid_input', parsed.message, { problems: [problem] });
}

/**
 * A text that is no JSON as a workflow's input: as it is for a schema that accepts it, else as `{ "input": text }`
 * where that fits. When neither fits, whichever the schema comes nearer to, so that the error speaks of what is really
 * wrong.
 */
export function rawInput(text: string, schema: JsonSchema): Json {
  const { fits, takesType } = validatorOf(schema);
  if (fits(text)) return text;
  const wrapped = { input: text };
  return fits(wrapped) || !takesType(text) ? wrapped : text;
}

/**
 * A caller's input as it was meant, for Errand's own tools. What fits the schema is left as it is. Else null and an
 * empty text are no input; a text is read as JSON, or is raw input; `{ "input": … }` holds an input that is no object,
 * as in the arguments of the workflow's tool; and what is inside is read as hosts send it.
 */
export function readInput(given: Json, schema: JsonSchema): Json {
  const { fits, misfits } = validatorOf(schema);
  if (fits(given)) return given;
  if (given === null || (typeof given === 'string' && ['', 'null'].includes(given.trim()))) return {};
  // JSON that cannot be taken is not to become a text that holds it.
  if (typeof given === 'string') parseJsonText(given);
  const read = readJsonText(given, fits);
  const input = typeof read === 'string' ? rawInput(read, schema) : unwrapped(read, fits);
  return fits(input) ? input : repairValue(input, misfits);
}

function unwrapped(value: Json, fits: (value: Json) => boolean): Json {
  if (!isJsonObject(value) || fits(value)) return value;
  const { input, ...rest } = value;
  if (input === undefined || Object.keys(rest).length > 0) return value;
  const read = readJsonText(input, fits);
  return fits(read) ? read : value;
}

/** Whether the schema speaks of a property of this name, at its top. */
export function namesProperty(schema: JsonSchema, name: string): boolean {
  const { properties } = schema;
  if (isJsonObject(properties) && name in properties) return true;
  return ['allOf', 'anyOf', 'oneOf'].some((keyword) => {
    const branches = schema[keyword];
    return (
      Array.isArray(branches) && branches.some((branch: Json) => isJsonObject(branch) && namesProperty(branch, name))
    );
  });
}
