import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, type Json, type JsonSchema } from '../../core/json.js';

/**
 * Makes what fills a schema's `default`s in: a copy of the value in which each property that is absent and has a default holds it, at every
 * depth, through references and `allOf` too. In the branches of `anyOf`, `oneOf`, `not` and `if` defaults have no say: which branch is meant
 * is not known before the value is whole. What does not fit the schema is left as it is. The schema must be a valid one.
 */
export function compileDefaults(schema: JsonSchema): (value: Json) => Json {
  if (!mentionsDefault(schema)) return (value) => value;
  const ajv = new Ajv2020({
    useDefaults: true,
    meta: false,
    validateSchema: false,
    // Validation that stopped at the first fault would leave the rest unfilled.
    allErrors: true,
    validateFormats: false,
    strict: false,
    logger: false,
  });
  const fill = ajv.compile(schema);
  return (value) => {
    const copy = JSON.parse(JSON.stringify(value)) as Json;
    fill(copy);
    return copy;
  };
}

/** True a little too often (a property may be called `default`), which costs time only. */
function mentionsDefault(schema: Json): boolean {
  if (Array.isArray(schema)) return (schema as readonly Json[]).some(mentionsDefault);
  if (!isJsonObject(schema)) return false;
  return 'default' in schema || Object.values(schema).some(mentionsDefault);
}
