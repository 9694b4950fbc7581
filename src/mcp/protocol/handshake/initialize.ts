import type { Method } from '../codec.js';
import { HANDSHAKE_REVISIONS } from './revisions.js';

/** Nothing is kept of the handshake: any process answers any later request. */
export const initialize: Method = {
  opens: true,
  needsKey: false,
  answer: (params, { contract, version }) => {
    const asked = params['protocolVersion'];
    const known = HANDSHAKE_REVISIONS.find((revision) => revision === asked);
    const result = {
      protocolVersion: known ?? HANDSHAKE_REVISIONS[0],
      capabilities: { tools: {} },
      serverInfo: { name: 'errand', title: 'Errand', version },
      instructions: contract.instructions,
    };
    return { kind: 'result', json: JSON.stringify(result) };
  },
};
