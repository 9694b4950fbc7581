import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { JsonSchema } from '../src/core/json.js';

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
  const file = new URL(`../contracts/${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Published;
}

// 0.3 is no multiple of 0.1 in binary floating point; the contract means whole tenths.
const ajv = new Ajv2020({ allErrors: true, strict: false, multipleOfPrecision: 6 });

export function expectToFit(value: unknown, schema: JsonSchema | undefined): void {
  expect(schema).toBeDefined();
  const validate = ajv.compile(schema ?? false);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

export function expectOutput(contract: ContractFile, tool: string, value: unknown): void {
  expectToFit(value, publishedContract(contract).tools[tool]?.output);
}
