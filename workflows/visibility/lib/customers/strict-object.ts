import type { JsonSchema } from 'errand';

/** An object that has each of these properties, and no other. */
export function strictObject(properties: { readonly [name: string]: JsonSchema }): JsonSchema {
  return { type: 'object', required: Object.keys(properties), additionalProperties: false, properties };
}
