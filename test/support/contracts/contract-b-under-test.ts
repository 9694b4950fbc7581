import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { outputFaults } from './contract-schemas.js';
import { bearer, KEY_A, post, startFixture, toolCall, type Fixture } from '../http/http-fixture.js';
import { sampleWorkflow } from '../runs/sample-records.js';

/** Contract B over recorded services, which start again with each test. */

const WORKFLOWS = [
  sampleWorkflow(),
  sampleWorkflow({
    id: 'with_context',
    input: { type: 'object', properties: { context: { type: 'string' } } },
    credits: 0,
  }),
];

export let fixture: Fixture;
export let url: string;

/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  beforeAll(async () => {
    fixture = await startFixture({ workflows: WORKFLOWS });
    url = `${fixture.url}/api/mcp-app`;
  });
  afterAll(() => fixture.close());
  beforeEach(() => fixture.services.renew());
}


export interface ToolAnswer {
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly isError?: boolean;
}

export type Fields = Record<string, unknown>;

async function call(name: string, args: object, key = KEY_A): Promise<Fields> {
  const response = await post(url, toolCall(name, args), bearer(key));
  expect(response.status).toBe(200);
  const { result } = (await response.json()) as { result: ToolAnswer };
  expect(result).not.toHaveProperty('isError');
  expect(result.content).toHaveLength(1);
  return JSON.parse(result.content[0]?.text ?? '') as Fields;
}

export async function succeed(name: string, args: object = {}, key = KEY_A): Promise<Fields> {
  const value = await call(name, args, key);
  expect(outputFaults('mcp-app', name, value)).toEqual([]);
  return value;
}

export interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data: Fields;
}

/** A failed tool is an error of JSON-RPC with HTTP 200; `data.code` tells which. */
export async function fail(name: string, args: object, key = KEY_A): Promise<{ code: unknown; message: string }> {
  const response = await post(url, toolCall(name, args, 'f'), bearer(key));
  expect(response.status).toBe(200);
  const answer = (await response.json()) as { id: unknown; error: RpcFailure };
  expect(Object.keys(answer).toSorted()).toEqual(['error', 'id', 'jsonrpc']);
  expect([answer.id, answer.error.code]).toEqual(['f', -32000]);
  expect(Object.keys(answer.error)).toEqual(['code', 'message', 'data']);
  return { code: answer.error.data['code'], message: answer.error.message };
}

export const CHECKUP = { workflowId: 'site_checkup', configuration: { url: 'https://example.org' } };
