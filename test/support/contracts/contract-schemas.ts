import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonSchema } from '../../../src/core/json.js';

/** The published contracts, as tests hold answers against them. */
export type ContractFile = 'workflows' | 'mcp-app';

interface Published {
  readonly tools: { readonly [name: string]: { readonly input: JsonSchema; readonly output: JsonSchema } };
  readonly error?: JsonSchema;
}

const published = new Map<ContractFile, Published>();

export function publishedContract(name: ContractFile): Published {
  const known = published.get(name) ?? readContract(name);
  published.set(name, known);
  return known;
}

function readContract(name: ContractFile): Published {
  const file = new URL(`../../../contracts/${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Published;
}

// 0.3 is no multiple of 0.1 in binary floating point; the contract means whole tenths.
const ajv = new Ajv2020({ allErrors: true, strict: false, multipleOfPrecision: 6 });

/** What is wrong with a value; nothing when it fits. */
export function faultsOf(value: unknown, schema: JsonSchema | undefined): readonly unknown[] {
  if (schema === undefined) return ['there is no such schema'];
  const validate = ajv.compile(schema);
  return validate(value) ? [] : (validate.errors ?? []);
}

export function outputFaults(contract: ContractFile, tool: string, value: unknown): readonly unknown[] {
  return faultsOf(value, publishedContract(contract).tools[tool]?.output);
}
