import { isJsonObject, type Json, type JsonSchema } from '../../core/json.js';

/**
 * What OpenAI takes in a strict schema. Source: platform.openai.com/docs/guides/structured-outputs#supported-schemas.
 */
const STRICT = new Set(
  [
    '$defs $ref additionalProperties anyOf const description enum exclusiveMaximum exclusiveMinimum format items maxItems',
    'maximum minItems minimum multipleOf pattern properties required title type',
  ].flatMap((names) => names.split(' ')),
);

/**
 * Whether OpenAI takes the schema with `strict: true`: every object closed, every property required, no other keywords.
 * What does not fit would be refused, and is asked for without strictness.
 */
export function isStrictSchema(schema: JsonSchema): boolean {
  return schema['type'] === 'object' && schema['anyOf'] === undefined && isStrict(schema);
}

function isStrict(schema: Json | undefined): boolean {
  if (schema === undefined) return true;
  if (!isJsonObject(schema) || Object.keys(schema).some((name) => !STRICT.has(name))) return false;
  const { properties = {}, $defs = {}, anyOf = [], items } = schema;
  if (!isJsonObject(properties) || !isJsonObject($defs) || !Array.isArray(anyOf)) return false;
  if (schema['type'] === 'object' || schema['properties'] !== undefined) {
    const required = schema['required'];
    if (schema['additionalProperties'] !== false || !Array.isArray(required)) return false;
    if (Object.keys(properties).some((name) => !required.includes(name))) return false;
  }
  return [...Object.values(properties), ...Object.values($defs), ...(anyOf as Json[]), items].every(isStrict);
}
