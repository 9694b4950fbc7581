import type { JsonObject, JsonSchema } from '../../core/json.js';

/** An object with these properties and no other, all of them there but the optional ones. */
export function closedObject(properties: JsonObject, optional: readonly string[] = []): JsonSchema {
  return { ...openObject(properties, optional), additionalProperties: false };
}

/** An object with these properties, all of them there but the optional ones, and maybe more. */
export function openObject(properties: JsonObject, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}
