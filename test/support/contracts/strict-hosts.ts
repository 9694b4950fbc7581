import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, type Json, type JsonObject } from '../../../src/core/json.js';

/** A tool as it is shown to a model. */
export interface ShownTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

/**
 * What the strictest converters of tools would refuse. Each provider refuses the whole list for one tool that does not
 * keep to its rules, so hosts that hand lists on lose all of their tools.
 */
export function faultsOfTools(tools: readonly ShownTool[]): readonly string[] {
  const twice = tools.filter(({ name }, index) => tools.findIndex((other) => other.name === name) !== index);
  return [
    ...twice.map(({ name }) => `${name}: there are two of this name`),
    ...tools.flatMap((tool) =>
      [...openAiFaults(tool), ...anthropicFaults(tool), ...googleFaults(tool)].map((fault) => `${tool.name}: ${fault}`),
    ),
  ];
}

/** What a provider of models would refuse of the tools that a host sends it. */
export function faultsAt(provider: keyof typeof PROVIDERS, tools: readonly ShownTool[]): readonly string[] {
  return tools.flatMap((tool) => PROVIDERS[provider](tool).map((fault) => `${tool.name}: ${fault}`));
}

const COMBINATORS = ['anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', '$ref', 'enum', 'const'];
const TYPES = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean']);

/**
 * `Invalid schema for function …`: the rules of function calling, and those of its strict mode that hosts switch on by
 * themselves.
 */
function openAiFaults({ name, description, parameters }: ShownTool): readonly string[] {
  const faults: string[] = [];
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) faults.push('OpenAI: the name');
  if (description.length > 1_024) faults.push(`OpenAI: a description of ${description.length} characters`);
  if (parameters['type'] !== 'object' || !isJsonObject(parameters['properties'])) faults.push('OpenAI: no properties');
  for (const keyword of COMBINATORS) if (keyword in parameters) faults.push(`OpenAI: ${keyword} at the top`);
  let properties = 0;
  walk(parameters, (schema, path) => {
    properties += Object.keys((schema['properties'] ?? {}) as JsonObject).length;
    if (path.length > 9 && (schema['type'] === 'object' || schema['type'] === 'array') && hasInner(schema)) {
      faults.push(`OpenAI: more than 10 levels at ${path.join('/')}`);
    }
    if (schema['type'] === 'array' && !isJsonObject(schema['items']))
      faults.push(`OpenAI: no items at ${path.join('/')}`);
    for (const required of (schema['required'] ?? []) as string[]) {
      if (!Object.hasOwn((schema['properties'] ?? {}) as JsonObject, required))
        faults.push(`OpenAI: ${required} is required only`);
    }
    if (typeof schema['pattern'] === 'string' && /\(\?[=!<]/.test(schema['pattern'])) faults.push('OpenAI: lookaround');
  });
  if (properties > 5_000) faults.push('OpenAI: more than 5,000 properties');
  return faults;
}

const meta = new Ajv2020({ strict: false });

/** `tools.0.custom.input_schema: …` */
function anthropicFaults({ name, parameters }: ShownTool): readonly string[] {
  const faults: string[] = [];
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) faults.push('Anthropic: the name');
  if (parameters['type'] !== 'object') faults.push('Anthropic: type must be object');
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) if (keyword in parameters) faults.push(`Anthropic: ${keyword}`);
  if (meta.validateSchema(parameters) !== true) faults.push('Anthropic: no valid JSON Schema of 2020-12');
  walk(parameters, (schema, path) => {
    for (const key of Object.keys((schema['properties'] ?? {}) as JsonObject)) {
      if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(key)) faults.push(`Anthropic: property key ${key} at ${path.join('/')}`);
    }
  });
  return faults;
}

/** The fields of Google's `Schema`; its converters drop `additionalProperties` and fail at anything else. */
const GOOGLE_FIELDS = new Set(
  (
    'type title description format enum default items properties required pattern minimum maximum ' +
    'minLength maxLength minItems maxItems additionalProperties x-mcp-header'
  ).split(' '),
);

function googleFaults({ name, parameters }: ShownTool): readonly string[] {
  const faults: string[] = [];
  if (!/^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/.test(name)) faults.push('Google: the name');
  walk(parameters, (schema, path) => {
    const at = `/${path.join('/')}`;
    const { type, enum: values, format } = schema;
    if (typeof type !== 'string' || !TYPES.has(type)) faults.push(`Google: type ${JSON.stringify(type)} at ${at}`);
    for (const key of Object.keys(schema))
      if (!GOOGLE_FIELDS.has(key)) faults.push(`Google: unknown field ${key} at ${at}`);
    if (values !== undefined) {
      const texts = Array.isArray(values) && values.every((value: Json) => typeof value === 'string' && value !== '');
      if (!texts || type !== 'string' || (values as Json[]).length === 0) faults.push(`Google: enum at ${at}`);
    }
    if (format !== undefined && !(type === 'string' && format === 'date-time'))
      faults.push(`Google: format ${JSON.stringify(format)} at ${at}`);
    if (type === 'array' && !isJsonObject(schema['items'])) faults.push(`Google: no items at ${at}`);
    if (type === 'object' && !isJsonObject(schema['properties'])) faults.push(`Google: no properties at ${at}`);
  });
  return faults;
}

function hasInner(schema: JsonObject): boolean {
  return isJsonObject(schema['items']) || Object.keys((schema['properties'] ?? {}) as JsonObject).length > 0;
}

function walk(
  schema: JsonObject,
  look: (schema: JsonObject, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  look(schema, path);
  const { properties, items, additionalProperties } = schema;
  if (isJsonObject(properties)) {
    for (const [name, property] of Object.entries(properties)) walk(property as JsonObject, look, [...path, name]);
  }
  for (const inner of [items, additionalProperties]) if (isJsonObject(inner)) walk(inner, look, [...path, '*']);
}

const PROVIDERS = { openai: openAiFaults, anthropic: anthropicFaults, google: googleFaults };
