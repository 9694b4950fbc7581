import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { WorkflowRecord } from '../../core/workflow/definition.js';
import { ErrandError } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../core/json.js';
import { parseJson } from '../../core/parse-json.js';

const ANY_OBJECT: JsonSchema = { type: 'object' };

export function inputSchemaOf(workflow: WorkflowRecord): JsonSchema {
  return workflow.version.definition.input ?? ANY_OBJECT;
}

/** A caller's input as a workflow gets it: texts are parsed where they are JSON; null, however written, is no input. */
export async function resolveInput(
  given: Json | undefined,
  findWorkflow: () => Promise<WorkflowRecord>,
): Promise<Json> {
  if (typeof given !== 'string') return given ?? {};
  const parsed = parseJsonText(given);
  return parsed === null ? rawInput(given, inputSchemaOf(await findWorkflow())) : (parsed.json ?? {});
}

/** Null when the text is not JSON. Throws `invalid_input` when it is, but cannot be taken: nested too deep, or with a number that cannot be kept. */
export function parseJsonText(text: string): { readonly json: Json } | null {
  const parsed = parseJson(text);
  if (parsed.kind === 'json') return { json: parsed.json };
  if (parsed.reason === 'syntax') return null;
  const problem =
    parsed.reason === 'depth'
      ? { path: '', message: 'is nested too deep' }
      : { path: parsed.path, message: 'cannot be kept exactly' };
  throw new ErrandError('invalid_input', parsed.message, { problems: [problem] });
}

/**
 * A text that is no JSON as a workflow's input: as it is for a schema that accepts it, else as `{ "input": text }` where that fits.
 * When neither fits, whichever the schema comes nearer to, so that the error speaks of what is really wrong.
 */
export function rawInput(text: string, schema: JsonSchema): Json {
  const validate = compiled(schema);
  if (validate(text)) return text;
  const takesStrings = !(validate.errors ?? []).some((error) => error.instancePath === '' && error.keyword === 'type');
  const wrapped = { input: text };
  return validate(wrapped) || !takesStrings ? wrapped : text;
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

const cache = new WeakMap<JsonObject, ValidateFunction>();

/** Definitions are frozen for as long as their version is the newest, so the schema object itself is the key. */
function compiled(schema: JsonSchema): ValidateFunction {
  const known = cache.get(schema);
  if (known !== undefined) return known;
  // An instance of its own: schemas of different workflows may share an `$id`.
  const ajv = addFormats.default(new Ajv2020({ strict: false, addUsedSchema: false }));
  const validate = ajv.compile(schema);
  cache.set(schema, validate);
  return validate;
}
