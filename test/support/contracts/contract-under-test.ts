import type { WorkflowRecord } from '../../../src/core/workflow/definition.js';
import type { Json, JsonObject } from '../../../src/core/json.js';
import { silentLogger } from '../../../src/core/ports/logger.js';
import type { Principal } from '../../../src/core/tenant/principal.js';
import type { RateLimiter } from '../../../src/core/ports/rate-limiter.js';
import type { Contract } from '../../../src/mcp/contract/contract.js';
import { createMcpServer } from '../../../src/mcp/mcp-server.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { onTestFinished } from 'vitest';
import { openRecordedServices } from '../runs/recorded-services.js';

const NO_LIMIT: RateLimiter = { take: () => ({ ok: true }) };

export const CALLER: Principal = { organizationId: 'org-a', keyId: 'k', scopes: ['run'] };

export interface RpcAnswer {
  readonly result?: JsonObject & { readonly isError?: boolean; readonly structuredContent?: JsonObject };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: JsonObject };
}

/**
 * One contract over recorded services, until the test ends, asked without a socket, in the revision of the handshake
 * era that has tasks.
 */
export async function contractUnderTest(
  contract: Contract,
  options: {
    readonly workflows?: readonly WorkflowRecord[];
    readonly limits?: { readonly mutating?: RateLimiter; readonly reading?: RateLimiter };
  } = {},
) {
  const { workflows = [], limits = {} } = options;
  const services = await openRecordedServices(workflows);
  onTestFinished(() => services.close());
  const server = createMcpServer({
    contract,
    services,
    limits: { mutating: NO_LIMIT, reading: NO_LIMIT, ...limits },
    logger: silentLogger,
    clock: new ManualClock(),
    newId: () => 'an-id',
    version: '1.2.3',
  });
  const send = async (method: string, params?: Json): Promise<{ readonly text: string; readonly body: RpcAnswer }> => {
    const reply = await server.handle({
      text: JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) }),
      revision: '2025-11-25',
      headers: null,
      streams: false,
      signal: () => new AbortController().signal,
      authenticate: async () => CALLER,
    });
    if (reply.kind !== 'answer') throw new Error(`answered with ${reply.kind}`);
    return { text: reply.text, body: JSON.parse(reply.text) as RpcAnswer };
  };
  const rpc = async (method: string, params?: Json): Promise<RpcAnswer> => (await send(method, params)).body;
  return {
    services,
    send,
    rpc,
    call: (name: string, args?: Json): Promise<RpcAnswer> =>
      rpc('tools/call', { name, ...(args === undefined ? {} : { arguments: args }) }),
  };
}

export type ContractUnderTest = Awaited<ReturnType<typeof contractUnderTest>>;

/** What went wrong with a call, as one text; `ok` when nothing did. */
export function saidBy({ result, error }: RpcAnswer): string {
  if (error !== undefined) return `${error.code} ${error.message}`;
  if (result?.isError !== true) return 'ok';
  const [first] = (result['content'] ?? []) as readonly { readonly text: string }[];
  return `error: ${first?.text}`;
}
