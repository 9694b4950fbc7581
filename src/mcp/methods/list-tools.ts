import { rpcError } from '../message/json-rpc.js';
import { slicePage } from '../contract/paging.js';
import { callContext, failure, type CacheHint, type Method, type MethodContext } from '../protocol/base/method.js';
import { toolJson } from '../tool-kit/tool-json.js';
import { readCursor } from './cursor.js';

/** Lists that are the same for everyone until the server is another one. */
export const FIXED_LIST: CacheHint = { ttlMs: 3_600_000, scope: 'public' };
/** Lists of a caller's own. Short, for clients that do not listen for changes. */
export const OWN_LIST: CacheHint = { ttlMs: 10_000, scope: 'private' };

export const listTools: Method = {
  needsKey: ({ tools }) => tools.varying !== null,
  limited: true,
  answer: async (params, context) => {
    const { contract } = context.server;
    const { fixed, varying } = contract.tools;
    const forms = { withExecution: hasTaskForms(context), signsIn: context.server.signsIn === true };
    const toJson = (tool: (typeof fixed)[number]): string => toolJson(tool, forms);
    if (varying === null) {
      if (readCursor(params) !== null) {
        return failure(rpcError('invalidParams', 'Unknown cursor: the list of tools has one page.'));
      }
      return { kind: 'result', json: `{"tools":[${fixed.map(toJson).join(',')}]}`, cache: FIXED_LIST };
    }
    const cursor = readCursor(params);
    const all = await varying.list(callContext(context, await context.authenticate()));
    const page = slicePage(all, { cursor, keyOf: (tool) => tool.name });
    const listed = cursor === null ? [...fixed, ...page.items] : page.items;
    const next = page.nextCursor === null ? '' : `,"nextCursor":${JSON.stringify(page.nextCursor)}`;
    return { kind: 'result', json: `{"tools":[${listed.map(toJson).join(',')}]${next}}`, cache: OWN_LIST };
  },
};

/** `execution` belongs to the one revision that has tasks in its core. */
function hasTaskForms({ client, server }: MethodContext): boolean {
  return client.revision === '2025-11-25' && server.contract.tasks !== undefined;
}
