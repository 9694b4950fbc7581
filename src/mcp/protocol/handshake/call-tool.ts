import { ErrandError } from '../../../core/errors.js';
import { isJsonObject } from '../../../core/json.js';
import type { Principal } from '../../../core/principal.js';
import type { Tool } from '../../contract.js';
import { hideInternals } from '../../hide-internals.js';
import { rpcError } from '../../json-rpc.js';
import type { Method, MethodContext, Outcome } from '../codec.js';

const NO_ARGUMENTS = Object.freeze({});

export const callTool: Method = {
  opens: false,
  needsKey: true,
  answer: async (params, context) => {
    const { contract, services, authenticate } = context;
    const tool = contract.tools.fixed.find((candidate) => candidate.name === params['name']);
    if (tool === undefined) return invalidParams(unknownToolMessage(params['name'], contract.tools.fixed));
    const args = params['arguments'] ?? NO_ARGUMENTS;
    if (!isJsonObject(args)) return invalidParams('"arguments" must be an object.');
    try {
      const caller = await authenticate();
      takeFromLimits(tool, caller, context);
      const outcome = await tool.call({
        services,
        caller,
        client: { era: 'handshake', revision: '2025-11-25', capabilities: {}, tasks: 'none', taskTtlMs: null },
        signal: new AbortController().signal,
        args,
        notify: null,
        inputResponses: {},
        requestState: null,
      });
      if (outcome.kind !== 'value') throw new Error(`${tool.name} answered with ${outcome.kind}`);
      return { kind: 'result', json: contract.renderResult(outcome.value, outcome.text) };
    } catch (thrown) {
      return toOutcome(hideInternals(thrown, context), context);
    }
  },
};

function takeFromLimits(tool: Tool, caller: Principal, { contract, limits }: MethodContext): void {
  const limiter = tool.mutates && contract.limitsMutations ? limits.mutating : limits.reading;
  const taken = limiter.take(caller.keyId ?? caller.organizationId);
  if (taken.ok) return;
  const { retryAfterSeconds } = taken;
  throw new ErrandError('rate_limited', `Too many calls with this key. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}

function toOutcome(error: ErrandError, { contract }: MethodContext): Outcome {
  const failure = contract.renderError(error);
  if (failure.kind === 'result') return failure;
  return { kind: 'error', error: contract.renderRefusal(error), refusal: error };
}

function invalidParams(message: string): Outcome {
  return { kind: 'error', error: rpcError('invalidParams', message), refusal: null };
}

function unknownToolMessage(name: unknown, tools: readonly Tool[]): string {
  const known = tools.map((tool) => tool.name).join(', ');
  if (typeof name !== 'string') return `"name" must be the name of a tool: ${known}.`;
  return `Unknown tool: ${name.slice(0, 100)}. The tools are ${known}.`;
}
