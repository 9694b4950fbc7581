import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { startNativeStack, type NativeStack } from './native-stack.js';

/**
 * One native stack for a file of tests, a new caller for each test, and requests as clients with the Tasks extension
 * write them.
 */

export let stack: NativeStack;
export let caller: Awaited<ReturnType<NativeStack['newCaller']>>;
/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  beforeAll(async () => {
    stack = await startNativeStack();
  });
  beforeEach(async () => {
    stack.agents.clear();
    caller = await stack.newCaller();
  });
  afterAll(() => stack.close());
}

export const INFO = { name: 'test', version: '1.0.0' };
export const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
export type Fields = Record<string, unknown>;
interface Answer {
  readonly result?: Fields;
  readonly error?: { readonly code: number; readonly message: string };
}

let ids = 0;

export const nextId = (): number => ++ids;

/** One request of the stateless era, as a client writes it that has the Tasks extension. */
export async function ask(method: string, params: Fields, options: { headers?: Fields; capabilities?: Fields } = {}) {
  const { headers = caller.headers, capabilities = TASKS } = options;
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  const response = await fetch(stack.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...(headers as Record<string, string>),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: nextId(),
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': INFO,
          'io.modelcontextprotocol/clientCapabilities': capabilities,
        },
      },
    }),
  });
  return (await response.json()) as Answer;
}

/** Asks this one from now on. */
export function useStack(other: NativeStack): void {
  stack = other;
}

export const getTask = async (taskId: unknown) => (await ask('tasks/get', { taskId })).result ?? {};

/** Lets both agents of a checkup end well once they are at work. */
export async function endCheckup(): Promise<void> {
  await expect.poll(() => stack.agents.size).toBe(2);
  for (const agent of stack.agents.values()) agent.end();
}
