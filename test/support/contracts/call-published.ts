import { expect } from 'vitest';
import { bearer, post, toolCall } from '../http/http-fixture.js';
import { type ContractFile, outputFaults } from './contract-schemas.js';

export type Fields = Record<string, unknown>;

/** Calls a tool of a published contract, and holds what it gives against the contract's schema. */
export async function callPublished(
  { url, key }: { readonly url: string; readonly key: string },
  contract: ContractFile,
  tool: string,
  args: object = {},
): Promise<Fields> {
  const path = contract === 'workflows' ? '/mcp/workflows/' : '/api/mcp-app';
  const response = await post(url + path, toolCall(tool, args), bearer(key));
  const { result, error } = (await response.json()) as {
    result?: { content: { text: string }[]; isError?: boolean };
    error?: { message: string; data: Fields };
  };
  // Contract B's failed tools are errors of JSON-RPC.
  if (error !== undefined) return { error: { ...error.data, message: error.message } };
  const value = JSON.parse(result?.content[0]?.text ?? '') as Fields;
  expect(result?.isError === true ? [] : outputFaults(contract, tool, value)).toEqual([]);
  return value;
}
