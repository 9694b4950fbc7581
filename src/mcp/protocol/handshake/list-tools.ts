import type { Contract } from '../../contract.js';
import { rpcError } from '../../json-rpc.js';
import type { Method } from '../codec.js';

export const listTools: Method = {
  opens: false,
  needsKey: false,
  answer: (params, { toolListJson }) => {
    if (params['cursor'] !== undefined) {
      const message = 'Unknown cursor: the list of tools has one page.';
      return { kind: 'error', error: rpcError('invalidParams', message), refusal: null };
    }
    return { kind: 'result', json: toolListJson };
  },
};

export function makeToolListJson(contract: Contract): string {
  return JSON.stringify({
    tools: contract.tools.map((tool) => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema: tool.inputSchema,
      ...(tool.outputSchema === null ? {} : { outputSchema: tool.outputSchema }),
      annotations: { title: tool.title, readOnlyHint: !tool.mutates },
    })),
  });
}
