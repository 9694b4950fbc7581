import { rpcError } from '../../json-rpc.js';
import type { Method } from '../codec.js';

export const listTools: Method = {
  opens: false,
  needsKey: false,
  answer: (params, { toolsJson }) => {
    if (params['cursor'] !== undefined) {
      const message = 'Unknown cursor: the list of tools has one page.';
      return { kind: 'error', error: rpcError('invalidParams', message), refusal: null };
    }
    return { kind: 'result', json: `{"tools":${toolsJson}}` };
  },
};
